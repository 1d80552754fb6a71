"""Executions that someone paused in the middle go on, and nothing runs twice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from cli.command import wfbreak
from hypothesis import event, given, settings
from hypothesis import strategies as st
from properties.graphs import Stack, stacks
from properties.test_graphs_on_engine import check_end, translated

from engine.support import (
    hangs,
    resume,
    start_named,
    states_of,
    tasks_of,
    wait,
    wait_for_task,
)
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.status import is_hung
from wfbreak.translate import Mode

STILL = 1.5
"""Seconds without anything in flight; the tasks here follow each other in tenths of one."""


def test_a_join_that_was_never_started(engine: EngineClient) -> None:
    execution = start_named(engine, "pause_by_hand")
    wait_for_task(engine, execution, "right", State.RUNNING)
    engine.pause(execution)
    for task in ("left", "right"):
        wait_for_task(engine, execution, task, State.SUCCESS)
    resume(engine, execution)
    assert hangs(engine, execution, "joined")
    assert is_hung(engine.execution(execution.id), engine.tasks(execution.id))
    assert engine.wake(engine.execution(execution.id)) == ["joined"]
    assert wait(engine, execution).state is State.SUCCESS


def test_a_join_that_ran_during_the_pause_keeps_its_result(engine: EngineClient) -> None:
    execution = start_named(engine, "pause_with_waiting_join")
    wait(engine, execution, State.PAUSED)
    wait_for_task(engine, execution, "joined", State.SUCCESS)
    resume(engine, execution)
    assert hangs(engine, execution, "joined")
    assert engine.wake(engine.execution(execution.id)) == ["joined"]
    assert wait(engine, execution).state is State.SUCCESS
    task = tasks_of(engine, execution)["joined"]
    actions = engine._json(engine._http.get(f"/tasks/{task.id}/action_executions"))
    assert len(actions["action_executions"]) == 1


def test_an_execution_that_does_not_run_is_left_alone(engine: EngineClient) -> None:
    execution = start_named(engine, "barrier")
    paused = wait(engine, execution, State.PAUSED)
    before = states_of(engine, execution)
    assert engine.wake(paused) == []
    assert states_of(engine, execution) == before
    engine.cancel(paused, "seen")


@pytest.mark.engine
def test_random_stacks_paused_by_hand(engine: EngineClient) -> None:
    behaviour = {"__actions": {"wfbreak.create": {"rehearsal": {"*": {"seconds": 0.3}}}}}

    @given(stacks(largest=10), st.lists(st.floats(0, 1.2), min_size=1, max_size=3))
    @settings(max_examples=15)
    def run(stack: Stack, delays: list[float]) -> None:
        stack = Stack(stack.needs, stack.ways, frozenset())
        translation = translated(stack, Mode.NON_STOP)
        workflow = engine.upload(translation.text(), f"test-{translation.digest()}")
        execution = engine.start(workflow, {}, env=behaviour)
        for delay in delays:
            time.sleep(delay)
            if engine.execution(execution.id).state is not State.RUNNING:
                break
            engine.pause(execution)
            time.sleep(0.5)
            resume(engine, execution)
        woken = _wake_until_done(engine, execution)
        event("woken" if woken else "did not hang")
        check_end(engine, engine.execution(execution.id), stack)

    run()


def _wake_until_done(client: EngineClient, execution: Execution) -> int:
    deadline, since, woken = time.monotonic() + 60, time.monotonic(), 0
    while not (now := client.execution(execution.id)).state.is_final:
        assert time.monotonic() < deadline
        if not is_hung(now, client.tasks(now.id)):
            since = time.monotonic()
        elif time.monotonic() - since > STILL:
            woken += len(client.wake(now))
            since = time.monotonic()
        time.sleep(0.1)
    return woken


def test_the_commands_say_so_and_mend_it(engine: EngineClient, tmp_path: Path) -> None:
    execution = start_named(engine, "pause_by_hand")
    wait_for_task(engine, execution, "right", State.RUNNING)
    engine.pause(execution)
    url = engine.url.removesuffix("/v2")
    shown = wfbreak("show", execution.id, "--mistral-url", url, cwd=tmp_path)
    assert "someone paused the stack while it was running" in shown.err
    for task in ("left", "right"):
        wait_for_task(engine, execution, task, State.SUCCESS)
    resume(engine, execution)
    wait_for_task(engine, execution, "joined", State.WAITING)
    shown = wfbreak("show", execution.id, "--mistral-url", url, cwd=tmp_path)
    assert "the stack hangs" in shown.err
    waited = wfbreak("wait", execution.id, "--mistral-url", url, cwd=tmp_path)
    assert waited.status == 0
    assert "started again: joined" in waited.err
