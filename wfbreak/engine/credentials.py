"""An execution's application credential goes with the execution, whoever ends it.

Mistral tells nobody that an execution has ended, was cancelled or was deleted. So a job of its
scheduler looks about once a minute, and has an executor, which has the key, delete the application
credential (``wfbreak.delete_credential``), again and again until it is gone or has expired. In
ERROR the execution keeps it: whoever runs the failed task again, or skips it, goes on with it.

The job carries what it needs (the execution may be gone) and no token: it would lie in the
scheduler's table for as long as the execution lasts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from wfbreak import options
from wfbreak.engine import jobs

_PERIOD = 60
"""Seconds between two looks at the execution, and between two tries to delete."""

_SOON = 5
"""Seconds after which an executor may be done."""

_PATIENCE = 120.0
"""Seconds for an executor to be done; the message to it may be lost."""

_ACTION = "wfbreak.delete_credential"


def wfbreak_credential(context: Any, result: Any) -> bool:
    """See to it that an application credential ends with the execution: for ``publish`` of the
    task that made it, with its ``result``. Whether there is one."""
    if not isinstance(result, Mapping) or not result.get("credential"):
        return False
    from mistral.db.v2 import api as db

    found = db.get_workflow_execution(context["__execution"]["id"])
    # An engine without Keystone has one project for all, which is none of Keystone's.
    with _without_token(found.project_id if options.has_keystone() else None):
        _schedule(
            _PERIOD,
            execution=found.id,
            credential={str(key): str(text) for key, text in result["credential"].items()},
            expires_at=result.get("expires_at"),
            began=str(found.created_at),
        )
    return True


@contextmanager
def _without_token(project: str | None) -> Iterator[None]:
    """Have what is scheduled meanwhile done in the name of a project."""
    from mistral import context

    before = context.ctx()
    context.set_ctx(
        context.MistralContext(
            project_id=project,
            is_admin=True,
            auth_token=None,
            auth_cacert=before.auth_cacert,
            region_name=before.region_name,
        )
    )
    try:
        yield
    finally:
        context.set_ctx(before)


def _schedule(seconds: int, **said: Any) -> None:
    text = "".join(said["credential"].values())
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    key = f"wfbreak-credential-{said['execution']}-{digest}"
    jobs.schedule(look, seconds, key, **said)


def look(
    execution: str,
    credential: Mapping[str, str],
    expires_at: str | None = None,
    began: str | None = None,
    deletion: str | None = None,
) -> None:
    """Delete the credential if the execution is over; else, or if that fails, look again.

    One that began at another time has only taken the id of the one that was deleted (Mistral lets
    callers choose ids). ``deletion`` is the action execution that is at it.
    """
    from mistral.db.v2 import api as db
    from mistral.engine import post_tx_queue

    said = {
        "execution": execution,
        "credential": dict(credential),
        "expires_at": expires_at,
        "began": began,
    }

    @post_tx_queue.run  # type: ignore[untyped-decorator]
    def run() -> None:
        with db.transaction():
            if deletion is None:
                _look(said)
            else:
                _look_at(deletion, said)

    run()


def _look(said: Mapping[str, Any]) -> None:
    from mistral.db.v2 import api as db
    from mistral.workflow import states

    if _is_past(said["expires_at"]):
        return
    found = db.load_workflow_execution(said["execution"])
    is_other = found is not None and str(found.created_at) != said["began"]
    if found is None or is_other or found.state in (states.SUCCESS, states.CANCELLED):
        _schedule(_SOON, **said, deletion=_delete(said))
    else:
        _schedule(_PERIOD, **said)


def _look_at(deletion: str, said: Mapping[str, Any]) -> None:
    from mistral.db.v2 import api as db
    from mistral.workflow import states

    action = db.load_action_execution(deletion)
    if action is not None and not states.is_completed(action.state):
        age = datetime.now(UTC).replace(tzinfo=None) - action.created_at
        if age.total_seconds() < _PATIENCE:
            _schedule(_SOON, **said, deletion=deletion)
            return
    done = action is not None and action.state == states.SUCCESS
    if action is not None:
        # It belongs to no workflow, and nobody would ever clear it away.
        db.delete_action_execution(deletion)
    if not done:
        _schedule(_PERIOD, **said)


def _delete(said: Mapping[str, Any]) -> str:
    """Send the action to an executor; its id."""
    from mistral.engine import action_handler

    action = action_handler.build_action_by_name(_ACTION)
    inputs = {name: said[name] for name in ("execution", "credential")}
    what = f"The execution {said['execution']} is over: its application credential deletes itself."
    action.schedule(inputs, None, desc=what, safe_rerun=True)
    return str(action.action_ex.id)


def _is_past(time: str | None) -> bool:
    return time is not None and datetime.fromisoformat(time).replace(tzinfo=UTC) < datetime.now(UTC)
