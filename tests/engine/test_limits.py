"""A stop with a time limit ends by itself, on the real engine, and the audit trail says so."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from engine.process import EngineProcess
from engine.support import resume, states_of, wait, wait_for_task
from wfbreak import audit, decide
from wfbreak.cli.stacks import read_status
from wfbreak.engine.client import EngineClient
from wfbreak.engine.limits import WHO
from wfbreak.engine.model import Execution, State, has_stopped
from wfbreak.translate import Mode, Request, translate

TEMPLATE = """\
heat_template_version: 2021-04-16
resources:
  a: {type: OS::Heat::RandomString}
  b: {type: OS::Heat::RandomString}
"""

LONGER = 5
"""Seconds of a limit that shall not be over before a test has done something, on a busy machine."""

OVER = LONGER + 2.0
"""Seconds after which such a limit has had its effect, if it has any."""


def start(client: EngineClient, folder: Path, breaks: str, mode: Mode) -> Execution:
    (folder / "t.yaml").write_text(TEMPLATE)
    (folder / "breaks.yaml").write_text(f"breakpoints:\n{breaks}")
    files = (str(folder / "breaks.yaml"),)
    translation = translate(Request(str(folder / "t.yaml"), break_files=files, mode=mode))
    workflow = client.upload(translation.text(), f"test-{translation.digest()}")
    # On a busy machine a short stop may be over before it is seen.
    return wait(client, client.start(workflow, {}), State.PAUSED, State.SUCCESS, State.ERROR)


def stands(client: EngineClient, execution: Execution) -> bool:
    """Whether the breakpoints stand: they do a moment after the execution is PAUSED."""
    return any(has_stopped(task.state_info) for task in client.tasks(execution.id))


def wait_until_it_stands(client: EngineClient, execution: Execution) -> None:
    while not stands(client, execution):
        assert not client.execution(execution.id).state.is_final, "the limit was over too soon"
        time.sleep(0.1)


def people(client: EngineClient, execution: Execution) -> list[tuple[str, str]]:
    now = client.execution(execution.id)
    tasks = {task.name: task for task in client.tasks(execution.id)}
    return [(e.event, e.who) for e in audit.trail(now, read_status(client, now), tasks, {})]


@pytest.mark.parametrize("mode", [Mode.NON_STOP, Mode.STEP])
def test_it_goes_on(engine: EngineClient, tmp_path: Path, mode: Mode) -> None:
    execution = start(engine, tmp_path, "  - {resource: a, limit: 1}\n", mode)
    assert wait(engine, execution).state is State.SUCCESS
    assert ("resume", WHO) in people(engine, execution)


def test_it_aborts(engine: EngineClient, tmp_path: Path) -> None:
    breaks = "  - {resource: a, limit: 1, then: abort}\n"
    breaks += "  - {resource: b}\n"
    execution = wait(engine, start(engine, tmp_path, breaks, Mode.NON_STOP))
    assert execution.state is State.ERROR
    assert "stopped before a is created" in (execution.state_info or "")
    assert not {"a", "b"} & set(states_of(engine, execution))
    assert ("abort", WHO) in people(engine, execution)
    status = read_status(engine, engine.execution(execution.id))
    decision = decide.resume(status)
    decide.carry_out(engine, status, decision, audit.record("resume", None, decision))
    assert wait(engine, execution, State.SUCCESS).state is State.SUCCESS


def test_it_lets_go_of_one_and_not_the_other(engine: EngineClient, tmp_path: Path) -> None:
    breaks = "  - {resource: a, limit: 1}\n  - {resource: b}\n"
    execution = start(engine, tmp_path, breaks, Mode.NON_STOP)
    wait_for_task(engine, execution, "a", State.SUCCESS)
    execution = wait(engine, execution, State.PAUSED)
    wait_for_task(engine, execution, "b:pre-create", State.IDLE)
    assert "b" not in states_of(engine, execution)
    resume(engine, execution)
    assert wait(engine, execution).state is State.SUCCESS


def test_a_limit_outlives_the_engine(tmp_path: Path) -> None:
    with EngineProcess(tmp_path / "state") as process:
        breaks = f"  - {{resource: a, limit: {LONGER}}}\n"
        execution = start(process.client, tmp_path, breaks, Mode.NON_STOP)
        wait_until_it_stands(process.client, execution)
        process.kill()
        client = process.start()
        assert wait(client, execution).state is State.SUCCESS


def test_a_limit_outlives_a_kill_before_the_breakpoint_stands(tmp_path: Path) -> None:
    """PAUSED comes first, the breakpoint and its limit a moment later; here neither did."""
    with EngineProcess(tmp_path / "state") as process:
        breaks = f"  - {{resource: a, limit: {LONGER}}}\n"
        execution = start(process.client, tmp_path, breaks, Mode.NON_STOP)
        wait_until_it_stands(process.client, execution)
        process.kill()
        with sqlite3.connect(process.state / "mistral.sqlite") as database:
            database.execute("UPDATE task_executions_v2 SET state_info = NULL WHERE state = 'IDLE'")
            database.execute("DELETE FROM scheduled_jobs_v2 WHERE key LIKE 'wfbreak-limit%'")
        database.close()
        client = process.start()
        assert wait(client, execution).state is State.SUCCESS


def test_whoever_was_faster_is_not_disturbed(engine: EngineClient, tmp_path: Path) -> None:
    breaks = f"  - {{resource: a, limit: {LONGER}}}\n  - {{resource: 'b', hook: post-create}}\n"
    execution = start(engine, tmp_path, breaks, Mode.STEP)
    resume(engine, execution)
    again = wait_for_task(engine, execution, "b:pre-create", State.IDLE)
    assert again["a:pre-create"].state is State.SUCCESS
    time.sleep(OVER)
    now = engine.execution(execution.id)
    assert now.state is State.PAUSED
    assert states_of(engine, execution)["b:pre-create"] is State.IDLE
    assert WHO not in [who for _, who in people(engine, execution)]
    engine.cancel(now, "seen")
