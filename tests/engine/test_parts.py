"""A stack in parts on a real engine: whoever looks at it, decides or comes after a crash finds one
stack."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from cli.command import wfbreak

from wfbreak import live
from wfbreak.cli.begin import begin
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import State
from wfbreak.engine.waking import wake
from wfbreak.failure import OnFailure
from wfbreak.status import ResourceState, is_hung
from wfbreak.translate import Request, translate
from wfbreak.translate.partition import Partition

from .parted import TWO_CHAINS, WITH_LAST, Stack, parts_of, tried, value
from .process import EngineProcess
from .support import states_of, tasks_of, wait, wait_for_task

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    with EngineProcess(tmp_path_factory.mktemp("parts") / "state") as process:
        yield process


@pytest.fixture(scope="module")
def engine(running: EngineProcess) -> EngineClient:
    return running.client


def test_it_stops_says_so_and_ends(engine: EngineClient, tmp_path: Path) -> None:
    stack = Stack(engine, tmp_path, "stopping", breaks=("a2",))
    execution = wait(engine, stack.begin(WITH_LAST), State.PAUSED)
    assert execution.state_info == "stopped before a2 is created"
    done = {r.name for r in stack.status(execution).resources if r.state is ResourceState.DONE}
    assert done == {"a1", "b1", "b2", "b3"}
    told = engine._json(engine._http.get(f"/executions/{execution.id}"))["state_info"]
    assert "Resume: 3 resources are created: a2, a3, last; then the stack is done." in told
    for name in done:
        assert f"{name} (OS::Heat::Value stopping-{name}-" in told
    engine.resume(execution)
    ended = wait(engine, execution)
    assert (ended.state, ended.output) == (State.SUCCESS, {"last": value(WITH_LAST, "last")})
    assert set(tried(engine, execution).values()) == {1}
    assert all(part["state"] == "SUCCESS" for part in parts_of(engine, execution))


def test_the_document_is_read_as_it_was_written(engine: EngineClient, tmp_path: Path) -> None:
    stack = Stack(engine, tmp_path, "read")
    execution = stack.begin(WITH_LAST)
    written = translate(Request(stack.template(WITH_LAST), stack="read", **stack.asked))
    assert engine.workflow(execution.workflow_id).definition == written.text()
    # Uploaded by hand, as a whole, it is the same to whoever reads it.
    path = "/workflows?scope=private&namespace=by-hand"
    answer = engine._http.post(
        path, written.text().encode(), headers={"content-type": "text/plain"}
    )
    ident = next(w["id"] for w in answer.json()["workflows"] if w["name"] == "read")
    assert yaml.safe_load(engine.workflow(ident).definition) == written.document
    wait(engine, execution, State.SUCCESS)


def test_what_has_failed_in_several_parts_is_run_again(
    engine: EngineClient, tmp_path: Path
) -> None:
    broken = {name: {"fail": "no", "fail_times": 1} for name in ("a2", "b3")}
    stack = Stack(engine, tmp_path, "failing", rehearsal=broken)
    execution = wait(engine, stack.begin(TWO_CHAINS), State.ERROR)
    status = stack.status(execution)
    failed = {r.name for r in status.resources if r.state is ResourceState.FAILED}
    assert failed == {"a2", "b3"}
    stack.decided(execution, "retry")
    ended = wait(engine, execution, State.SUCCESS)
    assert ended.output == {"last": value(TWO_CHAINS, "b3")}
    assert tried(engine, execution) == Counter(list(TWO_CHAINS)) + Counter(["a2", "b3"])
    # Who did it and why is said where everybody reads it.
    trail = live.part(ended.params["env"], live.AUDIT).values()
    assert [entry["event"] for entry in trail] == ["run", "retry"]
    assert live.at_once(ended.params["env"]) == ()


def test_what_has_failed_is_skipped(engine: EngineClient, tmp_path: Path) -> None:
    stack = Stack(engine, tmp_path, "skipping", rehearsal={"a2": {"fail": "no"}})
    execution = wait(engine, stack.begin(TWO_CHAINS), State.ERROR)
    stack.decided(execution, "skip", ["a2"], "there-already")
    wait(engine, execution, State.SUCCESS)
    skipped = tasks_of(engine, execution)["a2"]
    assert engine.results([skipped])["a2"]["ref"] == "there-already"
    assert states_of(engine, execution)["a3"] is State.SUCCESS


def test_nothing_is_begun_in_another_part(engine: EngineClient, tmp_path: Path) -> None:
    slow = {"a1": {"fail": "no"}, "b1": {"seconds": 2}}
    stack = Stack(engine, tmp_path, "ending", rehearsal=slow, on_failure=OnFailure.STOP)
    execution = wait(engine, stack.begin(TWO_CHAINS), State.ERROR)
    found = {r.name: r.state for r in stack.status(execution).resources}
    assert found["b1"] is ResourceState.DONE
    assert ResourceState.DONE not in (found["b2"], found["b3"])
    engine.rerun(
        tasks_of(engine, execution)["a1"],
        live.merged(
            {"__actions": {"wfbreak.create": {"rehearsal": None}}},
            live.doing_at_once(["a1", "b2"]),
        ),
    )
    wait(engine, execution, State.SUCCESS)


def test_a_property_is_changed_at_a_stop(engine: EngineClient, tmp_path: Path) -> None:
    stack = Stack(engine, tmp_path, "changed", breaks=("a2",))
    execution = wait(engine, stack.begin(WITH_LAST), State.PAUSED)
    engine.resume(execution, live.changing({"a3": {"value": "another"}}))
    ended = wait(engine, execution, State.SUCCESS)
    assert ended.output == {"last": f"last(another{value(WITH_LAST, 'b3')})"}


def test_another_takes_its_place(engine: EngineClient, tmp_path: Path) -> None:
    stack = Stack(engine, tmp_path, "living", rehearsal={"b2": {"fail": "no"}})
    first = wait(engine, stack.begin(TWO_CHAINS), State.ERROR)
    more = {**TWO_CHAINS, "more": ["a3", "b3"]}
    second = wait(engine, stack.update(more))
    assert (second.state, second.output) == (State.SUCCESS, {"last": value(more, "more")})
    # What exists was not made anew.
    refs = {
        execution.id: {
            name: result.get("ref")
            for name, result in engine.results(
                t for t in engine.tasks(execution.id) if t.state is State.SUCCESS
            ).items()
            if name in more
        }
        for execution in (first, second)
    }
    for name in ("a1", "a2", "a3", "b1"):
        assert refs[first.id][name] == refs[second.id][name]
    # And of the first nothing can be run again any more, by whomever.
    assert engine.execution(first.id).state is State.CANCELLED
    everything = [*engine._tasks(first.id)]
    for part in parts_of(engine, first):
        everything += engine._tasks(part["id"])
    assert "ERROR" not in {task["state"] for task in everything}


def test_a_join_that_a_pause_has_lost_is_woken(engine: EngineClient, tmp_path: Path) -> None:
    joined = {"a": [], "b": [], "j": ["a", "b"]}
    stack = Stack(engine, tmp_path, "lost", rehearsal={"*": {"seconds": 0.5}})
    execution = stack.begin(joined)
    for name in ("a", "b"):
        wait_for_task(engine, execution, name, State.RUNNING)
    engine.pause(execution)
    for name in ("a", "b"):
        wait_for_task(engine, execution, name, State.SUCCESS)
    engine.resume(engine.execution(execution.id))
    wait_for_task(engine, execution, "j", State.WAITING)
    time.sleep(1)
    assert is_hung(engine.execution(execution.id), engine.tasks(execution.id))
    assert wake(engine, execution) == ["j"]
    assert wait(engine, execution, State.SUCCESS).output == {"last": value(joined, "j")}


@pytest.mark.parametrize("state", ["ERROR", "CANCELLED"])
def test_parts_end_with_their_stack(engine: EngineClient, tmp_path: Path, state: str) -> None:
    slow = {"*": {"seconds": 0.5}}
    stack = Stack(engine, tmp_path, f"ends_{state.lower()}", rehearsal=slow)
    execution = stack.begin({f"r{n}": [f"r{n - 1}"] if n else [] for n in range(4)})
    wait_for_task(engine, execution, "r0", State.RUNNING)
    engine._update(execution.id, {"state": state})
    time.sleep(1.5)
    assert {part["state"] for part in parts_of(engine, execution)} == {state}
    assert "r1" not in tasks_of(engine, execution)


def test_a_secret_is_the_stacks(
    running: EngineProcess, engine: EngineClient, tmp_path: Path
) -> None:
    path = tmp_path / "secret.yaml"
    value_ = {"list_join": ["", ["<", {"get_param": "word"}, ">"]]}
    path.write_text(
        yaml.safe_dump(
            {
                "heat_template_version": "2018-08-31",
                "parameters": {"word": {"type": "string", "hidden": True}},
                "resources": {
                    "a": {"type": "OS::Heat::Value", "properties": {"value": value_}},
                    "b": {
                        "type": "OS::Heat::Value",
                        "properties": {"value": {"get_attr": ["a", "value"]}},
                        "depends_on": "a",
                    },
                    "c": {
                        "type": "OS::Heat::Value",
                        "properties": {
                            "value": {"list_join": ["", [{"get_attr": ["b", "value"]}, "!"]]}
                        },
                    },
                },
                "outputs": {"c": {"value": {"get_attr": ["c", "value"]}}},
            }
        )
    )
    translation = translate(
        Request(str(path), options={"word": "zebra"}, partition=Partition(2), stack="secret")
    )
    execution = begin(engine, translation, "run", None)
    ended = wait(engine, execution, State.SUCCESS)
    assert "zebra" not in json.dumps(dict(ended.output))
    asked = ("outputs", execution.id, "--reveal", "-f", "json", "--state", running.state)
    assert json.loads(wfbreak(*asked).out) == {"c": "<zebra>!"}
