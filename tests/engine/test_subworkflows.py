"""What Mistral's sub-workflows would do to a stack in parts: on engines without one thing or
another that wfbreak changes or looks for."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from wfbreak import parts
from wfbreak.engine import belonging
from wfbreak.engine.client import EngineClient, EngineRefused
from wfbreak.engine.model import Execution, State

from .parted import TWO_CHAINS, WITH_LAST, Stack, parts_of, value
from .process import EngineProcess
from .support import HANG, start, tasks_of, wait

pytestmark = pytest.mark.engine

PROGRAM = """
import datetime, sys
from wfbreak.engine import healing, serve, subworkflows

def install(own=subworkflows.install):
    from mistral.engine import workflow_handler
    from oslo_config import cfg
    own()
    # What Mistral itself looks for after minutes.
    workflow_handler._schedule_check_and_fix_integrity = lambda *args, **said: None
    {later}

subworkflows.install = install
{first}
sys.exit(serve.main())
"""

DEAF = "subworkflows._send_result = lambda workflow, send: None"
"""No stack is told when a part of it has ended."""

BLIND = "healing._is_stale = lambda found, after=None: False"
"""Nothing that is lost is found while the engine runs."""

SOON = "healing._is_stale.__defaults__, healing._PERIOD = (datetime.timedelta(seconds=1),), 1"
"""It is found after seconds."""

CREDULOUS = """
def believe(engine, start, *args, **params):
    return start(engine, *args, **params)

subworkflows._start_workflow = believe
"""
"""A request says of what its execution is a part."""

VIA_RPC = 'cfg.CONF.set_override("start_subworkflows_via_rpc", True, group="engine")'


def engine_with(state: Path, *first: str, later: str = "") -> EngineProcess:
    process = EngineProcess(state)
    process.program = ("-c", PROGRAM.format(first="\n".join(first), later=later))
    return process


class TestPausedByHand:
    def test_it_ends_after_a_resume(self, tmp_path: Path) -> None:
        with engine_with(tmp_path / "state", BLIND) as process:
            execution = paused(process.client, tmp_path)
            process.client.resume(process.client.execution(execution.id))
            wait(process.client, execution, State.SUCCESS)
            assert {t["state"] for t in process.client._tasks(execution.id)} == {"SUCCESS"}

    def test_mistral_itself_loses_its_end(self, tmp_path: Path) -> None:
        plain = "subworkflows._send_result = lambda workflow, send: send(workflow)"
        with engine_with(tmp_path / "state", BLIND, plain) as process:
            execution = paused(process.client, tmp_path)
            process.client.resume(process.client.execution(execution.id))
            time.sleep(HANG)
            assert {part["state"] for part in parts_of(process.client, execution)} == {"SUCCESS"}
            assert process.client.execution(execution.id).state is State.RUNNING

    def test_it_goes_on_as_the_resume_says(self, tmp_path: Path) -> None:
        """Mistral refuses an env where parts are under way: the last of them has resumed the stack
        before."""
        with engine_with(tmp_path / "state") as process:
            execution = paused(process.client, tmp_path, seconds=3)
            process.client.resume(process.client.execution(execution.id), {"said": True})
            ended = wait(process.client, execution, State.SUCCESS)
            assert ended.params["env"]["said"] is True


def paused(client: EngineClient, folder: Path, seconds: float = 0.3) -> Execution:
    """A stack that is paused while its parts are under way, and half a second later; what they do
    takes so long."""
    stack = Stack(client, folder, "by_hand", rehearsal={"*": {"seconds": seconds}})
    execution = stack.begin({f"r{number}": [] for number in range(6)})
    client.pause(execution)
    time.sleep(0.6)
    assert {part["state"] for part in parts_of(client, execution)} == {"PAUSED"}
    return execution


class TestLostEnds:
    def test_it_is_found_out(self, tmp_path: Path) -> None:
        with engine_with(tmp_path / "state", DEAF, SOON) as process:
            stack = Stack(process.client, tmp_path, "deaf")
            execution = stack.begin({"a": [], "b": ["a"]})
            assert wait(process.client, execution, State.SUCCESS).output == {"last": "b(a())"}

    def test_also_of_a_stack_that_is_run_again(self, tmp_path: Path) -> None:
        with engine_with(tmp_path / "state", DEAF, SOON) as process:
            broken = {"a": {"fail": "no", "fail_times": 1}}
            stack = Stack(process.client, tmp_path, "again", rehearsal=broken)
            execution = wait(process.client, stack.begin({"a": [], "b": ["a"]}), State.ERROR)
            time.sleep(3)  # what has looked after it has found that it has ended
            stack.decided(execution, "retry")
            assert wait(process.client, execution, State.SUCCESS).output == {"last": "b(a())"}

    def test_a_crash_took_it(self, tmp_path: Path) -> None:
        process = engine_with(tmp_path / "state", DEAF, BLIND)
        process.start()
        execution = Stack(process.client, tmp_path, "crashed").begin({"a": [], "b": ["a"]})
        while not self.is_unheard(process.client, execution):
            time.sleep(0.1)
        process.kill()
        with engine_with(tmp_path / "state", BLIND) as again:
            assert wait(again.client, execution, State.SUCCESS).output == {"last": "b(a())"}

    @staticmethod
    def is_unheard(client: EngineClient, execution: Execution) -> bool:
        running = {task["state"] for task in client._tasks(execution.id)} == {"RUNNING"}
        return running and [p["state"] for p in parts_of(client, execution)] == ["SUCCESS"]


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


def test_where_engines_tell_each_other_none_is_begun(tmp_path: Path) -> None:
    with engine_with(tmp_path / "state", later=VIA_RPC) as process:
        stack = Stack(process.client, tmp_path, "told")
        with pytest.raises(EngineRefused, match="translate with --partition off"):
            stack.begin(TWO_CHAINS)
        assert process.client.executions() == []
        # What belongs to others is as it was.
        inner = {"tasks": {"a": {"action": "std.noop"}}}
        document = {"version": "2.0", "outer": {"tasks": {"b": {"workflow": "inner"}}}}
        text = yaml.safe_dump({**document, "inner": inner}, sort_keys=False)
        execution = start(process.client, text)
        wait(process.client, execution, State.SUCCESS)


class TestWhoseItIs:
    """A caller cannot have an action believe that it belongs to another's stack."""

    def test_a_request_does_not_say_it(self, tmp_path: Path) -> None:
        with EngineProcess(tmp_path / "state") as process:
            victim = self.victim(process.client, tmp_path)
            made = self.forged(process.client, victim, self.task(process.client, victim, "part:1"))
            assert made.output["root"] is None

    @pytest.mark.parametrize("task", ["part:1", "settled:1"])
    def test_where_it_does_it_is_not_believed(self, tmp_path: Path, task: str) -> None:
        """``part:1`` runs another, and ``settled:1`` none."""
        with engine_with(tmp_path / "state", CREDULOUS) as process:
            client = process.client
            victim = self.victim(client, tmp_path)
            real = client.results([tasks_of(client, victim)["a1"]])["a1"]["ref"]
            made = self.forged(client, victim, self.task(client, victim, task))
            assert made.output["root"] == victim.id  # Mistral itself believes it
            assert made.output["ref"].startswith("victim-a1-")
            assert made.output["ref"] != real

    def test_nor_with_a_task_of_the_callers_own(self, tmp_path: Path) -> None:
        own = {"victim.part-1": {"workflow": "victim.part-1", "pause-before": True}}
        with engine_with(tmp_path / "state", CREDULOUS) as process:
            client = process.client
            victim = self.victim(client, tmp_path)
            real = client.results([tasks_of(client, victim)["a1"]])["a1"]["ref"]
            document = yaml.safe_dump({"version": "2.0", "mine": {"tasks": own}})
            mine = wait(client, start(client, document), State.PAUSED)
            made = self.forged(client, victim, self.task(client, mine, "victim.part-1"))
            assert made.output["ref"] != real

    def test_a_part_is_nothing_by_itself(self, tmp_path: Path) -> None:
        with EngineProcess(tmp_path / "state") as process:
            victim = self.victim(process.client, tmp_path)
            workflow = process.client.workflow(victim.workflow_id)
            alone = parts.split(workflow.definition)[1]
            (_, body) = yaml.safe_load(alone).values()
            with pytest.raises(EngineRefused, match="is a part of a stack, and nothing by itself"):
                start(process.client, alone, dict.fromkeys(body.get("input", ())))

    @staticmethod
    def victim(client: EngineClient, folder: Path) -> Execution:
        stack = Stack(client, folder, "victim", breaks=("last",))
        return wait(client, stack.begin(WITH_LAST), State.PAUSED)

    @staticmethod
    def task(client: EngineClient, execution: Execution, name: str) -> str:
        return next(str(t["id"]) for t in client._tasks(execution.id) if t["name"] == name)

    @staticmethod
    def forged(client: EngineClient, victim: Execution, task: str) -> Execution:
        """An execution that says that it is one of the victim's parts, and makes what that has
        made: of the same name, if it is believed."""
        made = {"resource": "a1", "type": "OS::Heat::Value", "stack": "victim"}
        properties = {"properties": {"value": "x"}}
        own = {
            "tags": [parts.TAG],
            "output": {
                "root": "<% execution().root_execution_id %>",
                "ref": "<% task(a1).result.ref %>",
            },
            "tasks": {"a1": {"action": "wfbreak.create", "input": {**made, **properties}}},
        }
        document = yaml.safe_dump({"version": "2.0", "victim.part-1": own})
        workflow = client.upload(document, "forged")
        params = {"root_execution_id": victim.id, "task_execution_id": task}
        body = {"workflow_id": workflow.id, "params": json.dumps(params), "input": "{}"}
        answer = client._json(client._http.post("/executions", json.dumps(body)))
        return wait(client, client.execution(answer["id"]), State.SUCCESS)


class TestBelief:
    """What an engine without Keystone cannot be asked, for it has no projects; ids of old parts."""

    def test_another_project(self) -> None:
        stack = SimpleNamespace(id="a", project_id="mine")
        spec = {"workflow": "w.part-1"}
        said = SimpleNamespace(
            id="c",
            tags=[parts.TAG],
            task_execution_id="b",
            root_execution_id="a",
            project_id="theirs",
            workflow_name="w.part-1",
            task_execution=SimpleNamespace(id="b", spec=spec, workflow_execution=stack),
        )
        assert belonging.stack_id(said) == "c"

    def test_whoever_has_the_id_of_a_part_is_not_the_part(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(belonging, "_stacks", {("c", "b"): "a"})
        part = SimpleNamespace(id="c", tags=[parts.TAG], task_execution_id="b")
        assert belonging.stack_id(part) == "a"
        assert belonging.stack_id(SimpleNamespace(id="c", tags=[], task_execution_id="b")) == "c"
        taken = SimpleNamespace(id="c", tags=[parts.TAG], task_execution_id=None)
        assert belonging.stack_id(taken) == "c"

    @pytest.fixture(autouse=True)
    def _options(self) -> None:
        import mistral.config  # noqa: F401
