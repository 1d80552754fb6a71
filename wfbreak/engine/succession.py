"""Which execution is a stack's newest, and how another takes its place.

A stack's name is taken once in a project, and each of its executions has one successor at most.
The engine itself sees to both, in the transaction that starts an execution (``vars`` of every
workflow that wfbreak makes): whatever two people do at the same time, one of them is told that the
other was first, and nothing of theirs has begun. What a successor takes over does not change under
its hands: it says in its env which state of the former one it was made from, and does not start
from another. The former one is CANCELLED and names its successor, so that nobody resumes it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from wfbreak import chain, live, tags
from wfbreak.diagnostics import ExitStatus, WfbreakError
from wfbreak.engine import belonging
from wfbreak.engine.client import EngineClient, EngineRefused
from wfbreak.engine.healing import watch
from wfbreak.engine.model import Execution, State, Task, Workflow
from wfbreak.tags import Kind

FORMER: Final = "former"
"""In wfbreak's part of the env: the id of the execution whose place this one takes."""

SEEN: Final = "seen"
"""Likewise: the state of that one from which this one was made (:func:`fingerprint`)."""

BEGUN: Final = "begun"
"""Likewise: a word of whoever began it, by which they know their own."""

UNDER_WAY: Final = "is under way"
"""In a conflict that passes."""

_CONFLICT: Final = "conflict:"
"""How a refusal of :func:`wfbreak_begin` begins."""


class Conflict(WfbreakError):
    """Somebody else was first, or the stack's name is taken; the text says by what."""

    exit_status = ExitStatus.CONFLICT


class ConflictError(ValueError):
    """The same, in the engine."""


def start(
    client: EngineClient,
    workflow: Workflow,
    inputs: Mapping[str, Any],
    env: Mapping[str, Any],
    *,
    execution_id: str,
    description: str,
    former: tuple[Execution, Iterable[Task]] | None = None,
    notify: Iterable[str] = (),
) -> Execution:
    """Start a stack's execution. ``former`` is the one whose place it takes, with its tasks as they
    were when ``workflow`` was made.

    :raises Conflict: if the stack's name is taken, or the former one has gone on meanwhile or has
        a successor.
    """
    token = str(uuid.uuid4())
    said: dict[str, Any] = {BEGUN: token}
    if former is not None:
        execution, tasks = former
        said |= {FORMER: execution.id, SEEN: fingerprint((t.id, t.state.value) for t in tasks)}
    own = {**env, live.KEY: {**live.state(env), **said}}
    try:
        started = client.start(
            workflow,
            inputs,
            execution_id=execution_id,
            description=description,
            env=own,
            notify=notify,
        )
    except EngineRefused as error:
        text = str(error)
        if _CONFLICT not in text:
            raise
        raise Conflict(text.partition(_CONFLICT)[2].strip(" ]")) from None
    # Of an id that exists Mistral gives the execution that has it.
    if live.state(started.params.get("env")).get(BEGUN) != token:
        raise Conflict(
            f"somebody else was first: the stack goes on in the execution {started.id} "
            f"({started.state.value}); look at it, and begin anew"
        )
    return started


def fingerprint(tasks: Iterable[tuple[str, str]]) -> str:
    """What tells two states of an execution apart: ids and states of its tasks."""
    text = "\n".join(f"{ident} {state}" for ident, state in sorted(tasks))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def newest(executions: Iterable[Execution], name: str | None = None) -> list[Execution]:
    """The executions of stacks (of this name) that have no successor, oldest first."""
    found = {e.id: e for e in executions if e.is_stack and name in (None, e.workflow_name)}
    return [e for e in found.values() if chain.successor(e.id) not in found]


def is_over(execution: Execution) -> bool:
    """Whether a stack's newest execution has deleted all of it: then its name is free."""
    return tags.kind(execution.tags) is Kind.DELETE and execution.state is State.SUCCESS


# In the engine


def wfbreak_begin(context: Any) -> bool:
    """Let the execution at hand take its place, and have it looked after; always true. For a
    workflow's ``vars``.

    :raises ConflictError: if the place is taken: then Mistral starts nothing.
    :raises PartError: likewise, as :func:`.belonging.check`.
    """
    from mistral.db.v2 import api as db

    execution = db.get_workflow_execution(context["__execution"]["id"])
    belonging.check(execution)
    if execution.task_execution_id is None:  # somebody's sub-workflow is no stack
        _take_place(execution)
    # Last: a job of a transaction that is taken back stays in the scheduler's memory, where
    # Mistral falls over it (default_scheduler.py, has_scheduled_jobs).
    watch(execution.id)
    return True


def _take_place(execution: Any) -> None:
    said = live.state((execution.params or {}).get("env") or {})
    former = said.get(FORMER)
    _lock(f"wfbreak-{execution.project_id}-{execution.workflow_name}"[-250:])
    for other in _stacks_of(execution):
        if other.id != former:
            raise ConflictError(
                f"{_CONFLICT} there is a stack '{execution.workflow_name}' already (the execution "
                f"{other.id}, {other.state}): update or delete it, or give this one another name"
            )
    if former is not None:
        _take_over(str(former), str(said.get(SEEN)), execution)


def _stacks_of(execution: Any) -> Iterator[Any]:
    """The newest executions of stacks with the same name in the same project."""
    from mistral.db.v2 import api as db
    from mistral.workflow import states

    found = {
        other.id: other
        for other in db.get_workflow_executions(
            workflow_name=execution.workflow_name, project_id=execution.project_id
        )
        if other.workflow_name == execution.workflow_name  # to MariaDB "Web" is "web"
        and tags.STACK in (other.tags or ())
        and other.task_execution_id is None
        and other.id != execution.id
    }
    for other in found.values():
        is_gone = tags.kind(other.tags) is Kind.DELETE and other.state == states.SUCCESS
        if not is_gone and chain.successor(other.id) not in found:
            yield other


def _take_over(former: str, seen: str, successor: Any) -> None:
    """End the execution before, where it stands as it did when its successor was made."""
    from mistral.db.v2 import api as db
    from mistral.db.v2.sqlalchemy import models
    from mistral.engine import workflow_handler
    from mistral.workflow import states

    if chain.successor(former) != successor.id:
        raise ConflictError(f"{_CONFLICT} {successor.id} is not the successor of {former}")
    found = db.acquire_lock(models.WorkflowExecution, db.get_workflow_execution(former).id)
    tasks = belonging.tasks_of(found)
    if fingerprint((task.id, task.state) for task in tasks) != seen:
        raise ConflictError(
            f"{_CONFLICT} the execution {former} ({found.state}) has gone on meanwhile: look at "
            "it, and begin anew"
        )
    tried = _about_to_be_tried(task for task in tasks if not states.is_completed(task.state))
    if flying := [task.name for task in tasks if _is_in_flight(task) or task.id in tried]:
        raise ConflictError(
            f"{_CONFLICT} in the execution {former} {', '.join(flying)} {UNDER_WAY}: wait until "
            "it has come to its end"
        )
    if found.state == states.SUCCESS:
        return
    said = f"succeeded by {successor.id}"
    if not states.is_completed(found.state):
        workflow_handler.stop_workflow(found, states.CANCELLED, said)
    found.state, found.state_info = states.CANCELLED, said
    # A failed task of an execution can be run again by any client, and that with it; so can one
    # that runs a part.
    for task in {task.id: task for task in (*tasks, *found.task_executions)}.values():
        if task.state == states.ERROR:
            task.state = states.CANCELLED


def _is_in_flight(task: Any) -> bool:
    """Whether an action of a task runs. (One that is not synchronous holds a breakpoint.)"""
    from mistral.workflow import states

    return any(
        action.state == states.RUNNING and action.is_sync for action in task.action_executions
    )


def _about_to_be_tried(tasks: Iterable[Any]) -> set[str]:
    """Those of the tasks (their ids) that an engine is about to try again. The others are tried no
    more: Mistral would do so although their execution has been cancelled
    (mistral/engine/policies.py, _continue_task)."""
    from mistral.db.v2 import api as db

    ids = {task.id for task in tasks}
    began = set()
    for job in db.get_scheduled_jobs() if ids else ():
        ident = str((job.func_args or {}).get("task_ex_id"))
        if ident not in ids:
            continue
        # It is taken as engines take it, so that only one does (default_scheduler.py).
        now = {"captured_at": datetime.now(UTC).replace(tzinfo=None)}
        _, taken = db.update_scheduled_job(job.id, now, query_filter={"captured_at": None})
        if taken:
            db.delete_scheduled_job(job.id)
        else:
            began.add(ident)
    return began


def _lock(name: str) -> None:
    """Keep others of this name waiting until the transaction at hand has ended."""
    from mistral.db.sqlalchemy import base
    from mistral.db.v2 import api as db

    if base.get_driver_name() == "sqlite":
        return  # it has one writer at a time, and the execution at hand is written
    # The row is gone at the end of the transaction; until then nobody else can make one like it.
    with db.named_lock(name):
        pass
