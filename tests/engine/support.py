"""Start the hand-written workflows and wait for what becomes of them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State, Task
from wfbreak.resources import data_file

PATIENCE = 90.0
"""Seconds to wait for a state; nothing here takes more than five on a machine of its own."""

HANG = 4.0
"""Seconds after which what has not moved is taken to hang; its steps take tenths of a second."""

POLL = 0.1

T = TypeVar("T")

ENDED = (State.SUCCESS, State.ERROR, State.CANCELLED)


def text(name: str) -> str:
    return data_file("workflows", f"{name}.yaml").read_text("utf-8")


def start(
    client: EngineClient,
    document: str,
    inputs: Mapping[str, Any] | None = None,
    env: Mapping[str, Any] | None = None,
) -> Execution:
    namespace = hashlib.sha256(document.encode()).hexdigest()[:12]
    return client.start(client.upload(document, namespace), inputs or {}, env=env)


def start_named(
    client: EngineClient,
    name: str,
    inputs: Mapping[str, Any] | None = None,
    env: Mapping[str, Any] | None = None,
) -> Execution:
    return start(client, text(name), inputs, env)


def wait(client: EngineClient, execution: Execution, *states: State) -> Execution:
    """The execution once it is in one of ``states`` (by default: once it has ended)."""
    wanted = states or ENDED
    return _until(lambda: client.execution(execution.id), lambda e: e.state in wanted)


def wait_for_task(
    client: EngineClient, execution: Execution, name: str, *states: State
) -> dict[str, Task]:
    def reached(tasks: dict[str, Task]) -> bool:
        return name in tasks and tasks[name].state in states

    return _until(lambda: tasks_of(client, execution), reached)


def tasks_of(client: EngineClient, execution: Execution) -> dict[str, Task]:
    return {task.name: task for task in client.tasks(execution.id)}


def states_of(client: EngineClient, execution: Execution) -> dict[str, State]:
    return {name: task.state for name, task in tasks_of(client, execution).items()}


def resume(
    client: EngineClient, execution: Execution, env: Mapping[str, Any] | None = None
) -> Execution:
    """Resume the execution as it is now."""
    return client.resume(client.execution(execution.id), env)


def hangs(client: EngineClient, execution: Execution, task: str) -> bool:
    """Whether the task still waits after :data:`HANG` seconds, and the execution runs on."""
    wait_for_task(client, execution, task, State.WAITING)
    time.sleep(HANG)
    waiting = tasks_of(client, execution)[task].state is State.WAITING
    return waiting and client.execution(execution.id).state is State.RUNNING


def _until(get: Callable[[], T], good: Callable[[T], bool]) -> T:
    deadline = time.monotonic() + PATIENCE
    while True:
        found = get()
        if good(found):
            return found
        assert time.monotonic() < deadline, f"it does not come about: {found}"
        time.sleep(POLL)
