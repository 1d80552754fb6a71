"""A machine signals by the command that Heat's users know, over Mistral with Keystone."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from cloud.lab.cloud import Cloud
from cloud.person import Person
from wfbreak import keys, secrets
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State

PATIENCE = 120
"""Seconds; the next try after a signal comes within half a minute."""

TEMPLATE = """\
heat_template_version: 2018-08-31
resources:
  handle: {type: OS::Heat::WaitConditionHandle}
  script:
    type: OS::Heat::SoftwareConfig
    properties:
      config:
        str_replace:
          template: |
            #!/bin/sh
            wc_notify --data-binary '{"status": "SUCCESS", "data": "it'"'"'s up: $HOME"}'
            wc_notify -s --data-binary '{"status": "STATUS", "reason": "the disk", "id": "disk"}'
          params: {wc_notify: {get_attr: [handle, curl_cli]}, STATUS: {get_param: status}}
  wait:
    type: OS::Heat::WaitCondition
    properties: {handle: {get_resource: handle}, timeout: 600, count: 2}
parameters:
  status: {type: string, default: SUCCESS}
outputs:
  data: {value: {get_attr: [wait, data]}}
  script: {value: {get_attr: [script, config]}}
"""


@pytest.fixture
def engine(member: Any) -> EngineClient:
    url = member.session.get_endpoint(service_type="workflowv2")
    return EngineClient(url, member.session)


@pytest.fixture
def script(cloud: Cloud, member: Any, engine: EngineClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What an executor would give a machine to run: it alone can read the token in it."""
    monkeypatch.setenv(keys.KEY_FILE_VARIABLE, str(cloud.seal_key))

    def opened(execution: Execution) -> str:
        box = secrets.Box(secrets.Place(execution.id, member.current_project_id))
        tasks = {task.name: task for task in engine.tasks(execution.id)}
        result = engine.results([tasks["script"]])["script"]
        assert "curl" not in json.dumps(result)
        return str(secrets.unseal(result["attributes"]["config"], box))

    return opened


def started(engine: EngineClient, person: Person, folder: Path, *more: str) -> Execution:
    """The stack, which waits; the command that follows it has been left."""
    (folder / "t.yaml").write_text(TEMPLATE)
    command = ("run", "t.yaml", "--provider", "openstack", "--break", "wait", *more)
    answer = person.wfbreak(*command, "-f", "json", cwd=folder)
    assert answer.status == 5, answer.err
    execution = engine.execution(json.loads(answer.out)["execution"])
    return engine.resume(execution)


def ended(engine: EngineClient, execution: Execution) -> Execution:
    deadline = time.monotonic() + PATIENCE
    while not (found := engine.execution(execution.id)).state.is_final:
        assert time.monotonic() < deadline, "it waits still"
        time.sleep(0.5)
    return found


def run(script: str, folder: Path) -> str:
    path = folder / "user-data.sh"
    path.write_text(script)
    done = subprocess.run(
        ["sh", path],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin"},
    )
    return done.stdout


def test_curl_signals(as_member: Person, engine: EngineClient, script: Any, tmp_path: Path) -> None:
    execution = started(engine, as_member, tmp_path)
    said = run(script(execution), tmp_path)
    assert said.count("HTTP/1.1 201") == 2, said
    assert ended(engine, execution).state is State.SUCCESS
    output = json.loads(as_member.wfbreak("outputs", execution.id, "-f", "json").out)
    assert json.loads(output["data"]) == {"1": "it's up: $HOME", "disk": None}
    assert output["script"] == secrets.MASK
    trail = json.loads(as_member.wfbreak("audit", execution.id, "-f", "json").out)
    signals = [(e["who"], e["why"]) for e in trail if e["event"] == "signal"]
    who = f"{as_member.account.user} (over HTTP)"
    assert signals == [(who, ""), (who, "the disk")]


def test_a_failure_fails_the_stack(
    as_member: Person, engine: EngineClient, script: Any, tmp_path: Path
) -> None:
    execution = started(engine, as_member, tmp_path, "-P", "status=FAILURE")
    run(script(execution), tmp_path)
    assert ended(engine, execution).state is State.ERROR
    shown = json.loads(as_member.wfbreak("show", execution.id, "-f", "json").out)
    (error,) = [r["error"] for r in shown["resources"] if r["name"] == "wait"]
    assert "the disk" in error


def test_others_cannot_signal(
    as_member: Person,
    as_other_member: Person,
    engine: EngineClient,
    script: Any,
    tmp_path: Path,
    other_member: Any,
) -> None:
    """With a token of another project Mistral knows no such execution."""
    execution = started(engine, as_member, tmp_path)
    text = script(execution)
    (token,) = {line.split(": ")[1].split('"')[0] for line in text.split("-H ") if "Token" in line}
    said = run(text.replace(token, other_member.session.get_token()), tmp_path)
    assert "HTTP/1.1 2" not in said
    assert as_other_member.wfbreak("signal", execution.id, "handle").status == 7
    assert not engine.execution(execution.id).state.is_final
    as_member.wfbreak("cancel", execution.id)
