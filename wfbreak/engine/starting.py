"""A start counts once, and what comes late does not count.

Mistral's engines send each other the starts of tasks: for the first time, as a resume does with
what has stopped, or because somebody runs a task again. A broker that dies may bring such a message
twice, a link that is cut brings it late, and what looks after an execution sends it again. Mistral
23 only looks, when it starts a task for the first time, whether that is IDLE (mistral/engine/
tasks.py, _run_new), as one that has stopped is, too. So the first start of a breakpoint that comes
once more after a resume pauses the stack once more, in the middle of its run and at no breakpoint;
and one that comes a second time to a task that a resume lets go runs it twice, or fails the whole
execution, if it has succeeded (_run_existing).

Here a task is started only from the state that the start is for; and a resume lets go, in its own
transaction, of what has not been started yet: its first start, which is still to come, is none.

What an engine is told first of all after its own start comes before this is in place
(:mod:`.provider`).
"""

from __future__ import annotations

import functools
from typing import Any

from wfbreak.engine.locking import lock
from wfbreak.engine.model import STOPPED, has_stopped

_IDLE = "IDLE"

_FAILED = ("ERROR", "CANCELLED")
"""The states of what can be run again (mistral/workflow/states.py)."""


@functools.cache
def install() -> None:
    """Have this process's engine do so."""
    from mistral.engine import task_handler, workflows

    task_handler.run_task = functools.partial(_run_task, task_handler.run_task)
    workflows.Workflow.resume = functools.partialmethod(_resume, workflows.Workflow.resume)


def _run_task(
    run_task: Any,
    ident: str,
    waiting: bool,
    triggered_by: Any,
    rerun: bool,
    reset: bool,
    first_run: bool = False,
) -> None:
    from mistral.db.v2 import api as db

    task = db.get_task_execution(ident)
    if not first_run or "pause-before" in (task.spec or {}):
        lock(task)
    if _is_for(task, rerun, first_run):
        run_task(ident, waiting, triggered_by, rerun, reset, first_run)


def _is_for(task: Any, rerun: bool, first_run: bool) -> bool:
    """Whether the start is for a task that is as this one."""
    if rerun:
        return task.state in (_IDLE, *_FAILED)
    if task.state != _IDLE:
        return False
    return not (first_run and has_stopped(task.state_info))


def _resume(workflow: Any, resume: Any, *args: Any, **said: Any) -> None:
    from mistral.db.v2 import api as db

    for task in db.get_task_executions(workflow_execution_id=workflow.wf_ex.id, state=_IDLE):
        if not has_stopped(task.state_info):
            task.state_info = STOPPED
    resume(workflow, *args, **said)
