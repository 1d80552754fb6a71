"""Random stacks, paused by hand at random moments, end complete, and nothing runs twice."""

from __future__ import annotations

import time

import pytest
from engine.support import resume
from hypothesis import event, given
from hypothesis import strategies as st

from properties.graphs import PARTITIONS, Stack, stacks
from properties.test_graphs_on_engine import check_end, translated
from wfbreak.engine.client import EngineClient, EngineRefused
from wfbreak.engine.model import Execution, State
from wfbreak.engine.waking import wake
from wfbreak.status import is_hung
from wfbreak.translate import Mode
from wfbreak.translate.partition import Partition

STILL = 1.5
"""Seconds without anything in flight; the tasks here follow each other in tenths of one."""


@pytest.mark.engine
def test_random_stacks_paused_by_hand(engine: EngineClient) -> None:
    behaviour = {"__actions": {"wfbreak.create": {"rehearsal": {"*": {"seconds": 0.3}}}}}

    @given(stacks(largest=10), st.lists(st.floats(0, 1.2), min_size=1, max_size=3), PARTITIONS)
    def run(stack: Stack, delays: list[float], partition: Partition) -> None:
        stack = Stack(stack.needs, stack.ways, frozenset())
        translation = translated(stack, Mode.NON_STOP, partition)
        workflow = engine.upload(translation.text(), f"test-{translation.digest()}")
        execution = engine.start(workflow, {}, env=behaviour)
        for delay in delays:
            time.sleep(delay)
            if not _pause(engine, execution):
                break
            time.sleep(0.5)
            resume(engine, execution)
        woken = _wake_until_done(engine, execution)
        event("woken" if woken else "did not hang")
        check_end(engine, engine.execution(execution.id), stack)

    run()


def _pause(client: EngineClient, execution: Execution) -> bool:
    """Whether the stack was still there to be paused: it may end on the way there."""
    try:
        client.pause(execution)
    except EngineRefused:
        assert client.execution(execution.id).state is State.SUCCESS
        return False
    return True


def _wake_until_done(client: EngineClient, execution: Execution) -> int:
    deadline, since, woken = time.monotonic() + 60, time.monotonic(), 0
    while not (now := client.execution(execution.id)).state.is_final:
        assert time.monotonic() < deadline
        if not is_hung(now, client.tasks(now.id)):
            since = time.monotonic()
        elif time.monotonic() - since > STILL:
            woken += len(wake(client, now))
            since = time.monotonic()
        time.sleep(0.1)
    return woken
