"""Find what a killed engine of a cluster has lost, and set it going again.

A message that an engine had taken from the broker dies with it: a task that was created and not
started stays IDLE, a join whose turn had come stays WAITING, an execution whose tasks have ended
stays RUNNING. Nobody can know at once that nobody has the message; but what has not moved for a
while, though it should, has been lost. So each execution has a job of the engine's own scheduler
that looks, started with the execution itself (``vars``) and with each task that ends. (An action
that an executor took with it is found out by Mistral's heartbeats and tried again:
:mod:`wfbreak.again`. The embedded engine knows all of that at its start: ``recovery``.)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from wfbreak.engine import behalf, jobs, restarting
from wfbreak.engine.model import RETRIED, STOPPED
from wfbreak.engine.waking import wake_join

_PERIOD = 10
"""Seconds between two looks at an execution that runs."""

_PERIOD_PAUSED = 60
"""Seconds between two looks at one that is paused: only its last starts can have been lost."""

_STALE = timedelta(seconds=15)
"""What has not moved for so long is lost. A start takes tenths of a second, under load some."""


def watch(execution: str) -> None:
    """Have an execution looked after, if it is not yet. In a transaction of the engine's."""
    jobs.schedule(heal, _PERIOD, _key(execution), execution=execution)


def heal(execution: str) -> None:
    """Look at an execution, set going what is lost, and look again later."""
    steps: list[tuple[Callable[[str], None], str]] = []
    jobs.with_execution(execution, lambda found: steps.extend(_look(found)))
    for step, ident in steps:
        step(ident)


def _look(execution: Any) -> list[tuple[Callable[[str], None], str]]:
    from mistral.workflow import states

    if states.is_completed(execution.state):
        return []
    is_paused = execution.state == states.PAUSED
    period = _PERIOD_PAUSED if is_paused else _PERIOD
    jobs.schedule(heal, period, _key(execution.id), execution=execution.id)
    steps: list[tuple[Callable[[str], None], str]] = []
    open_tasks = [t for t in execution.task_executions if not states.is_completed(t.state)]
    behalf.lend([t.id for t in open_tasks if _is_tried_again(t)])
    for task in filter(_is_stale, open_tasks):
        if task.state == states.IDLE and task.state_info != STOPPED:
            steps.append((restarting.start_task, task.id))
        elif is_paused:
            continue
        elif task.state == states.IDLE:
            steps.append((restarting.let_go, task.id))
        elif task.state == states.WAITING and _is_due(execution, task):
            wake_join(task)
    if not open_tasks and not is_paused and _is_stale(execution):
        steps.append((restarting.complete, execution.id))
    return steps


def _is_due(execution: Any, task: Any) -> bool:
    """Whether a waiting join's turn has come, and it is not one that is tried again later."""
    from mistral.workflow import base, states

    if _is_tried_again(task):
        return False
    logical = base.get_controller(execution).get_logical_task_state(task)
    return bool(logical.state != states.WAITING)


def _is_tried_again(task: Any) -> bool:
    return (task.state_info or "").startswith(RETRIED)


def _is_stale(found: Any) -> bool:
    moved = found.updated_at or found.created_at
    return bool(datetime.now(UTC).replace(tzinfo=None) - moved > _STALE)


def _key(execution: str) -> str:
    return f"wfbreak-heal-{execution}"
