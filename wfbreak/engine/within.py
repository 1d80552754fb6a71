"""What runs inside the engine's own processes, where its database and its scheduler are.

**Breakpoints that stay held while others go on.** A resume of Mistral's starts every task that
stopped. So a breakpoint that shall stay held runs an action that does not end, and the released
branches run on. Once nothing but held breakpoints is left to do, the stack must stop again, in the
same way as at first, so that whoever resumes it next (the dashboard, too) lets them go. No client
may be there to see to that, so the engine does: a job of its own scheduler, kept in its database,
looks until all has settled, makes the held tasks stopped ones again and pauses the execution. At
that moment nothing is in flight, which is when a pause is safe.

**An execution that hangs.** Whoever pauses one while its tasks are in flight, by hand say, makes
Mistral lose joins: one whose inbound tasks end during the pause waits for ever after the resume;
one that ran during the pause is put back to waiting though it has its result (tests/engine). Both
are mended by what Mistral itself does in an undisturbed run: the first is looked at again, the
second is given the result that it has, so that nothing runs twice.
"""

from __future__ import annotations

from typing import Any

from wfbreak import live
from wfbreak.engine import jobs
from wfbreak.engine.model import STOPPED

_PERIOD = 1
"""Seconds between two looks; Mistral's scheduler takes whole seconds."""


def wfbreak_holds(context: Any, breakpoint_: Any) -> bool:
    """Whether the breakpoint stays held: for its task's input, when the stack is resumed."""
    held = live.holds(context["__env"], str(breakpoint_))
    if held:
        _schedule(context["__execution"]["id"])
    return held


def wfbreak_wake(context: Any, execution: Any) -> list[str]:  # noqa: ARG001  # the engine's way
    """Get the joins of a hanging execution going; their names. Those that have run keep their
    results. Only executions that the caller may see: Mistral's database goes by projects."""
    from mistral.db.v2 import api as db
    from mistral.engine import post_tx_queue, workflow_handler
    from mistral.workflow import states

    found = db.get_workflow_execution(str(execution))
    if found.state != states.RUNNING:
        return []
    waiting = [task for task in found.task_executions if task.state == states.WAITING]
    # First those that have run: the others may wait for them.
    waiting.sort(key=_has_run, reverse=True)
    woken = [task.name for task in waiting if _wake(task)]
    complete = workflow_handler.check_and_complete
    post_tx_queue.register_operation(complete, args=[found.id], in_tx=True)
    return sorted(woken)


def _has_run(task: Any) -> bool:
    return bool(task.action_executions)


def _wake(task: Any) -> bool:
    from mistral.engine import post_tx_queue, task_handler
    from mistral.workflow import states

    actions = [action for action in task.action_executions if action.accepted]
    if not actions:
        if any(not states.is_completed(action.state) for action in task.action_executions):
            return False
        refresh = task_handler._schedule_refresh_task_state
        post_tx_queue.register_operation(refresh, args=[task.id], in_tx=True)
    elif task.processed:
        # What comes after it was started at the resume.
        task.state, task.state_info = actions[-1].state, None
    else:
        task_handler.schedule_on_action_complete(actions[-1])
    return True


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
    env = (execution.params or {}).get("env")
    held = [
        task
        for task in execution.task_executions
        if task.state == states.RUNNING and live.holds(env, task.name)
    ]
    if not held:
        return
    # Whoever paused it by hand meanwhile shall find them stopped, not running.
    if execution.state != states.PAUSED and not _is_settled(execution, held):
        _schedule(execution.id)
        return
    for task in held:
        _stop_again(task)
    names = sorted(task.name for task in held)
    said = {**live.state(env), live.HELD: {}}
    execution.params = {**execution.params, "env": {**(env or {}), live.KEY: said}}
    workflow_handler.pause_workflow(execution, f"still stopped at {', '.join(names)}")


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
    task.state_info = STOPPED
