"""Find what a killed engine of a cluster has lost, and set it going again.

A message that an engine had taken from the broker dies with it: a task that was created and not
started stays IDLE, a join whose turn had come stays WAITING, an execution whose tasks have ended
stays RUNNING, as does a task that runs a part of a stack which has ended. Nobody can know at once
that nobody has the message; but what has not moved for a while, though it should, has been lost. So
each execution has a job of the engine's own scheduler that looks, started with the execution itself
(``vars``) and with each task that ends. (An action that an executor took with it is found out by
Mistral's heartbeats and tried again: :mod:`wfbreak.again`. The embedded engine knows all of that at
its start: ``recovery``.)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from wfbreak import again
from wfbreak.engine import behalf, belonging, jobs, restarting
from wfbreak.engine.model import RETRIED, RUN_AGAIN, has_stopped
from wfbreak.engine.waking import wake_join

_PERIOD = 10
"""Seconds between two looks at an execution that runs."""

_PERIOD_PAUSED = 60
"""Seconds between two looks at one that stands: nothing of it can be lost any more."""

_STALE = timedelta(seconds=15)
"""What has not moved for so long is lost. A start takes tenths of a second, under load some."""

_STALE_RELEASED = timedelta(seconds=60)
"""Likewise a task that a resume lets go. All else may come twice, and late; but an engine that has
only just come up (:mod:`.starting` is not in place yet) fails the whole execution if it is told to
let go of a task that has succeeded (mistral/engine/tasks.py, _run_existing). So this is sent again
only when the first is gone with its connection, which the broker gives up after a minute."""

_STALE_TRIED = timedelta(seconds=again.LAST_DELAY) + _STALE
"""Likewise a task that is tried again later, if no job of the scheduler's is about it: the
database was away when it should have been written."""

_KNOWN = 2.0
"""Seconds for which an execution that was found looked after is not asked about again: tasks that
end meanwhile need not count the database's jobs."""

_known: dict[str, float] = {}


def watch(execution: str) -> None:
    """Have an execution looked after, if it is not yet. In a transaction of the engine's."""
    now = time.monotonic()
    if now - _known.get(execution, -_KNOWN) < _KNOWN:
        return
    if jobs.schedule(heal, _PERIOD, _key(execution), execution=execution):
        return  # known only when it is in the database: this transaction may come to nothing
    for other in [each for each, then in tuple(_known.items()) if now - then > _KNOWN]:
        _known.pop(other, None)
    _known[execution] = now


def heal(execution: str) -> None:
    """Look at an execution, set going what is lost, and look again later."""
    steps: list[tuple[Callable[[str], None], str]] = []

    def look(found: Any) -> None:
        steps[:] = _look(found)  # it may be called again, when nothing came of the first time

    jobs.with_execution(execution, look)
    for step, ident in steps:
        step(ident)


def _look(execution: Any) -> list[tuple[Callable[[str], None], str]]:
    from mistral.db.v2 import api as db
    from mistral.workflow import states

    if states.is_completed(execution.state):
        return []
    is_paused = execution.state == states.PAUSED
    # Not all of its tasks: there may be thousands that are done.
    open_tasks = db.get_incomplete_task_executions(workflow_execution_id=execution.id)
    stands = is_paused and not any(_is_to_start(t) for t in open_tasks)
    period = _PERIOD_PAUSED if stands else _PERIOD
    jobs.schedule(heal, period, _key(execution.id), execution=execution.id)
    steps: list[tuple[Callable[[str], None], str]] = []
    tried = [t for t in open_tasks if _is_tried_again(t)]
    behalf.lend([t.id for t in tried if _is_nobodys(t)])
    for task in tried:
        if _is_stale(task, _STALE_TRIED) and not jobs.is_any_about(task.id):
            restarting.try_again(task)
    for task in filter(_is_stale, open_tasks):
        part = belonging.ended(task)
        if part is not None:
            if _is_stale(part):
                restarting.tell_end(part)
        elif _is_to_start(task):
            start = restarting.run_again if _is_run_again(task) else restarting.start_task
            steps.append((start, task.id))
        elif is_paused:
            continue
        elif task.state == states.IDLE:
            if _is_stale(task, _STALE_RELEASED):
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


def _is_nobodys(task: Any) -> bool:
    """Whether a try may have been scheduled in nobody's name: looking at all jobs is dear."""
    last = max(task.action_executions, key=lambda action: action.created_at, default=None)
    result = ((last.output if last else None) or {}).get("result")
    return again.read(result) in (again.Again.LOST, again.Again.NOBODY)


def _is_to_start(task: Any) -> bool:
    """Whether a task was created and neither started nor stopped."""
    from mistral.workflow import states

    return bool(task.state == states.IDLE and not has_stopped(task.state_info))


def _is_run_again(task: Any) -> bool:
    return bool(task.state_info == RUN_AGAIN)


def _is_stale(found: Any, after: timedelta = _STALE) -> bool:
    moved = found.updated_at or found.created_at
    return bool(datetime.now(UTC).replace(tzinfo=None) - moved > after)


def _key(execution: str) -> str:
    return f"wfbreak-heal-{execution}"
