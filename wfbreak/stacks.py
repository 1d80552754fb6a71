"""A stack by its name: the newest of its executions.

Whoever runs, updates and deletes a stack thinks of one thing, and the engine has an execution for
each of these. Wherever a command takes an execution it takes a stack's name too, and means the
newest.
"""

from __future__ import annotations

from collections.abc import Iterable

from wfbreak import chain
from wfbreak.diagnostics import ExitStatus, WfbreakError
from wfbreak.engine.client import EngineClient, ExecutionNotFound
from wfbreak.engine.model import Execution, State, Workflow
from wfbreak.engine.succession import is_over, newest
from wfbreak.status import StackStatus, build

_ID_LENGTH = 36


class StackAmbiguous(WfbreakError):
    """Several stacks have the name: they began before names were taken once."""

    exit_status = ExitStatus.NOT_FOUND


def find(client: EngineClient, name: str) -> Execution:
    """The newest execution of the stack with this name; else the execution with this id, or whose
    id begins so.

    :raises ExecutionNotFound: if there is neither.
    :raises StackAmbiguous: if several stacks have the name.
    """
    if len(name) == _ID_LENGTH:
        return client.execution(name)
    found = newest(client.executions(), name)
    if len(found) > 1:
        found = [e for e in found if not is_over(e)] or found[-1:]
    if len(found) > 1:
        ids = ", ".join(e.id for e in found)
        raise StackAmbiguous(f"several stacks are called '{name}': say which execution, of {ids}")
    if found:
        return client.execution(found[0].id)
    try:
        return client.execution(name)
    except ExecutionNotFound:
        raise ExecutionNotFound(
            f"there is no execution and no stack '{name}': wfbreak list shows those there are"
        ) from None


def successor(client: EngineClient, execution: Execution) -> Execution | None:
    """The execution that has taken this one's place, if one has."""
    try:
        return client.execution(chain.successor(execution.id))
    except ExecutionNotFound:
        return None


def predecessors(executions: Iterable[Execution], last: Execution) -> list[Execution]:
    """The executions before this one in the stack's life, the latest first."""
    after = {chain.successor(e.id): e for e in executions}
    found = []
    ident = last.id
    while ident in after:
        found.append(after[ident])
        ident = after[ident].id
    return found


def read_status(
    client: EngineClient,
    execution: Execution,
    workflow: Workflow | None = None,
    *,
    with_results: bool = False,
) -> StackStatus:
    """The stack's status now. Give the ``workflow`` where it is known: it never changes."""
    tasks = client.tasks(execution.id)
    workflow = workflow or client.workflow(execution.workflow_id)
    done = [task for task in tasks if task.state is State.SUCCESS]
    results = client.results(done) if with_results else {}
    return build(execution, workflow, {task.name: task for task in tasks}, results)
