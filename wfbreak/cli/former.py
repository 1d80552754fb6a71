"""The execution whose place another shall take, and what exists of its stack, once it stands."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from wfbreak import inventory, stacks
from wfbreak.diagnostics import ExitStatus, WfbreakError
from wfbreak.engine import succession
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State, Task
from wfbreak.existing import Stock
from wfbreak.status import BreakpointState, build, is_hung

_PATIENCE = 60.0
"""Seconds to wait for what is under way in an execution that goes on no more."""

_POLL = 0.3
"""Seconds."""


class InFlight(WfbreakError):
    """The stack runs: what exists of it changes from moment to moment."""

    exit_status = ExitStatus.CONFLICT


class StackGone(WfbreakError):
    """There is nothing of the stack any more."""

    exit_status = ExitStatus.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Former:
    """The execution whose place another shall take, as it stands."""

    execution: Execution
    tasks: tuple[Task, ...]
    stock: Stock


def former(client: EngineClient, name: str, *, even_gone: bool = False) -> Former:
    """What exists of a stack, by its name or an execution's id; ``even_gone`` of one that has been
    deleted, of which nothing does.

    :raises StackGone: if it has been deleted.
    :raises InFlight: if something of it is being made.
    :raises Conflict: if the execution is not the stack's newest.
    """
    execution = stacks.find(client, name)
    if (after := stacks.successor(client, execution)) is not None:
        raise succession.Conflict(
            f"the execution {execution.id} has a successor: the stack goes on in {after.id}"
        )
    if succession.is_over(execution) and not even_gone:
        raise StackGone(
            f"the stack '{execution.workflow_name}' has been deleted, by the execution "
            f"{execution.id}"
        )
    tasks = _settled(client, execution)
    return Former(execution, tasks, inventory.read(client, execution, tasks))


def _settled(client: EngineClient, execution: Execution) -> tuple[Task, ...]:
    """The tasks of an execution in which nothing goes on: it has ended, stands or hangs. What was
    under way when it was cancelled, or paused by hand, comes to its end first.

    :raises InFlight: if it runs, or that does not come to its end.
    """
    workflow = client.workflow(execution.workflow_id)
    deadline = time.monotonic() + _PATIENCE
    told = False
    while True:
        tasks = tuple(client.tasks(execution.id))
        status = build(execution, workflow, {task.name: task for task in tasks})
        held = {stop.name for stop in status.breakpoints if stop.state is BreakpointState.HELD}
        flying = [t.name for t in tasks if t.state is State.RUNNING and t.name not in held]
        if execution.state is State.RUNNING and not is_hung(execution, tasks):
            starting = any(t.state in (State.IDLE, State.DELAYED) for t in tasks)
            if flying or starting or not held:
                raise InFlight(
                    f"the execution {execution.id} is RUNNING: wait until it stands (wfbreak "
                    f"wait), or cancel it first (wfbreak cancel {execution.id})"
                )
        if not flying:
            return tasks
        if time.monotonic() > deadline:
            raise InFlight(
                f"{', '.join(flying)} of the execution {execution.id} does not come to its end: "
                "if its executor is gone, the engine finds out by itself; try again later"
            )
        if not told:
            print(f"waiting for {', '.join(flying)}, which is under way", file=sys.stderr)
            told = True
        time.sleep(_POLL)
