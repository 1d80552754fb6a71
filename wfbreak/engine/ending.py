"""An action ends once, and a task by one of its actions, whichever engine hears of it.

On a cluster several engines may hear of one end: an executor's result comes to one while another
takes the action for lost; two miss the same heartbeat; a task was started twice, since a broker or
a database was away, and each of its actions ends. Mistral 23 reads, decides and writes without a
lock (mistral/engine/action_handler.py, on_action_complete). So a result that has been handed on is
overwritten by ``Heartbeat wasn't received.``, or the task has a list of two results, and every
expression that reads it fails, the whole execution with it. And what was scheduled twice to try a
task again fails the execution if the task has succeeded meanwhile (mistral/engine/tasks.py,
_run_existing).

Here a task's row is locked before one of its actions ends and before it is tried again, and all is
read anew behind the lock. The first end counts. wfbreak's actions may run twice, and give the same.
"""

from __future__ import annotations

import functools
from typing import Any

from wfbreak.engine.locking import lock


@functools.cache
def install() -> None:
    """Have this process's engine do so."""
    from mistral.engine import actions, task_handler

    actions.RegularAction.complete = functools.partialmethod(
        _complete, actions.RegularAction.complete
    )
    task_handler.continue_task = functools.partial(_continue_task, task_handler.continue_task)


def _complete(action: Any, complete: Any, result: Any) -> None:
    """Mistral's own refuses an action that has ended (ValueError): also one that has only now."""
    from mistral.workflow import states

    task = action.task_ex
    if task is None:
        complete(action, result)
        return
    lock(task, action.action_ex)
    is_late = states.is_completed(task.state)
    complete(action, result)
    if is_late:
        action.action_ex.accepted = False


def _continue_task(continue_task: Any, task: Any) -> None:
    """Of a join Mistral itself takes care that it is continued once (_refresh_task_state)."""
    from mistral.workflow import states

    if task is None:
        return
    if task.state == states.WAITING:
        continue_task(task)
        return
    lock(task)
    if task.state == states.RUNNING_DELAYED:
        continue_task(task)
