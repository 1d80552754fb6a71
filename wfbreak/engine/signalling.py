"""What the engine knows of signals and times, for the tasks that wait.

A task that waits is tried again until its time has come or its signals are there. Both are read
anew at each try, for the input of its action: when it was tried first, from the actions that the
engine has kept of it; the signals from the execution's env. A machine signals by an execution of a
workflow of one task (``workflows/signal.yaml``), which puts the signal there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from wfbreak import live, signals
from wfbreak.engine import retrying
from wfbreak.engine.amending import wfbreak_amend
from wfbreak.engine.client import EngineClient
from wfbreak.resources import data_file

_NAME: Final = "wfbreak_signal"

ASKED: Final = "<% wfbreak_signal_workflow() %>"
"""In the document of a stack whose machines signal."""


def wfbreak_since(context: Any) -> str:
    """When the task at hand was first tried (ISO 8601, UTC); now, if this is the first time.

    Whoever runs a failed task again begins anew: so it is the first of the tries that the retry
    policy has counted. (A task's own times do not tell: a join is there before its turn comes.)
    """
    from mistral.db.v2 import api as db

    task = db.get_task_execution(context["__task_execution"]["id"])
    tries = retrying.tries(task)
    made = sorted(action.created_at for action in task.action_executions)
    if not tries or not made:
        return datetime.now(UTC).isoformat()
    # The database has no parts of seconds: what shall take so long takes no less.
    began = made[-min(tries, len(made))] + timedelta(seconds=1)
    return str(began.replace(tzinfo=UTC).isoformat())


def wfbreak_signals(context: Any) -> Mapping[str, Any]:
    """The signals that have come to the execution, by handles."""
    return signals.sent(context["__env"])


def wfbreak_signal(context: Any, execution: Any, handle: Any, signal: Any) -> str:
    """Bring a signal to a handle, by its reference, of an execution that the caller may see.

    :raises SignalError: if it is no signal, or the execution has ended.
    """
    from mistral import context as contexts

    parsed = signals.parse(_plain(signal))
    sent = signals.sending(str(handle), parsed)
    caller = getattr(contexts.ctx(), "user_name", None) if contexts.has_ctx() else None
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    record = {
        "event": "signal",
        "who": f"{caller or 'somebody'} (over HTTP)",
        "handle": str(handle),
        "status": parsed.status.value,
    }
    sent[live.KEY][live.AUDIT] = {now: record | ({"why": parsed.reason} if parsed.reason else {})}
    if not wfbreak_amend(context, execution, json.dumps(sent)):
        raise signals.SignalError(f"the execution {execution} has ended")
    return parsed.status.value


def wfbreak_signal_workflow(context: Any) -> str:  # noqa: ARG001  # the engine's
    """The id of the workflow by which machines signal; it is made known if it is not."""
    from mistral.db.v2 import api as db
    from mistral.services import workflows

    document, namespace = _document()
    found = db.load_workflow_definition(_NAME, namespace)
    if found is None:
        found = workflows.create_workflows(document, run_in_tx=False, namespace=namespace)[0]
    return str(found.id)


def upload(client: EngineClient) -> None:
    """Make the workflow known by which machines signal, before a stack starts: two of its tasks
    that do so at the same time would be in each other's way."""
    client.upload(*_document())


def _document() -> tuple[str, str]:
    document = data_file("workflows", "signal.yaml").read_text("utf-8")
    return document, f"wfbreak-{hashlib.sha256(document.encode()).hexdigest()[:12]}"


def _plain(value: Any) -> Any:
    """Plain data of what YAQL hands over."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
