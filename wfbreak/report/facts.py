"""What the engine knows of an execution, asked once: the report is of one moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from wfbreak import audit, inputs, secrets
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State, Task, Workflow
from wfbreak.status import StackStatus, build


@dataclass(frozen=True)
class Facts:
    """``properties`` are what each resource is made with, by its task's name, as a person may see
    them; ``now`` is when the engine was asked."""

    execution: Execution
    workflow: Workflow
    tasks: Mapping[str, Task]
    status: StackStatus
    trail: tuple[audit.Event, ...]
    properties: Mapping[str, Mapping[str, Any]]
    now: datetime


class Known(Protocol):
    """Where a workflow and the results of tasks that are done come from: of the engine's client,
    or of what remembers them, for neither changes."""

    def workflow(self, workflow_id: str) -> Workflow: ...

    def results(self, tasks: Iterable[Task]) -> Mapping[str, Any]: ...


def gather(client: EngineClient, execution: Execution, known: Known | None = None) -> Facts:
    """All that a report says of an execution."""
    known = known or client
    now = datetime.now(UTC)
    workflow = known.workflow(execution.workflow_id)
    tasks = {task.name: task for task in client.tasks(execution.id)}
    done = [task for task in tasks.values() if task.state is State.SUCCESS]
    results = known.results(done)
    status = build(execution, workflow, tasks, results)
    properties = inputs.resolver(execution, workflow, results)
    found = {
        resource.task: {key: shown(value) for key, value in given.items()}
        for resource in status.resources
        if resource.action != "delete" and (given := properties(resource.name)) is not None
    }
    trail = tuple(audit.trail(execution, status, tasks, results))
    return Facts(execution, workflow, tasks, status, trail, found, now)


def shown(value: Any) -> Any:
    """Properties as a person may see them: nothing that is sealed, and why something is missing."""
    if isinstance(value, inputs.Unresolved):
        return str(value)
    if secrets.is_sealed(value):
        return secrets.MASK
    if isinstance(value, Mapping):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(item) for item in value]
    return value
