"""Executions that someone paused in the middle go on, and nothing runs twice."""

from __future__ import annotations

import json
from pathlib import Path

from cli.command import wfbreak

from engine.support import (
    hangs,
    resume,
    start_named,
    states_of,
    tasks_of,
    wait,
    wait_for_task,
)
from wfbreak.audit import ELSEWHERE
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import State
from wfbreak.engine.waking import wake
from wfbreak.status import is_hung


def test_a_join_that_was_never_started(engine: EngineClient) -> None:
    execution = start_named(engine, "pause_by_hand")
    wait_for_task(engine, execution, "right", State.RUNNING)
    engine.pause(execution)
    for task in ("left", "right"):
        wait_for_task(engine, execution, task, State.SUCCESS)
    resume(engine, execution)
    assert hangs(engine, execution, "joined")
    assert is_hung(engine.execution(execution.id), engine.tasks(execution.id))
    assert wake(engine, engine.execution(execution.id)) == ["joined"]
    assert wait(engine, execution).state is State.SUCCESS


def test_a_join_that_ran_during_the_pause_keeps_its_result(engine: EngineClient) -> None:
    execution = start_named(engine, "pause_with_waiting_join")
    wait(engine, execution, State.PAUSED)
    wait_for_task(engine, execution, "joined", State.SUCCESS)
    resume(engine, execution)
    assert hangs(engine, execution, "joined")
    assert wake(engine, engine.execution(execution.id)) == ["joined"]
    assert wait(engine, execution).state is State.SUCCESS
    task = tasks_of(engine, execution)["joined"]
    actions = engine._json(engine._http.get(f"/tasks/{task.id}/action_executions"))
    assert len(actions["action_executions"]) == 1


def test_an_execution_that_does_not_run_is_left_alone(engine: EngineClient) -> None:
    execution = start_named(engine, "barrier")
    paused = wait(engine, execution, State.PAUSED)
    before = states_of(engine, execution)
    assert wake(engine, paused) == []
    assert states_of(engine, execution) == before
    engine.cancel(paused, "seen")


def test_the_commands_say_so_and_mend_it(engine: EngineClient, tmp_path: Path) -> None:
    execution = start_named(engine, "pause_by_hand")
    wait_for_task(engine, execution, "right", State.RUNNING)
    engine.pause(execution)
    url = engine.url.removesuffix("/v2")
    shown = wfbreak("show", execution.id, "--mistral-url", url, cwd=tmp_path)
    assert "someone paused the stack while it was running" in shown.err
    audited = wfbreak("audit", execution.id, "--mistral-url", url, "-f", "json", cwd=tmp_path)
    assert [(e["event"], e["who"]) for e in json.loads(audited.out)] == [("paused", ELSEWHERE)]
    for task in ("left", "right"):
        wait_for_task(engine, execution, task, State.SUCCESS)
    resume(engine, execution)
    wait_for_task(engine, execution, "joined", State.WAITING)
    shown = wfbreak("show", execution.id, "--mistral-url", url, cwd=tmp_path)
    assert "the stack hangs" in shown.err
    waited = wfbreak("wait", execution.id, "--mistral-url", url, cwd=tmp_path)
    assert waited.status == 0
    assert "started again: joined" in waited.err
