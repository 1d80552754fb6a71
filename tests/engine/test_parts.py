"""A stack in parts on a real engine: whoever looks at it, decides or comes after a crash finds one
stack."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli.command import wfbreak

from wfbreak import audit, decide, live, parts
from wfbreak.cli.begin import begin
from wfbreak.cli.former import former
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.engine.waking import wake
from wfbreak.failure import OnFailure
from wfbreak.stacks import read_status
from wfbreak.status import ResourceState, StackStatus, is_hung
from wfbreak.translate import Request, translate
from wfbreak.translate.partition import Partition

from .process import EngineProcess
from .support import start, states_of, tasks_of, wait, wait_for_task

pytestmark = pytest.mark.engine

TWO_CHAINS = {
    "a1": [],
    "a2": ["a1"],
    "a3": ["a2"],
    "b1": [],
    "b2": ["b1"],
    "b3": ["b2"],
}
"""Two parts that run side by side."""

WITH_LAST = {**TWO_CHAINS, "last": ["a3", "b3"]}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    with EngineProcess(tmp_path_factory.mktemp("parts") / "state") as process:
        yield process


@pytest.fixture(scope="module")
def engine(running: EngineProcess) -> EngineClient:
    return running.client


class Stack:
    """A stack of resources that each have the values of those before in their own."""

    def __init__(self, client: EngineClient, folder: Path, name: str, **asked: Any) -> None:
        self.client, self.folder, self.name = client, folder, name
        self.rehearsal = asked.pop("rehearsal", {})
        self.asked = {"partition": Partition(3), **asked}

    def template(self, needs: dict[str, list[str]]) -> str:
        path = self.folder / f"{self.name}.yaml"
        resources = {
            each: {
                "type": "OS::Heat::Value",
                "properties": {
                    "value": {
                        "list_join": ["", [f"{each}(", *map(_value_of, before), ")"]],
                    }
                },
            }
            for each, before in needs.items()
        }
        last = list(needs)[-1]
        document = {
            "heat_template_version": "2018-08-31",
            "resources": resources,
            "outputs": {"last": {"value": _value_of(last)}},
        }
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        return str(path)

    def begin(self, needs: dict[str, list[str]]) -> Execution:
        request = Request(self.template(needs), stack=self.name, **self.asked)
        translation = translate(request)
        assert any("workflow" in t for t in translation.document[self.name]["tasks"].values())
        env = {"__actions": {"wfbreak.create": {"rehearsal": self.rehearsal}}}
        return begin(self.client, translation, "run", None, env=env)

    def update(self, needs: dict[str, list[str]]) -> Execution:
        before = former(self.client, self.name)
        request = Request(self.template(needs), stack=self.name, **self.asked)
        translation = translate(replace(request, stock=before.stock))
        return begin(self.client, translation, "update", None, before=before)

    def status(self, execution: Execution) -> StackStatus:
        return read_status(self.client, self.client.execution(execution.id))

    def decided(self, execution: Execution, what: str, *arguments: Any) -> None:
        status = self.status(execution)
        decision = getattr(decide, what)(status, *arguments)
        decide.carry_out(self.client, status, decision, audit.record(what, "a test", decision))


def _value_of(name: str) -> dict[str, list[str]]:
    return {"get_attr": [name, "value"]}


def value(needs: dict[str, list[str]], name: str) -> str:
    return f"{name}({''.join(value(needs, before) for before in needs[name])})"


def parts_of(client: EngineClient, execution: Execution) -> list[Any]:
    path = f"/executions?root_execution_id={execution.id}"
    found: list[Any] = client._all(path, "executions")
    return found


def tried(client: EngineClient, execution: Execution) -> Counter[str]:
    """How many actions each resource's task has had."""
    found: Counter[str] = Counter()
    for name, task in tasks_of(client, execution).items():
        found[name] = len(client._all(f"/tasks/{task.id}/action_executions", "action_executions"))
    return found


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


def test_a_pause_by_hand_ends_with_a_resume(engine: EngineClient, tmp_path: Path) -> None:
    """At once: what looks for lost ends would find one only after a quarter of a minute."""
    slow = {"*": {"seconds": 0.3}}
    flat: dict[str, list[str]] = {f"r{number}": [] for number in range(6)}
    stack = Stack(engine, tmp_path, "by_hand", rehearsal=slow)
    execution = stack.begin(flat)
    engine.pause(execution)
    time.sleep(0.6)
    assert {part["state"] for part in parts_of(engine, execution)} == {"PAUSED"}
    # Nothing of the stack's own has changed that a part could let go on once more.
    assert {task["state"] for task in engine._tasks(execution.id)} == {"RUNNING"}
    engine.resume(engine.execution(execution.id))
    began = time.monotonic()
    wait(engine, execution, State.SUCCESS)
    assert {t["state"] for t in engine._tasks(execution.id)} == {"SUCCESS"}
    assert time.monotonic() - began < 12


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


class TestWhoseItIs:
    """A caller cannot say that an execution belongs to another's stack."""

    @pytest.fixture
    def victim(self, engine: EngineClient, tmp_path: Path) -> Execution:
        stack = Stack(engine, tmp_path, "victim", breaks=("last",))
        found = [e for e in engine.executions() if e.workflow_name == "victim"]
        return found[0] if found else wait(engine, stack.begin(WITH_LAST), State.PAUSED)

    def forged(self, engine: EngineClient, victim: Execution, tags: list[str]) -> Any:
        """An execution that says that it is one of the victim's parts."""
        task = next(t for t in engine._tasks(victim.id) if t["type"] == "WORKFLOW")
        params = {"root_execution_id": victim.id, "task_execution_id": task["id"]}
        own = {
            "tags": tags,
            "output": {"root": "<% execution().root_execution_id %>"},
            "tasks": {"a": {"action": "std.noop"}},
        }
        document = yaml.safe_dump({"version": "2.0", "victim.part-1": own})
        workflow = engine.upload(document, f"forged{len(tags)}")
        body = {"workflow_id": workflow.id, "params": json.dumps(params), "input": "{}"}
        answer = engine._json(engine._http.post("/executions", json.dumps(body)))
        return wait(engine, engine.execution(answer["id"]))

    @pytest.mark.parametrize("tags", [[], [parts.TAG]])
    def test_it_has_no_root(self, engine: EngineClient, victim: Execution, tags: list[str]) -> None:
        assert self.forged(engine, victim, tags).output == {"root": None}

    def test_a_part_is_nothing_by_itself(self, engine: EngineClient, victim: Execution) -> None:
        workflow = engine.workflow(victim.workflow_id)
        alone = parts.split(workflow.definition)[1]
        with pytest.raises(Exception, match="is a part of a stack, and nothing by itself"):
            start(engine, alone, dict.fromkeys(_inputs(alone)))


def _inputs(document: str) -> list[str]:
    _, body = yaml.safe_load(document).items()
    return list(body[1].get("input", ()))


DEAF = """
import datetime, sys
from wfbreak.engine import belonging, healing, serve
belonging._send_result = lambda workflow, send: None
if "soon" in {how!r}:
    healing._is_stale.__defaults__, healing._PERIOD = (datetime.timedelta(seconds=1),), 1

def install(own=belonging.install):
    from mistral.engine import workflow_handler
    own()
    workflow_handler._schedule_check_and_fix_integrity = lambda *args, **said: None

belonging.install = install
sys.exit(serve.main())
"""
"""An engine that tells no stack when a part of it has ended, without what Mistral itself looks for
after minutes."""


def deaf(state: Path, how: str) -> EngineProcess:
    process = EngineProcess(state)
    process.program = ("-c", DEAF.format(how=how))
    return process


def part_is_unheard(client: EngineClient, execution: Execution) -> bool:
    (task,) = client._tasks(execution.id) or [{"state": None}]
    return [p["state"] for p in parts_of(client, execution)] == ["SUCCESS"] and (
        task["state"] == "RUNNING"
    )


def test_a_parts_end_is_found_out(tmp_path: Path) -> None:
    with deaf(tmp_path / "state", "soon") as process:
        stack = Stack(process.client, tmp_path, "deaf")
        execution = stack.begin({"a": [], "b": ["a"]})
        assert wait(process.client, execution, State.SUCCESS).output == {"last": "b(a())"}


def test_a_stack_that_is_run_again_is_looked_after_again(tmp_path: Path) -> None:
    with deaf(tmp_path / "state", "soon") as process:
        broken = {"a": {"fail": "no", "fail_times": 1}}
        stack = Stack(process.client, tmp_path, "again", rehearsal=broken)
        execution = wait(process.client, stack.begin({"a": [], "b": ["a"]}), State.ERROR)
        time.sleep(3)  # what has looked after it has found that it has ended
        stack.decided(execution, "retry")
        assert wait(process.client, execution, State.SUCCESS).output == {"last": "b(a())"}


def test_a_parts_end_that_a_crash_took(tmp_path: Path) -> None:
    process = deaf(tmp_path / "state", "late")
    process.start()
    execution = Stack(process.client, tmp_path, "crashed").begin({"a": [], "b": ["a"]})
    while not part_is_unheard(process.client, execution):
        time.sleep(0.1)
    process.kill()
    began = time.monotonic()
    with EngineProcess(tmp_path / "state") as again:
        assert wait(again.client, execution, State.SUCCESS).output == {"last": "b(a())"}
        assert time.monotonic() - began < 12  # at the start, not when somebody looks


@pytest.mark.parametrize("seconds", [0.0, 0.2, 0.5, 0.9, 1.4])
def test_a_crash(tmp_path: Path, seconds: float) -> None:
    chain = {f"r{n}": [f"r{n - 1}"] if n else [] for n in range(9)}
    with EngineProcess(tmp_path / "state") as process:
        stack = Stack(process.client, tmp_path, "crashing", rehearsal={"*": {"seconds": 0.1}})
        execution = stack.begin(chain)
        time.sleep(seconds)
        process.kill()
        client = process.start()
        ended = wait(client, execution, State.SUCCESS)
        assert ended.output == {"last": value(chain, "r8")}
        assert set(Counter(task.name for task in client.tasks(execution.id)).values()) == {1}
