"""What somebody runs again is open at once: whatever ends or is killed before it starts.

In the engine here a task that is run again starts when a file is there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from wfbreak import audit, decide, live, tags
from wfbreak.engine.model import RUN_AGAIN, Execution, State
from wfbreak.stacks import read_status
from wfbreak.translate import Request, translate
from wfbreak.translate.document import dump

from .process import EngineProcess
from .support import start, tasks_of, wait, wait_for_task
from .test_ending import actions, database, put
from .test_healing import FORGETFUL

pytestmark = pytest.mark.engine

GATE = "WFBREAK_TEST_GATE"

GATED = f"""\
import os, time
from wfbreak.engine import rerunning
install = rerunning.install
def gated_install():
    from mistral.engine import default_engine
    start_task = default_engine.DefaultEngine.start_task
    def gated(self, task, first_run, waiting, triggered_by, rerun, *args, **said):
        while rerun and not os.path.exists(os.environ["{GATE}"]):
            time.sleep(0.05)
        start_task(self, task, first_run, waiting, triggered_by, rerun, *args, **said)
    default_engine.DefaultEngine.start_task = gated
    install()
rerunning.install = gated_install
"""

HASTY = """\
from datetime import timedelta
from wfbreak.engine import healing
healing._STALE, healing._PERIOD = timedelta(seconds=1), 1
"""

UNCHANGED = """\
import sys
from wfbreak.engine import rerunning, serve
rerunning.install = lambda: None
sys.exit(serve.main())
"""

TWO = {name: {"action": "std.async_noop"} for name in ("one", "other")}


class Gated(EngineProcess):
    """What is run again starts when ``gate`` is there."""

    program = ("-c", GATED + "import sys\nfrom wfbreak.engine import serve\nsys.exit(serve.main())")

    def __init__(self, folder: Path) -> None:
        self.gate = folder / "gate"
        super().__init__(folder / "state", {GATE: str(self.gate)})

    @contextmanager
    def closed(self) -> Iterator[None]:
        self.gate.unlink()
        yield
        self.gate.touch()


class GatedForgetful(Gated):
    """An engine of a cluster, which looks for what another has lost."""

    program = ("-c", GATED + HASTY + FORGETFUL)


def failed(process: Gated, body: dict[str, Any]) -> Execution:
    """An execution of two tasks that have failed."""
    process.gate.touch()
    execution = start(process.client, dump({"version": "2.0", "w": body}))
    for name in TWO:
        end(process, execution, name, "ERROR")
    return wait(process.client, execution, State.ERROR)


def end(process: Gated, execution: Execution, name: str, state: str) -> None:
    """End the task's newest action."""
    wait_for_task(process.client, execution, name, State.RUNNING)
    body = {"state": state, "output": json.dumps({"of": name})}
    answers = [put(process, action, body) for action in actions(process, execution, name)]
    assert any(answer.ok for answer in answers), [answer.text for answer in answers]


def run_again(process: Gated, execution: Execution, name: str) -> None:
    process.client.rerun(tasks_of(process.client, execution)[name])


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Gated]:
    with Gated(tmp_path) as process:
        yield process


def test_another_end_in_between_ends_nothing(process: Gated) -> None:
    execution = failed(process, {"tasks": TWO})
    run_again(process, execution, "one")
    with process.closed():
        run_again(process, execution, "other")
        assert tasks_of(process.client, execution)["other"].state_info == RUN_AGAIN
        end(process, execution, "one", "SUCCESS")
        wait_for_task(process.client, execution, "one", State.SUCCESS)
        time.sleep(1)  # what looks whether all has ended comes a moment later
        assert process.client.execution(execution.id).state is State.RUNNING
    end(process, execution, "other", "SUCCESS")
    assert wait(process.client, execution).state is State.SUCCESS


def test_an_end_that_another_engine_has_written_is_taken_back(process: Gated) -> None:
    execution = failed(process, {"tasks": TWO})
    run_again(process, execution, "one")
    end(process, execution, "one", "SUCCESS")
    wait(process.client, execution, State.ERROR)
    with process.closed():
        run_again(process, execution, "other")
        with database(process.state) as rows:
            rows.execute("UPDATE workflow_executions_v2 SET state = 'ERROR'")
    end(process, execution, "other", "SUCCESS")
    assert wait(process.client, execution, State.SUCCESS)


def test_a_kill_does_not_take_the_wish(process: Gated) -> None:
    execution = failed(process, {"tasks": TWO})
    with process.closed():
        run_again(process, execution, "one")
        run_again(process, execution, "other")
        process.kill()
    process.start()
    for name in TWO:
        end(process, execution, name, "SUCCESS")
    assert wait(process.client, execution).state is State.SUCCESS


def test_nor_does_that_of_an_engine_of_a_cluster(tmp_path: Path) -> None:
    with GatedForgetful(tmp_path) as process:
        execution = failed(process, {"tags": [tags.STACK], "tasks": TWO})
        with process.closed():
            run_again(process, execution, "one")
            process.kill()
        process.start()
        end(process, execution, "one", "SUCCESS")
        wait_for_task(process.client, execution, "one", State.SUCCESS)


def test_what_is_sent_twice_is_run_once(tmp_path: Path) -> None:
    """The first was believed to be lost, and comes later."""
    with GatedForgetful(tmp_path) as process:
        execution = failed(process, {"tags": [tags.STACK], "tasks": TWO})
        before = actions(process, execution, "one")
        with process.closed():
            run_again(process, execution, "one")
            time.sleep(4)  # what has not moved for a second is sent again
        end(process, execution, "one", "SUCCESS")
        wait_for_task(process.client, execution, "one", State.SUCCESS)
        time.sleep(1)
        assert len(actions(process, execution, "one")) == len(before) + 1
        assert wait(process.client, execution).state is State.ERROR  # the other has failed
        assert tasks_of(process.client, execution)["one"].state is State.SUCCESS


def test_several_are_run_again_in_one_step(process: Gated) -> None:
    execution = failed(process, {"tasks": TWO})
    with process.closed():
        tasks = tasks_of(process.client, execution)
        process.client.rerun(tasks["one"], live.doing_at_once(TWO))
        tasks = tasks_of(process.client, execution)
        assert {tasks[name].state_info for name in TWO} == {RUN_AGAIN}
    for name in TWO:
        end(process, execution, name, "SUCCESS")
    ended = wait(process.client, execution)
    assert (ended.state, live.at_once(ended.params["env"])) == (State.SUCCESS, ())


def test_only_what_has_failed_is_run_again(process: Gated) -> None:
    tasks = {**TWO, "good": {"action": "std.noop"}}
    execution = failed(process, {"tasks": tasks})
    good = actions(process, execution, "good")
    process.client.rerun(
        tasks_of(process.client, execution)["one"], live.doing_at_once(["one", "good"])
    )
    end(process, execution, "one", "SUCCESS")
    assert wait(process.client, execution).state is State.ERROR
    assert actions(process, execution, "good") == good
    assert len(actions(process, execution, "other")) == 1


def test_several_are_skipped_in_one_step(process: Gated) -> None:
    two = {name: {**task, "on-skip": ["both"]} for name, task in TWO.items()}
    both = {"action": "std.noop", "join": "all"}
    execution = failed(process, {"tasks": {**two, "both": both}})
    process.client.skip(tasks_of(process.client, execution)["one"], live.doing_at_once(TWO))
    assert wait(process.client, execution).state is State.SUCCESS
    found = {name: task.state for name, task in tasks_of(process.client, execution).items()}
    assert found == {"one": State.SKIPPED, "other": State.SKIPPED, "both": State.SUCCESS}


class Unchanged(EngineProcess):
    """An engine that has only just started: what wfbreak changes in it is not in place."""

    program = ("-c", UNCHANGED)


def test_an_engine_that_does_one_alone_is_told_of_each(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(
        "heat_template_version: 2018-08-31\n"
        "resources: {a: {type: OS::Heat::None}, b: {type: OS::Heat::None}}\n"
    )
    once = {"rehearsal": {name: {"fail": "no", "fail_times": 1} for name in ("a", "b")}}
    env = {"__actions": {"wfbreak.create": once}}
    with Unchanged(tmp_path / "state") as process:
        client = process.client
        workflow = client.upload(translate(Request(str(tmp_path / "t.yaml"))).text())
        execution = wait(client, client.start(workflow, {}, env=env), State.ERROR)
        status = read_status(client, execution)
        decision = decide.retry(status)
        decide.carry_out(client, status, decision, audit.record("retry", None, decision))
        assert wait(client, execution, State.SUCCESS)
