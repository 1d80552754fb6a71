"""A task that somebody runs again is open from that moment on.

Mistral 23 sets the execution RUNNING and sends its engine a message that the task is to start;
until one takes it, the task still is in ERROR (mistral/engine/workflows.py, rerun). If the last
other task ends meanwhile, all has ended and something has failed: the execution is in ERROR, what
was run again starts all the same, and when it has succeeded nobody looks at the execution any more.
It is in ERROR for good, with nothing in it that could be run again. A retry of two tasks, one after
the other, is enough. And the message of an engine that is killed takes the wish with it.

Here the task is IDLE, and says why, in the transaction that sets the execution RUNNING. Whoever
looks for what was lost (:mod:`.healing`, :mod:`.recovery`) knows it by that, and starts it.

Of two engines one may yet have seen the task in ERROR, and have ended the execution when the other
starts it: then that sets it RUNNING again.
"""

from __future__ import annotations

import functools
from typing import Any

from wfbreak import tags
from wfbreak.engine import healing
from wfbreak.engine.model import RUN_AGAIN

_FAILED = ("ERROR", "CANCELLED")
"""The states of what can be run again (mistral/workflow/states.py)."""


@functools.cache
def install() -> None:
    """Have this process's engine do so."""
    from mistral.engine import tasks, workflows

    workflows.Workflow.rerun = functools.partialmethod(_rerun, workflows.Workflow.rerun)
    tasks.RegularTask._run_existing = functools.partialmethod(
        _run_existing, tasks.RegularTask._run_existing
    )


def _rerun(workflow: Any, rerun: Any, task: Any, *args: Any, **said: Any) -> None:
    from mistral.workflow import states

    rerun(workflow, task, *args, **said)
    found = task.task_ex
    # Mistral itself has passed over a task that is skipped, and runs nothing while PAUSED.
    if workflow.wf_ex.state == states.RUNNING and found.state in _FAILED:
        found.state, found.state_info, found.processed = states.IDLE, RUN_AGAIN, False
        if tags.STACK in (workflow.wf_ex.tags or ()):
            healing.watch(workflow.wf_ex.id)  # that of an execution that ends, ends with it


def _run_existing(task: Any, run_existing: Any) -> None:
    from mistral.engine import workflows
    from mistral.workflow import states

    if task.rerun and task.task_ex.state not in (states.IDLE, *_FAILED):
        return  # the message has come twice: it was lost, and was not
    if task.rerun and task.wf_ex.state == states.ERROR:
        workflows.Workflow(wf_ex=task.wf_ex).set_state(states.RUNNING)
    run_existing(task)
