"""Random stacks in stacks on the real engine: a stop inside one is settled against all outside."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from engine.support import wait
from hypothesis import assume, event, given

from properties.graphs import PARTITIONS
from properties.nests import Nest, nests
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.translate import Mode, Request, Translation, translate
from wfbreak.translate.partition import OFF, Partition

LARGEST = 40
"""Resources in a random nest that is run: the engine takes a tenth of a second for each."""


def translated(nest: Nest, mode: Mode = Mode.NON_STOP, partition: Partition = OFF) -> Translation:
    with tempfile.TemporaryDirectory() as folder:
        path = nest.write(Path(folder))
        breaks = tuple(f"{name}:{hook}" for name, hook in sorted(nest.stops))
        return translate(Request(str(path), breaks=breaks, mode=mode, partition=partition))


def check_pause(client: EngineClient, execution: Execution, nest: Nest, pause: int) -> None:
    tasks = client.tasks(execution.id)
    reached = {task.name: task.state for task in tasks if task.name in nest.order.names}
    assert set(reached) == nest.order.exist_non_stop(pause)
    assert set(reached.values()) <= {State.SUCCESS}
    idle = {task.name for task in tasks if task.state is State.IDLE}
    assert idle == nest.order.stops_at(pause)


@pytest.mark.engine
def test_every_pause_is_as_predicted(engine: EngineClient) -> None:
    @given(nests(), PARTITIONS)
    def run(nest: Nest, partition: Partition) -> None:
        assume(len(nest.order.names) <= LARGEST)
        event(f"{nest.order.pauses} pauses")
        translation = translated(nest, partition=partition)
        assert len(translation.plan.stages) == nest.order.pauses
        translated(nest, Mode.ALL_STOP)  # every translation proves its order itself
        for pause in range(1, nest.order.pauses + 1):
            assert set(translation.plan.created_before(pause)) == nest.order.exist_non_stop(pause)
        workflow = engine.upload(translation.text(), f"test-{translation.digest()}")
        execution = engine.start(workflow, {})
        for pause in range(1, nest.order.pauses + 1):
            execution = wait(engine, execution, State.PAUSED, State.SUCCESS, State.ERROR)
            assert execution.state is State.PAUSED, execution.state_info
            check_pause(engine, execution, nest, pause)
            execution = engine.resume(execution)
        execution = wait(engine, execution, State.PAUSED, State.SUCCESS, State.ERROR)
        assert execution.state is State.SUCCESS, execution.state_info
        done = Counter(task.name for task in engine.tasks(execution.id))
        assert nest.order.names <= set(done)
        assert set(done.values()) == {1}

    run()
