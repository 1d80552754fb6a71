"""Have Mistral say of a stopped stack what its auditors ask, wherever they look.

Mistral says of a pause what the workflow's command says, and of a task that stopped which policy
did it. Here the first is computed when the stack stops, of what the database has at that moment
(:mod:`wfbreak.standing`); to the second a breakpoint's own words are added.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from wfbreak import tags
from wfbreak.course import BREAKPOINT
from wfbreak.engine import belonging
from wfbreak.engine.model import STOPPED, has_stopped
from wfbreak.standing import Standing, breakpoint_words, since_of
from wfbreak.wording import headline

_LOG = logging.getLogger(__name__)

_STEPS = tags.of("step")
"""The tag of a workflow that goes by steps."""


def wfbreak_stopped(context: Any, said: Any, stops: Any) -> str:
    """The ``state_info`` of a stack that stops at the breakpoints ``stops``; ``said`` is its first
    line. Part of the engine's command to pause, which is computed only if it does."""
    from mistral.db.v2 import api as db

    execution = db.get_workflow_execution(context["__execution"]["id"])
    return stopped(execution, str(said), [str(name) for name in stops])


def stopped(execution: Any, said: str, stops: Iterable[str], since: datetime | None = None) -> str:
    """The same for an execution as the engine has it, in a transaction; now unless told."""
    try:
        return _words(execution, said, sorted(stops), since or datetime.now(UTC))
    except Exception:
        # A stack must not fail because of what is said of it.
        _LOG.exception("nothing more can be said of the stop of %s", execution.id)
        return said


def tell_again(execution: Any) -> None:
    """Have an execution that stands say what holds now that its env has changed."""
    from mistral.db.v2 import api as db
    from mistral.workflow import states

    told = execution.state_info or ""
    if execution.state != states.PAUSED or (since := since_of(told)) is None:
        return
    idle = db.get_task_executions(workflow_execution_id=execution.id, state=states.IDLE)
    stops = [task.name for task in idle if has_stopped(task.state_info)]
    execution.state_info = stopped(execution, headline(told), stops, since)


def _words(execution: Any, said: str, stops: list[str], since: datetime) -> str:
    from mistral.workflow import states

    found = belonging.tasks_of(execution, fields=("id", "name", "state"))
    standing = Standing(
        belonging.specification_of(execution)["tasks"],
        frozenset(t.name for t in found if t.state in (states.SUCCESS, states.SKIPPED)),
        frozenset(t.name for t in found if t.state == states.ERROR),
        stops,
        (execution.params or {}).get("env") or {},
        since,
        _STEPS in (execution.tags or ()),
        functools.partial(_as_written, execution.input),
    )
    wanted = set(standing.listed())
    return standing.words(said, _ids({t.id: t.name for t in found if t.name in wanted}))


def _ids(tasks: Mapping[str, str]) -> dict[str, Any]:
    """What each of these tasks, names by ids, has made."""
    from mistral.db.v2 import api as db

    fields = ("task_execution_id", "accepted", "output")
    actions = db.get_action_executions(task_execution_id={"in": list(tasks)}, fields=fields)
    return {
        tasks[action.task_execution_id]: result.get("ref")
        for action in actions
        if action.accepted and isinstance(result := (action.output or {}).get("result"), Mapping)
    }


def _as_written(inputs: Any, value: Any) -> Any:
    """A text of a document, which may fetch it from an input of the workflow's."""
    from mistral import expressions

    return expressions.evaluate(value, dict(inputs or {})) if isinstance(value, str) else value


@functools.cache
def install() -> None:
    """Have this process's engine say of a breakpoint's task its own words, where Mistral says that
    it stopped."""
    from mistral.engine.policies import PauseBeforePolicy

    before = PauseBeforePolicy.before_task_start

    def before_task_start(policy: Any, task: Any) -> None:
        before(policy, task)
        if task.task_ex.state_info == STOPPED:
            task.task_ex.state_info = task_words(task.task_ex)

    PauseBeforePolicy.before_task_start = before_task_start


def task_words(task: Any) -> str:
    """The ``state_info`` of a task that stopped; a breakpoint's has its own words."""
    if (task.spec or {}).get("action") != BREAKPOINT:
        return STOPPED
    read = functools.partial(_as_written, task.workflow_execution.input)
    return f"{STOPPED}: {breakpoint_words(task.spec['input'], read)}"
