"""Sub-workflows that are a stack's parts are run as the stack's own tasks would be.

What is decided stands in the stack's env, what is sealed and what is made is the stack's: so
actions of a part are told the stack's id, and get their defaults from the stack's env. A part
stands, goes on and ends with its stack alone, and nobody is told of it but the stack.

Mistral lets whoever starts an execution say of which other it is a part, unchecked (the ``params``
of ``POST /v2/executions``). A caller could have actions believe that they belong to another's
stack. So an engine takes from a request neither a parent nor a root: it knows them itself, when a
task of the stack starts the part. (With ``[engine] start_subworkflows_via_rpc`` engines tell each
other in such requests; there no stack in parts is begun: :mod:`.succession`.)
"""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any

from wfbreak.engine import belonging

_FROM_OUTSIDE = ("root_execution_id", "task_execution_id")


@functools.cache
def install() -> None:
    """Have this process's engine do so."""
    from mistral.engine import (
        actions,
        default_engine,
        task_handler,
        tasks,
        workflow_handler,
        workflows,
    )

    engine = default_engine.DefaultEngine
    engine.start_workflow = functools.partialmethod(_start_workflow, engine.start_workflow)
    actions.Action._prepare_execution_context = functools.partialmethod(
        _context, actions.Action._prepare_execution_context
    )
    tasks.Task._get_action_defaults = functools.partialmethod(
        _defaults, tasks.Task._get_action_defaults
    )
    task_handler.schedule_on_action_update = functools.partial(
        _update, task_handler.schedule_on_action_update
    )
    workflows.Workflow._send_result_to_parent_workflow = functools.partialmethod(
        _send_result, workflows.Workflow._send_result_to_parent_workflow
    )
    workflow_handler.stop_workflow = functools.partial(_stop, workflow_handler.stop_workflow)
    workflows.Workflow._notify = functools.partialmethod(_notify, workflows.Workflow._notify)


def _start_workflow(engine: Any, start: Any, *args: Any, **params: Any) -> Any:
    if not belonging.is_told_by_requests():
        params = {key: value for key, value in params.items() if key not in _FROM_OUTSIDE}
    return start(engine, *args, **params)


def _context(action: Any, context: Any) -> Any:
    found = context(action)
    if action.task_ex:
        found["workflow_execution_id"] = belonging.stack_id(action.task_ex.workflow_execution)
    return found


def _defaults(task: Any, defaults: Any) -> Any:
    name = task.task_spec.get_action_name()
    if not name or not belonging.is_part(task.wf_ex):
        return defaults(task)
    env = (belonging.stack_of(task.wf_ex).params or {}).get("env") or {}
    return env.get("__actions", {}).get(name, {})


def _update(update: Any, action: Any, *args: Any, **said: Any) -> None:
    """A part stands and goes on with its stack, which needs not be told. Mistral has the last of
    several parts that goes on resume the stack, before that is resumed itself, whose env it then
    refuses: it runs already."""
    if not hasattr(action, "task_executions") or not belonging.is_part(action):
        update(action, *args, **said)


def _send_result(workflow: Any, send: Any) -> None:
    """Mistral reads what it sends when the transaction is over, from an execution that may belong
    to none any more: after a resume in which a part ends, the stack does not hear of it."""
    found = workflow.wf_ex
    kept = SimpleNamespace(id=found.id, state=found.state, state_info=found.state_info)
    send(SimpleNamespace(wf_ex=kept))


def _stop(stop: Any, execution: Any, state: Any, msg: Any = None) -> None:
    """Parts end with their stack: Mistral ends what belongs to it where it is cancelled, and not
    where it is set to ERROR, as the dashboard's "cancel" does."""
    from mistral.workflow import states

    stop(execution, state, msg)
    if state == states.ERROR:
        for part in belonging.parts_of(execution):
            if not states.is_completed(part.state):
                stop(part, state, msg)


def _notify(workflow: Any, notify: Any, *states: Any) -> None:
    """Who wants to be told what becomes of the stack is told of it, not of each part."""
    if not belonging.is_part(workflow.wf_ex):
        notify(workflow, *states)
