"""Breakpoints that stay held while others go on.

A resume of Mistral's starts every task that stopped. So a breakpoint that shall stay held runs an
action that does not end, and the released branches run on. So does one that stops the stack where
another of its stop does not, being disarmed or under a condition that does not hold. Once nothing
but held breakpoints is left to do, the stack must stop, in the same way as where all of them stop,
so that whoever resumes it next (the dashboard, too) lets them go. No client may be there to see to
that, so the engine does: a job of its own looks until all has settled, makes the held tasks stopped
ones and pauses the execution. At that moment nothing is in flight, which is when a pause is safe.
"""

from __future__ import annotations

from typing import Any

from wfbreak import live, wording
from wfbreak.engine import jobs, telling

_PERIOD = 1
"""Seconds between two looks; Mistral's scheduler takes whole seconds."""


def wfbreak_holds(context: Any, breakpoint_: Any, stops: Any, count: Any) -> bool:
    """Whether the breakpoint is held: for its task's input, when the stack comes there or is
    resumed. ``stops`` are those of the ``count`` breakpoints of its stop that stop the stack."""
    names = list(stops)
    apart = breakpoint_ in names and len(names) < int(count)
    held = live.holds(context["__env"], str(breakpoint_), default=apart)
    if held:
        _schedule(context["__execution"]["id"])
    return held


def _schedule(execution: str) -> None:
    jobs.schedule(settle, _PERIOD, f"wfbreak-settle-{execution}", execution=execution)


def settle(execution: str) -> None:
    """Stop the execution again once only held breakpoints are left; until then, look again."""
    jobs.with_execution(execution, _look)


def _look(execution: Any) -> None:
    from mistral.engine import workflow_handler
    from mistral.workflow import states

    if states.is_completed(execution.state):
        return
    places = {
        task: place
        for task in execution.task_executions
        if task.state == states.RUNNING and (place := _held_at(task))
    }
    held = sorted(places, key=lambda task: str(task.name))
    if not held:
        return
    # Whoever paused it by hand meanwhile shall find them stopped, not running.
    if execution.state != states.PAUSED and not _is_settled(execution, held):
        _schedule(execution.id)
        return
    for task in held:
        _stop_again(task)
    names = [task.name for task in held]
    env = (execution.params or {}).get("env") or {}
    entry = {"event": live.STOPPED, "at": names}
    said = {
        **live.state(env),
        # Whoever resumes it next lets them go, unless they say otherwise.
        live.HELD: dict.fromkeys(names, False),
        live.AUDIT: {**live.part(env, live.AUDIT), **live.recorded(entry)[live.AUDIT]},
    }
    execution.params = {**(execution.params or {}), "env": {**env, live.KEY: said}}
    where = wording.STOPPED + "; ".join(places[task] for task in held)
    workflow_handler.pause_workflow(execution, telling.stopped(execution, where, names))


def _held_at(task: Any) -> str | None:
    """Where a held breakpoint stands, in words; ``None`` for any other task."""
    inputs = next((action.input or {} for action in task.action_executions), {})
    if not inputs.get("held"):
        return None
    return wording.place(inputs["resource"], inputs["hook"], inputs.get("message"))


def _is_settled(execution: Any, held: list[Any]) -> bool:
    """Whether nothing but the held tasks is in flight or about to be."""
    from mistral.workflow import base, states

    controller = base.get_controller(execution)
    ids = {task.id for task in held}
    for task in execution.task_executions:
        if task.id in ids:
            continue
        if states.is_completed(task.state):
            if not task.processed:
                return False
            continue
        if task.state != states.WAITING:
            return False
        # A join whose turn has come is started a moment later.
        if controller.get_logical_task_state(task).state != states.WAITING:
            return False
    return True


def _stop_again(task: Any) -> None:
    """Make a held task what ``pause-before`` makes of it."""
    from mistral.db.v2 import api as db
    from mistral.workflow import states

    for action in list(task.action_executions):
        db.delete_action_execution(action.id)
    task.state = states.IDLE
    task.state_info = telling.task_words(task)
