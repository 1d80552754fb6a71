"""Random stacks on the real engine: every pause finds exactly what was predicted, nothing is lost.

Each example is translated, uploaded and run to its end through all its pauses. A chain of values
runs along the needs, so that a resource made too early could not have its value.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from engine.support import wait
from hypothesis import event, given, note

from properties.graphs import PARTITIONS, Stack, stacks
from properties.order import name_of
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State, Task
from wfbreak.translate import Mode, Request, Translation, translate
from wfbreak.translate.partition import OFF, Partition


def translated(stack: Stack, mode: Mode, partition: Partition = OFF) -> Translation:
    with tempfile.TemporaryDirectory() as folder:
        breaks = tuple(map(name_of, sorted(stack.stops)))
        path = str(stack.write(Path(folder)))
        return translate(Request(path, breaks=breaks, mode=mode, partition=partition))


def predicted(stack: Stack, mode: Mode, pause: int) -> set[str]:
    if mode is Mode.NON_STOP:
        return stack.order.exist_non_stop(pause)
    return stack.order.exist_all_stop(pause)


def check_pause(
    client: EngineClient, execution: Execution, stack: Stack, mode: Mode, pause: int
) -> None:
    tasks = client.tasks(execution.id)
    reached = {task.name: task.state for task in tasks if task.name in stack.order.names}
    assert set(reached) == predicted(stack, mode, pause)
    assert set(reached.values()) <= {State.SUCCESS}
    idle = {task.name for task in tasks if task.state is State.IDLE}
    assert idle == stack.order.stops_at(pause)
    assert all(stop.split(":")[0] in (execution.state_info or "") for stop in idle)


def check_end(
    client: EngineClient,
    execution: Execution,
    stack: Stack,
    changed: Mapping[str, str] = MappingProxyType({}),
) -> None:
    assert execution.state is State.SUCCESS, execution.state_info
    tasks = client.tasks(execution.id)
    assert set(Counter(task.name for task in tasks).values()) == {1}
    by_name = {task.name: task for task in tasks}
    results = client.results(tasks)
    for number in range(len(stack.needs)):
        task = by_name[stack.name(number)]
        check_once(client, task)
        expected = stack.value(number, changed)
        assert results[task.name]["attributes"].get("value", expected) == expected
        for needed in stack.needs[number]:
            earlier = by_name[stack.name(needed)]
            assert earlier.finished_at is not None
            assert task.started_at is not None
            assert earlier.finished_at <= task.started_at
    assert execution.output["last"] == stack.value(len(stack.needs) - 1, changed)


def check_once(client: EngineClient, task: Task) -> None:
    """One result; and one action, but where a cluster's kills have had it run again."""
    path = f"/tasks/{task.id}/action_executions"
    actions = client._json(client._http.get(path))["action_executions"]
    assert [action["state"] for action in actions if action["accepted"]] == ["SUCCESS"]
    if "WFBREAK_TEST_CLUSTER" not in os.environ:
        assert len(actions) == 1


@pytest.mark.engine
@pytest.mark.parametrize("mode", [Mode.NON_STOP, Mode.ALL_STOP])
def test_every_pause_is_as_predicted(engine: EngineClient, mode: Mode) -> None:
    @given(stacks(), PARTITIONS)
    def run(stack: Stack, partition: Partition) -> None:
        note(stack.template())
        translation = translated(stack, mode, partition)
        event(f"{stack.order.pauses} pauses")
        assert len(translation.plan.stages) == stack.order.pauses
        for pause in range(1, stack.order.pauses + 1):
            assert set(translation.plan.created_before(pause)) == predicted(stack, mode, pause)
        workflow = engine.upload(translation.text(), f"test-{translation.digest()}")
        execution = engine.start(workflow, {})
        for pause in range(1, stack.order.pauses + 1):
            execution = wait(engine, execution, State.PAUSED, State.SUCCESS, State.ERROR)
            assert execution.state is State.PAUSED, execution.state_info
            check_pause(engine, execution, stack, mode, pause)
            execution = engine.resume(execution)
        execution = wait(engine, execution, State.PAUSED, State.SUCCESS, State.ERROR)
        check_end(engine, execution, stack)

    run()
