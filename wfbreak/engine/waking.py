"""Get an execution going that hangs after a pause in its middle.

Whoever pauses an execution while its tasks are in flight, by hand say, makes Mistral lose joins:
one whose inbound tasks end during the pause waits for ever after the resume; one that ran during
the pause is put back to waiting though it has its result (tests/engine). Both are mended by what
Mistral itself does in an undisturbed run: the first is looked at again, the second is given the
result that it has, so that nothing runs twice. Only the engine itself can do that, so it is asked
by a workflow of one task (``workflows/wake.yaml``).
"""

from __future__ import annotations

from typing import Any

from wfbreak.engine import belonging
from wfbreak.engine.asking import ask
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution


def wake(client: EngineClient, execution: Execution) -> list[str]:
    """Have the engine get an execution going that hangs; the names of the joins.

    :raises EngineRefused: if it cannot, as an engine without wfbreak's functions.
    """
    return list(ask(client, "wake", {"execution": execution.id})["woken"])


def wfbreak_wake(context: Any, execution: Any) -> list[str]:  # noqa: ARG001  # the engine's way
    """Get the joins of a hanging execution going; their names. Those that have run keep their
    results. Only executions that the caller may see: Mistral's database goes by projects."""
    from mistral.db.v2 import api as db
    from mistral.engine import post_tx_queue, workflow_handler
    from mistral.workflow import states

    found = db.get_workflow_execution(str(execution))
    if found.state != states.RUNNING:
        return []
    waiting = belonging.tasks_of(found, state=states.WAITING)
    # First those that have run: the others may wait for them.
    waiting.sort(key=_has_run, reverse=True)
    woken = [task.name for task in waiting if wake_join(task)]
    complete = workflow_handler.check_and_complete
    for each in (found, *belonging.parts_of(found, "id")):
        post_tx_queue.register_operation(complete, args=[each.id], in_tx=True)
    return sorted(woken)


def _has_run(task: Any) -> bool:
    return bool(task.action_executions)


def wake_join(task: Any) -> bool:
    """Get a waiting join going whose turn has come; whether it could be. In a transaction."""
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
