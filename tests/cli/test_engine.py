"""The engine as a process of its own: killed at the pause, and used with plain Mistral tools."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from engine.process import EngineProcess

from cli.command import EXAMPLE, PASSWORD, environment, run_example, wfbreak

pytestmark = pytest.mark.engine


def test_a_stop_survives_the_engine(tmp_path: Path) -> None:
    state = tmp_path / "state"
    engine = EngineProcess(state)
    engine.start()
    stopped = run_example(state, "-f", "json")
    assert stopped.status == 5
    execution = json.loads(stopped.out)["execution"]
    refs = {r["name"]: r["ref"] for r in json.loads(stopped.out)["resources"] if r["ref"]}
    engine.kill()
    with engine:
        shown = json.loads(wfbreak("show", execution, "--state", state, "-f", "json").out)
        assert shown["state"] == "PAUSED"
        done = wfbreak("resume", execution, "--state", state, "-f", "json")
        assert done.status == 0, done.err
        after = {r["name"]: r["ref"] for r in json.loads(done.out)["resources"]}
        assert len(after) == 20
        assert {name: after[name] for name in refs} == refs
        tasks = [task.name for task in engine.client.tasks(execution)]
        assert len(tasks) == len(set(tasks))


def test_commands_find_the_engine_of_their_folder(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with EngineProcess(state) as engine:
        assert wfbreak("list", "--state", state).status == 0
        assert wfbreak("list", "--mistral-url", engine.client.url).status == 0
        second = wfbreak("engine", "--state", state)
        assert second.status == 6
        assert "another process has the engine" in second.err


def test_a_look_at_a_stack_that_runs(tmp_path: Path) -> None:
    """Two commands at a time on one folder: the second uses the first's engine."""
    state = tmp_path / "state"
    arguments = ["run", "web.yaml", "-P", f"db_password={PASSWORD}", "--rehearse", "*:seconds=0.5"]
    first = subprocess.Popen(
        [sys.executable, "-m", "wfbreak", *arguments, "--state", str(state)],
        cwd=EXAMPLE,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 30
        while not (state / "engine.json").exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        second = wfbreak("list", "--state", state, "-f", "json")
        assert second.status == 0, second.err
        out, err = first.communicate(timeout=90)
    finally:
        first.kill()
    assert first.returncode == 0, err
    assert "20 done" in out


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    """Ctrl-C ends the command and with it the engine in it; the next one takes the stack on."""
    state = tmp_path / "state"
    arguments = ["run", "web.yaml", "-P", f"db_password={PASSWORD}", "--rehearse", "*:seconds=1"]
    run = subprocess.Popen(
        [sys.executable, "-m", "wfbreak", *arguments, "--state", str(state)],
        cwd=EXAMPLE,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # What runs in the background of a shell has Ctrl-C ignored, and so has its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert run.stderr is not None
    first = run.stderr.readline()
    execution = first.removeprefix("execution ").strip()
    time.sleep(2)
    run.send_signal(signal.SIGINT)
    _, rest = run.communicate(timeout=60)
    assert run.returncode == 130
    assert f"wfbreak wait {execution}" in rest
    assert "Traceback" not in rest
    done = wfbreak("wait", execution, "--state", state, "-f", "json")
    assert done.status == 0, done.err
    assert {r["state"] for r in json.loads(done.out)["resources"]} == {"done"}


def test_by_hand_with_plain_tools(tmp_path: Path) -> None:
    """What docs/by-hand.md shows."""
    openstack = shutil.which("openstack", path=str(Path(sys.executable).parent))
    assert openstack, "python-openstackclient is among the test requirements"
    document = tmp_path / "wf.yaml"
    assert wfbreak("translate", "web.yaml", "-e", "env.yaml", "-o", document).status == 0
    with EngineProcess(tmp_path / "state") as engine:

        def ostack(*arguments: str) -> str:
            where = ["--os-auth-type", "none", "--os-endpoint", engine.client.url]
            return subprocess.run(
                [openstack, *where, *arguments],
                env=environment(),
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            ).stdout

        def wait_for(state: str) -> None:
            deadline = time.monotonic() + 60
            show = ("workflow", "execution", "show", execution, "-f", "value", "-c", "State")
            while ostack(*show).strip() != state:
                assert time.monotonic() < deadline

        ostack("workflow", "create", str(document))
        inputs = json.dumps({"db_password": PASSWORD})
        execution = ostack(
            "workflow", "execution", "create", "web", inputs, "-f", "value", "-c", "ID"
        ).strip()
        wait_for("PAUSED")
        listed = ostack("task", "execution", "list", execution, "-f", "json")
        tasks = {task["Name"]: task["State"] for task in json.loads(listed)}
        assert tasks["db:pre-create"] == "IDLE"
        assert "db" not in tasks
        info = ostack("workflow", "execution", "show", execution, "-f", "value", "-c", "State info")
        assert info.startswith("stopped before db is created.\n")
        assert "\nResume: 6 resources are created: db, " in info
        ostack("workflow", "execution", "update", execution, "--state", "RUNNING")
        wait_for("SUCCESS")
        output = json.loads(ostack("workflow", "execution", "output", "show", execution))
        assert output["url"].startswith("http://")
        assert wfbreak("show", execution, "--mistral-url", engine.client.url).status == 0


def test_an_engine_of_the_commands_own_says_nothing_of_itself(tmp_path: Path) -> None:
    stopped = run_example(tmp_path / "state")
    assert stopped.status == 5
    begun, then = stopped.err.splitlines()
    assert begun.startswith("execution ")
    assert then.startswith("go on with: wfbreak resume ")
