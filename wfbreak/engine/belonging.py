"""Which executions are a stack's: its own, and those of its parts.

A part of a stack (:mod:`wfbreak.parts`) is a sub-workflow. Mistral gives it an execution with an
id and an env of its own; the stack's is its ``root_execution_id``. That alone is no proof: whoever
starts an execution can name it (:mod:`.subworkflows`).
"""

from __future__ import annotations

from typing import Any

from wfbreak import parts


class PartError(ValueError):
    """What shall begin is not what it says: a part of no stack, or a stack whose parts nobody would
    believe."""


_KEPT = 4096
_stacks: dict[tuple[str, str], str] = {}
"""The stacks' executions of parts that have been looked at, by the ids of these and of the tasks
that run them: whoever takes the id of a part that has been deleted has no such task."""


def is_part(execution: Any) -> bool:
    """Whether an execution is a part of a stack; not if it only says so."""
    return bool(stack_id(execution) != execution.id)


def check(execution: Any) -> None:
    """See that an execution which begins is what it says: a part of a stack, or a stack that can
    have parts.

    :raises PartError: if not.
    """
    said = execution.tags or ()
    if parts.WHOLE in said and is_told_by_requests():
        raise PartError(
            "the engine has start_subworkflows_via_rpc, and does not know then whose part an "
            "execution is: translate with --partition off"
        )
    if parts.TAG in said and not is_part(execution):
        raise PartError(f"{execution.workflow_name} is a part of a stack, and nothing by itself")


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

    if is_told_by_requests() or execution.task_execution_id is None:
        return False
    task = execution.task_execution
    stack = task.workflow_execution
    return bool(
        stack.id == execution.root_execution_id
        and stack.project_id == execution.project_id
        and parts.workflow_of(task.spec or {}) == execution.workflow_name
        and len(db.get_workflow_executions(task_execution_id=task.id, fields=("id",))) == 1
    )


def is_told_by_requests() -> bool:
    """Whether engines tell each other by requests of which execution another is a part: then a
    caller could, too, and none is believed."""
    from oslo_config import cfg

    return bool(cfg.CONF.engine.start_subworkflows_via_rpc)


def parts_of(stack: Any, *fields: str) -> list[Any]:
    """The executions of a stack's parts that have begun, whole or these fields of them. In a
    transaction."""
    from mistral.db.v2 import api as db

    if parts.WHOLE not in (stack.tags or ()):
        return []
    return list(db.get_workflow_executions(root_execution_id=stack.id, fields=fields))


def tasks_of(stack: Any, **wanted: Any) -> list[Any]:
    """The tasks of a stack's execution and of its parts, without those that only run a part; such
    as are ``wanted`` (Mistral's filters). In a transaction."""
    from mistral.db.v2 import api as db

    begun = parts_of(stack, "id", "task_execution_id")
    running = {part.task_execution_id for part in begun}
    own = db.get_task_executions(workflow_execution_id=stack.id, **wanted)
    found = [task for task in own if task.id not in running]
    for part in begun:
        found += db.get_task_executions(workflow_execution_id=part.id, **wanted)
    return found


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
