"""The embedded engine: one per folder, its files for their owner, and what survives a kill."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from wfbreak.diagnostics import ExitStatus
from wfbreak.engine.connect import EngineOptions, connect
from wfbreak.engine.embedded import Running, running
from wfbreak.engine.model import State

from .process import EngineProcess
from .support import resume, start, start_named, states_of, wait, wait_for_task

pytestmark = pytest.mark.engine


@pytest.fixture
def process(tmp_path: Path) -> Iterator[EngineProcess]:
    with EngineProcess(tmp_path / "state") as started:
        yield started


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_paused_stack_survives_a_kill_and_goes_on(process: EngineProcess) -> None:
    execution = start_named(process.client, "barrier")
    wait(process.client, execution, State.PAUSED)
    wait_for_task(process.client, execution, "db:pre-create", State.IDLE)
    process.kill()
    client = process.start()
    found = client.execution(execution.id)
    assert found.state is State.PAUSED
    assert found.state_info == "stopped at pre-create server, pre-create db"
    resume(client, execution)
    wait_for_task(client, execution, "app:pre-create", State.IDLE)
    assert wait(client, execution, State.PAUSED).state_info == "stopped at pre-create app"
    process.kill()
    client = process.start()
    resume(client, execution)
    ended = wait(client, execution)
    assert ended.state is State.SUCCESS
    names = [task.name for task in client.tasks(execution.id)]
    assert len(names) == len(set(names)) == 11


def in_flight(safe: bool) -> str:
    tasks: dict[str, Any] = {
        name: {"action": "std.sleep seconds=2", "on-success": ["joined"], "safe-rerun": safe}
        for name in ("left", "right")
    }
    tasks["joined"] = {"join": "all", "action": "std.noop"}
    return yaml.safe_dump({"version": "2.0", "in_flight": {"tasks": tasks}})


def test_actions_that_were_running_at_a_kill_run_again(process: EngineProcess) -> None:
    execution = start(process.client, in_flight(safe=True))
    for task in ("left", "right"):
        wait_for_task(process.client, execution, task, State.RUNNING)
    process.kill()
    client = process.start()
    begun = time.monotonic()
    assert wait(client, execution).state is State.SUCCESS
    assert time.monotonic() - begun < 15
    assert len(client.tasks(execution.id)) == 3


def test_actions_that_may_not_run_again_fail_at_once(process: EngineProcess) -> None:
    execution = start(process.client, in_flight(safe=False))
    for task in ("left", "right"):  # one that has not begun is begun after the kill
        wait_for_task(process.client, execution, task, State.RUNNING)
    process.kill()
    client = process.start()
    assert wait(client, execution).state is State.ERROR
    states = states_of(client, execution)
    assert (states["left"], states["right"]) == (State.ERROR, State.ERROR)


def test_a_breakpoint_whose_start_was_lost_still_stops(process: EngineProcess) -> None:
    """The task was created, and the message that starts it died with the engine."""
    execution = start_named(process.client, "pause_expression", env={"armed": ["second"]})
    wait(process.client, execution, State.PAUSED)
    wait_for_task(process.client, execution, "second", State.IDLE)
    process.kill()
    with sqlite3.connect(process.state / "mistral.sqlite") as database:
        database.execute("UPDATE task_executions_v2 SET state_info = NULL WHERE state = 'IDLE'")
        database.execute("UPDATE workflow_executions_v2 SET state = 'RUNNING'")
    database.close()
    client = process.start()
    wait(client, execution, State.PAUSED)
    tasks = wait_for_task(client, execution, "second", State.IDLE)
    assert tasks["second"].state_info == "Set by 'pause-before' policy"
    resume(client, execution)
    assert wait(client, execution).state is State.SUCCESS


def test_a_join_that_nobody_reminds_goes_on_after_a_restart(process: EngineProcess) -> None:
    """As after the unsafe pause; a kill between two transactions leaves the same."""
    execution = start_named(process.client, "pause_by_hand")
    wait_for_task(process.client, execution, "right", State.RUNNING)
    process.client.pause(execution)
    for task in ("left", "right"):
        wait_for_task(process.client, execution, task, State.SUCCESS)
    resume(process.client, execution)
    wait_for_task(process.client, execution, "joined", State.WAITING)
    process.kill()
    assert wait(process.start(), execution).state is State.SUCCESS


def test_a_run_that_is_killed_again_and_again_ends_with_every_task_run_once(
    process: EngineProcess,
) -> None:
    layers, width = 6, 5
    tasks: dict[str, Any] = {}
    for layer in range(layers):
        for number in range(width):
            task: dict[str, Any] = {"action": "std.noop", "safe-rerun": True}
            if layer:
                task["join"] = "all"
            if layer < layers - 1:
                task["on-success"] = [
                    f"{layer + 1}-{after}" for after in range(width) if (number + after + layer) % 3
                ]
            tasks[f"{layer}-{number}"] = task
    document = yaml.safe_dump({"version": "2.0", "layers": {"tasks": tasks}})
    execution = start(process.client, document)
    for seconds in (0.1, 0.3, 0.7):
        time.sleep(seconds)
        process.kill()
        process.start()
    assert wait(process.client, execution).state is State.SUCCESS
    names = [task.name for task in process.client.tasks(execution.id)]
    assert sorted(names) == sorted(tasks)


def test_one_engine_has_a_folder_and_others_find_it(process: EngineProcess) -> None:
    found = running(process.state)
    assert found == Running(process.client.url, process.pid, is_service=True)
    execution = start_named(process.client, "names")
    with connect(EngineOptions(state=process.state)) as client:
        assert client.url == process.client.url
        assert client.execution(execution.id).id == execution.id
    # The engine outlives the command that used it.
    assert process.client.execution(execution.id).id == execution.id
    second = subprocess.run(
        [sys.executable, "-m", "wfbreak.engine.serve", "--state", str(process.state)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == ExitStatus.UNREACHABLE
    assert "another process" in second.stderr
    assert "Traceback" not in second.stderr


def test_what_a_killed_engine_leaves_confuses_nobody(process: EngineProcess) -> None:
    process.kill()
    assert (process.state / "engine.json").exists()
    assert running(process.state) is None
    process.start()
    known = json.loads((process.state / "engine.json").read_text())
    assert known == {"url": process.client.url, "pid": process.pid, "service": True}


def test_an_engine_that_is_told_to_end_tidies_up(process: EngineProcess) -> None:
    begun = time.monotonic()
    assert process.stop() == 0
    assert time.monotonic() - begun < 10
    assert not (process.state / "engine.json").exists()
    assert running(process.state) is None


def test_a_signal_that_another_thread_gets_ends_the_engine(tmp_path: Path) -> None:
    """The kernel may give a process's signal to any of its threads; seen once in 100 times."""
    script = """
import signal, sys, threading, time
from pathlib import Path
from wfbreak.engine.serve import serve

def end():
    time.sleep(1)  # the main thread waits by then
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

serve(Path(sys.argv[1]), ready=lambda engine: threading.Thread(target=end).start())
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], timeout=60, check=True)


def test_its_files_are_for_their_owner_only(process: EngineProcess) -> None:
    assert mode(process.state) == 0o700
    files = {path.name: mode(path) for path in process.state.iterdir()}
    assert {"mistral.conf", "mistral.sqlite", "engine.json", "engine.lock", "seal.key"} <= set(
        files
    )
    assert set(files.values()) == {0o600}, files


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = subprocess.run(
        [sys.executable, "-m", "wfbreak.engine.serve", "--state", str(tmp_path / "file" / "state")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == ExitStatus.UNREACHABLE
    assert "cannot be used" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_it_ends_with_the_command_that_started_it(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from wfbreak.engine.connect import EngineOptions, connect\n"
        "with connect(EngineOptions(state=Path(sys.argv[1]))) as client:\n"
        "    print(len(client.executions()))\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OS_", "WFBREAK_"))}
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "state")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )
    assert ended.returncode == 0
    assert (ended.stdout, ended.stderr) == ("0\n", "")
    assert running(tmp_path / "state") is None


def test_a_missing_mistral_is_said_in_words(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['mistral'] = None\n"
        "from wfbreak.engine.serve import main\n"
        "sys.exit(main())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, "--state", str(tmp_path / "state")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == ExitStatus.UNREACHABLE
    assert "pip install 'wfbreak[engine]'" in ended.stderr
    assert "Traceback" not in ended.stderr
