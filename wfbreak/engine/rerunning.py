"""A task that somebody runs again is open from that moment on.

Mistral 23 sets the execution RUNNING and sends its engine a message that the task is to start;
until one takes it, the task still is in ERROR (mistral/engine/workflows.py, rerun). If the last
other task ends meanwhile, all has ended and something has failed: the execution is in ERROR, what
was run again starts all the same, and when it has succeeded nobody looks at the execution any more.
It is in ERROR for good, with nothing in it that could be run again. A retry of two tasks, one after
the other, is enough. And the message of an engine that is killed takes the wish with it.

So of several tasks that are run again, or skipped, one after the other: the execution may end
between two of them, and a join that waits for both is given up if the second still has failed when
it looks.

Here the task is IDLE, and says why, in the transaction that sets the execution RUNNING. Whoever
looks for what was lost (:mod:`.healing`, :mod:`.recovery`) knows it by that, and starts it. What is
to be run again or skipped with it (:data:`wfbreak.live.AT_ONCE`) is so in the same transaction.

Of two engines one may yet have seen the task in ERROR, and have ended the execution when the other
starts it: then that sets it RUNNING again.
"""

from __future__ import annotations

import functools
from typing import Any

from wfbreak import live, tags
from wfbreak.engine import belonging, healing
from wfbreak.engine.model import RUN_AGAIN


@functools.cache
def install() -> None:
    """Have this process's engine do so."""
    from mistral.engine import tasks, workflows

    workflows.Workflow.rerun = functools.partialmethod(_rerun, workflows.Workflow.rerun)
    workflows.Workflow._recursive_rerun = functools.partialmethod(
        _recursive_rerun, workflows.Workflow._recursive_rerun
    )
    tasks.RegularTask._run_existing = functools.partialmethod(
        _run_existing, tasks.RegularTask._run_existing
    )


def _rerun(
    workflow: Any, rerun: Any, task: Any, reset: bool = True, skip: bool = False, env: Any = None
) -> None:
    from mistral.db.v2 import api as db
    from mistral.db.v2.sqlalchemy import models
    from mistral.engine import task_handler, workflows
    from mistral.services import workflows as env_services
    from mistral.workflow import states

    stack = belonging.stack_of(workflow.wf_ex)
    if stack is not workflow.wf_ex:
        stack = db.acquire_lock(models.WorkflowExecution, stack.id)
        # What is decided stands in the stack's env, not in that of its part.
        env_services.update_workflow_execution_env(stack, env)
    rerun(workflow, task, reset=reset, skip=skip, env=env if stack is workflow.wf_ex else None)
    tasks = [task]
    if names := set(live.at_once(env)):
        for found in belonging.tasks_of(stack, state=states.ERROR):
            if found.name in names and found.id != task.task_ex.id:
                other = workflows.Workflow(wf_ex=found.workflow_execution)
                tasks.append(task_handler.build_task_from_execution(other.wf_spec, found))
                rerun(other, tasks[-1], reset=reset, skip=skip)
        said = {**live.state(stack.params["env"]), live.AT_ONCE: []}
        stack.params = {**stack.params, "env": {**stack.params["env"], live.KEY: said}}
    for each in tasks:
        _open(each.task_ex)


def _recursive_rerun(workflow: Any, recursive: Any) -> None:
    """Of a part: without a lock of the stack's execution for each, which SQLite's would wait for
    in vain: here several are run again in one transaction, which has it."""
    from mistral.engine import task_handler, workflows
    from mistral.workflow import states

    part = workflow.wf_ex
    stack = belonging.stack_of(part)
    if stack is part:
        recursive(workflow)
        return
    workflow.set_state(states.RUNNING)
    whole = workflows.Workflow(wf_ex=stack)
    whole.set_state(states.RUNNING)
    task_handler.mark_task_running(part.task_execution, whole.wf_spec)


def _open(task: Any) -> None:
    from mistral.workflow import states

    execution = task.workflow_execution
    # Mistral itself has passed over a task that is skipped, and runs nothing while PAUSED.
    if execution.state == states.RUNNING and task.state in (states.ERROR, states.CANCELLED):
        task.state, task.state_info, task.processed = states.IDLE, RUN_AGAIN, False
    stack = belonging.stack_of(execution)
    if tags.STACK in (stack.tags or ()):
        # That of an execution that ends, ends with it.
        for ident in {execution.id, stack.id}:
            healing.watch(ident)


def _run_existing(task: Any, run_existing: Any) -> None:
    from mistral.engine import workflows
    from mistral.workflow import states

    if task.rerun and states.ERROR in (task.wf_ex.state, belonging.stack_of(task.wf_ex).state):
        workflows.Workflow(wf_ex=task.wf_ex)._recursive_rerun()
    run_existing(task)
