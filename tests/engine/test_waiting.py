"""What waits, on the real engine: delays, and wait conditions with their signals.

The openstack provider makes these types without any cloud.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from wfbreak import signals
from wfbreak.engine import signalling
from wfbreak.engine.amending import amend
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.providers import Provider, Rule
from wfbreak.signals import Signal, Status
from wfbreak.status import outputs
from wfbreak.translate import Request, translate

from .process import EngineProcess
from .support import start, tasks_of, wait, wait_for_task

pytestmark = pytest.mark.engine

WAIT = """
handle: {type: OS::Heat::WaitConditionHandle}
wait:
  type: OS::Heat::WaitCondition
  properties: {handle: {get_resource: handle}, timeout: 100, count: 2}
"""
DATA = "data: {value: {get_attr: [wait, data]}}"


def begin(
    engine: EngineClient, folder: Path, resources: str, outputs: str = "{}", real: bool = True
) -> Execution:
    """Start a stack of these resources."""
    template = {
        "heat_template_version": "2018-08-31",
        "resources": yaml.safe_load(resources),
        "outputs": yaml.safe_load(outputs),
    }
    path = folder / "template.yaml"
    path.write_text(json.dumps(template))
    providers = (Rule("*", Provider.OPENSTACK),) if real else ()
    return start(engine, translate(Request(str(path), providers=providers)).text())


def result(engine: EngineClient, execution: Execution, task: str) -> Any:
    return engine.results([tasks_of(engine, execution)[task]])[task]


def shown(engine: EngineClient, execution: Execution) -> Mapping[str, Any]:
    return outputs(engine.execution(execution.id), engine.workflow(execution.workflow_id))


def waiting(engine: EngineClient, execution: Execution, task: str = "wait") -> None:
    """Until it has been tried once, and waits for the next time."""
    tasks = wait_for_task(engine, execution, task, State.DELAYED, State.WAITING)
    while not tasks[task].is_retried:
        tasks = wait_for_task(engine, execution, task, State.DELAYED, State.WAITING)


def send(engine: EngineClient, execution: Execution, signal: Signal) -> None:
    ref = result(engine, execution, "handle")["ref"]
    amend(engine, engine.execution(execution.id), signals.sending(ref, signal))


def test_a_delay_takes_its_time_and_no_thread(engine: EngineClient, tmp_path: Path) -> None:
    before = time.monotonic()
    execution = begin(
        engine,
        tmp_path,
        """
        one: {type: OS::Heat::Value, properties: {value: 1}}
        two: {type: OS::Heat::Value, properties: {value: 2}}
        delay: {type: OS::Heat::Delay, properties: {min_wait: 3}, depends_on: [one, two]}
        after: {type: OS::Heat::Value, properties: {value: 3}, depends_on: delay}
        """,
    )
    waiting(engine, execution, "delay")
    assert wait(engine, execution).state is State.SUCCESS
    assert time.monotonic() - before >= 3
    tasks = tasks_of(engine, execution)
    assert tasks["after"].started_at is not None


def test_a_crash_does_not_begin_anew(tmp_path: Path) -> None:
    """The beginning is where the engine has the first try."""
    with EngineProcess(tmp_path / "state") as process:
        resources = "delay: {type: OS::Heat::Delay, properties: {min_wait: 12}}"
        before = time.monotonic()
        execution = begin(process.client, tmp_path, resources)
        waiting(process.client, execution, "delay")
        time.sleep(4)
        process.kill()
        engine = process.start()
        # Tries are 1, 1, 2, 3, 5 and 8 seconds apart.
        while not (ended := engine.execution(execution.id)).state.is_final:
            time.sleep(0.2)
            assert time.monotonic() - before < 100
        assert ended.state is State.SUCCESS
        inputs = _inputs(engine, execution, "delay")
        assert len({each["since"][:19] for each in inputs[1:]}) == 1, inputs


def _inputs(engine: EngineClient, execution: Execution, task: str) -> list[dict[str, Any]]:
    """What each try's action was given."""
    ident = tasks_of(engine, execution)[task].id
    listed = engine._json(engine._http.get(f"/tasks/{ident}/action_executions"))
    found = [
        engine._json(engine._http.get(f"/action_executions/{each['id']}"))
        for each in sorted(listed["action_executions"], key=lambda each: each["created_at"])
    ]
    return [json.loads(each["input"]) for each in found]


def test_a_wait_condition_gets_its_signals(engine: EngineClient, tmp_path: Path) -> None:
    execution = begin(engine, tmp_path, WAIT, DATA)
    waiting(engine, execution)
    send(engine, execution, Signal(data="one", id="a"))
    send(engine, execution, Signal(data="again", id="a"))
    time.sleep(3)
    assert not engine.execution(execution.id).state.is_final
    send(engine, execution, Signal(data={"two": 2}))
    assert wait(engine, execution).state is State.SUCCESS
    data = json.loads(shown(engine, execution)["data"])
    assert data == {"a": "again", "2": {"two": 2}}


def test_a_machine_signals_by_a_workflow(engine: EngineClient, tmp_path: Path) -> None:
    """As curl does: an execution of the workflow whose id the handle's action is given."""
    execution = begin(engine, tmp_path, WAIT.replace(", count: 2", ""), DATA)
    waiting(engine, execution)
    (given,) = _inputs(engine, execution, "handle")
    handle = result(engine, execution, "handle")["ref"]
    body = {
        "workflow_id": given["signal_workflow"],
        "input": {"execution": execution.id, "handle": handle, "signal": {"data": "<% 1 %>"}},
    }
    sent = engine._json(engine._http.post("/executions", json.dumps(body)))
    assert wait(engine, execution).state is State.SUCCESS
    assert json.loads(shown(engine, execution)["data"]) == {"1": "<% 1 %>"}
    assert engine.execution(sent["id"]).state is State.SUCCESS
    records = engine.execution(execution.id).params["env"]["wfbreak"]["audit"].values()
    assert [(r["event"], r["status"], r["handle"]) for r in records] == [
        ("signal", "SUCCESS", handle)
    ]


@pytest.mark.parametrize(
    ("signal", "why"),
    [({"status": "WELL"}, "SUCCESS or FAILURE"), ("no json", "as JSON")],
)
def test_what_is_no_signal_changes_nothing(
    engine: EngineClient, tmp_path: Path, signal: Any, why: str
) -> None:
    execution = begin(engine, tmp_path, "handle: {type: OS::Heat::WaitConditionHandle}")
    wait(engine, execution)
    (given,) = _inputs(engine, execution, "handle")
    inputs = {"execution": execution.id, "handle": "h", "signal": signal}
    workflow = engine.workflow(given["signal_workflow"])
    refused = wait(engine, engine.start(workflow, inputs))
    assert refused.state is State.ERROR
    (task,) = tasks_of(engine, refused).values()
    assert why in (task.state_info or "")


def test_the_workflow_is_made_known_once(engine: EngineClient, tmp_path: Path) -> None:
    signalling.upload(engine)
    group = """
    group:
      type: OS::Heat::ResourceGroup
      properties: {count: 8, resource_def: {type: OS::Heat::WaitConditionHandle}}
    """
    execution = begin(engine, tmp_path, group)
    assert wait(engine, execution).state is State.SUCCESS
    workflows = {_inputs(engine, execution, f"group/{n}")[0]["signal_workflow"] for n in range(8)}
    assert len(workflows) == 1


def test_a_failure_fails_the_stack(engine: EngineClient, tmp_path: Path) -> None:
    execution = begin(engine, tmp_path, WAIT)
    waiting(engine, execution)
    send(engine, execution, Signal(Status.FAILURE, "the disk is full"))
    assert wait(engine, execution).state is State.ERROR
    assert "the disk is full" in (tasks_of(engine, execution)["wait"].state_info or "")


def test_time_runs_out_and_begins_anew_for_who_tries_again(
    engine: EngineClient, tmp_path: Path
) -> None:
    execution = begin(engine, tmp_path, WAIT.replace("100, count: 2", "4"), DATA)
    assert wait(engine, execution).state is State.ERROR
    failed = tasks_of(engine, execution)["wait"]
    assert "timed out: 0 of 1 received" in (failed.state_info or "")
    send(engine, execution, Signal(data=1))
    engine.rerun(failed)
    assert wait(engine, execution, State.SUCCESS).state is State.SUCCESS


def test_a_rehearsal_hears_what_was_sent(engine: EngineClient, tmp_path: Path) -> None:
    stopped = (
        WAIT + "  depends_on: delay\ndelay: {type: OS::Heat::Delay, properties: {min_wait: 2}}"
    )
    execution = begin(engine, tmp_path, stopped, real=False)
    wait_for_task(engine, execution, "handle", State.SUCCESS)
    send(engine, execution, Signal(Status.FAILURE, "rehearsed"))
    assert wait(engine, execution).state is State.ERROR
    assert "rehearsed" in (tasks_of(engine, execution)["wait"].state_info or "")
