"""A stack's parts in the engine: executions of their own that belong to the stack's.

A part of a stack (:mod:`wfbreak.parts`) is a sub-workflow. Mistral gives it an execution with an
id and an env of its own; the stack's is its ``root_execution_id``. What is decided stands in the
stack's env, what is sealed and what is made is the stack's: so here actions of a part are told the
stack's id, and get their defaults from the stack's env.

Mistral lets whoever starts an execution say of which other it is a part, unchecked (the ``params``
of ``POST /v2/executions``). A caller could have actions believe that they belong to another's
stack. So an engine takes from a request neither a parent nor a root: it knows them itself, when a
task of the stack starts the part. (With ``[engine] start_subworkflows_via_rpc`` engines tell each
other in such requests; there no part is one, and the stack fails at once.)
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from wfbreak import parts, tags

_FROM_OUTSIDE = ("root_execution_id", "task_execution_id")

_KEPT = 4096
_stacks: dict[tuple[str, str], str] = {}
"""The stacks' executions of parts that have been looked at, by the ids of these and of the tasks
that run them: whoever takes the id of a part that has been deleted has no such task."""


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
    if not _via_rpc():
        params = {key: value for key, value in params.items() if key not in _FROM_OUTSIDE}
    return start(engine, *args, **params)


def _context(action: Any, context: Any) -> Any:
    found = context(action)
    if action.task_ex:
        found["workflow_execution_id"] = stack_id(action.task_ex.workflow_execution)
    return found


def _defaults(task: Any, defaults: Any) -> Any:
    name = task.task_spec.get_action_name()
    if not name or not is_part(task.wf_ex):
        return defaults(task)
    env = (stack_of(task.wf_ex).params or {}).get("env") or {}
    return env.get("__actions", {}).get(name, {})


def _update(update: Any, action: Any, *args: Any, **said: Any) -> None:
    """A part stands while its stack does, and pauses for nothing else. Mistral would say so to the
    stack some time later, and stop it, or let it go on, once more; and a task that hears of it last
    of all stays PAUSED when its part has ended."""
    if not hasattr(action, "task_executions") or not is_part(action):
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
    from mistral.db.v2 import api as db
    from mistral.workflow import states

    stop(execution, state, msg)
    if state != states.ERROR:
        return
    for part in _begun(execution):
        found = db.get_workflow_execution(part.id)
        if not states.is_completed(found.state):
            stop(found, state, msg)


def _notify(workflow: Any, notify: Any, *states: Any) -> None:
    """Who wants to be told what becomes of the stack is told of it, not of each part."""
    if not is_part(workflow.wf_ex):
        notify(workflow, *states)


def is_part(execution: Any) -> bool:
    """Whether an execution is a part of a stack; not if it only says so."""
    return bool(stack_id(execution) != execution.id)


def stack_id(execution: Any) -> str:
    """The id of the stack's execution of which this is a part; its own if it is none."""
    if parts.TAG not in (execution.tags or ()):
        return str(execution.id)
    key = str(execution.id), str(execution.task_execution_id)
    if key not in _stacks:
        if not _belongs(execution):
            return str(execution.id)
        if len(_stacks) >= _KEPT:
            _stacks.clear()
        _stacks[key] = str(execution.root_execution_id)
    return _stacks[key]


def stack_of(execution: Any) -> Any:
    """The stack's execution of which this is a part; itself if it is none. In a transaction."""
    from mistral.db.v2 import api as db

    return db.get_workflow_execution(stack_id(execution)) if is_part(execution) else execution


def _belongs(execution: Any) -> bool:
    """Whether a task of the stack has started this execution, and no other."""
    from mistral.db.v2 import api as db

    if _via_rpc() or execution.task_execution_id is None:
        return False
    task = execution.task_execution
    stack = task.workflow_execution
    return bool(
        tags.STACK in (stack.tags or ())
        and stack.id == execution.root_execution_id
        and stack.project_id == execution.project_id
        and parts.workflow_of(task.spec or {}) == execution.workflow_name
        and len(db.get_workflow_executions(task_execution_id=task.id, fields=("id",))) == 1
    )


def _via_rpc() -> bool:
    from oslo_config import cfg

    return bool(cfg.CONF.engine.start_subworkflows_via_rpc)


def executions_of(stack: Any) -> list[str]:
    """The ids of a stack's execution and of those of its parts that have begun. In a
    transaction."""
    return [stack.id, *(part.id for part in _begun(stack))]


def tasks_of(stack: Any, **wanted: Any) -> list[Any]:
    """The tasks of a stack's execution and of its parts, without those that only run a part; such
    as are ``wanted`` (Mistral's filters). In a transaction."""
    return list(_tasks_of(stack, wanted))


def _tasks_of(stack: Any, wanted: Any) -> Iterator[Any]:
    from mistral.db.v2 import api as db

    begun = _begun(stack)
    running = {part.task_execution_id for part in begun}
    for task in db.get_task_executions(workflow_execution_id=stack.id, **wanted):
        if task.id not in running:
            yield task
    for part in begun:
        yield from db.get_task_executions(workflow_execution_id=part.id, **wanted)


def _begun(stack: Any) -> Any:
    from mistral.db.v2 import api as db

    if parts.WHOLE not in (stack.tags or ()):
        return []
    return db.get_workflow_executions(
        root_execution_id=stack.id, fields=("id", "task_execution_id")
    )


def specification_of(stack: Any) -> dict[str, Any]:
    """What the workflow of a stack's execution says, with the tasks of its parts in their places.
    In a transaction."""
    from mistral.db.v2 import api as db
    from mistral.lang import parser

    own = parser.get_workflow_spec_by_execution_id(stack.id).to_dict()
    return parts.joined(
        own,
        {
            name: db.get_workflow_definition(name, stack.workflow_namespace or "").spec
            for name in parts.parts_of(own["tasks"]).values()
        },
    )


def ended(task: Any) -> Any:
    """The execution of the part that a task runs, if it has ended and the task has not heard of
    it; else ``None``. In a transaction."""
    from mistral.db.v2 import api as db
    from mistral.workflow import states

    if task.state != states.RUNNING or parts.workflow_of(task.spec or {}) is None:
        return None
    found = db.get_workflow_executions(task_execution_id=task.id)
    over = [part for part in found if states.is_completed(part.state)]
    return over[-1] if over and len(over) == len(found) else None
