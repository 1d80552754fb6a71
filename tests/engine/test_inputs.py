"""What a person is shown at a stop is what the engine then creates the resource with."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from engine.support import resume, wait
from wfbreak import inputs, keys, secrets
from wfbreak.actions import functions
from wfbreak.cli.stacks import properties_of, read_status
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.translate import Mode, Request, translate

TEMPLATE = """\
heat_template_version: 2021-04-16
parameters:
  zones: {type: comma_delimited_list}
  size: {type: number}
  password: {type: string, hidden: true}
resources:
  net: {type: OS::Neutron::Net, properties: {name: "<% 1 %> {{ x }}"}}
  group:
    type: OS::Heat::ResourceGroup
    properties:
      count: 2
      resource_def:
        type: OS::Heat::Value
        properties:
          value: {list_join: ["%index%-", [{get_resource: net}, {get_param: [zones, 0]}]]}
  server:
    type: OS::Nova::Server
    properties:
      flavor: {str_replace: {template: m.N, params: {N: {get_param: size}}}}
      image: debian
      networks: [{network: {get_resource: net}}]
      metadata:
        members: {get_attr: [group, value]}
        zones: {get_param: [zones, 1]}
        stack: {get_param: "OS::stack_name"}
        id: {get_param: "OS::stack_id"}
        all: {yaql: {expression: "$.data.len()", data: {get_param: zones}}}
      user_data: {get_param: password}
  last: {type: OS::Heat::Value, properties: {value: {get_attr: [server, first_address]}}}
"""


@pytest.fixture
def box(engine: EngineClient, engine_state: Path) -> secrets.Box:
    """What opens and seals for an execution that is yet to be started."""
    assert engine.url  # it makes the keys
    ring = keys.load_keys(engine_state / "seal.key")
    return secrets.Box(secrets.Place(str(uuid.uuid4())), lambda: ring)


def given(client: EngineClient, execution: Execution) -> dict[str, Any]:
    """What the engine handed to each resource's action."""
    found = {}
    for task in client.tasks(execution.id):
        answer = client._json(client._http.get(f"/tasks/{task.id}/action_executions"))
        for action in answer["action_executions"]:
            if action["name"] == "wfbreak.create":
                one = client._json(client._http.get(f"/action_executions/{action['id']}"))
                found[task.name] = json.loads(one["input"]).get("properties", {})
    return found


def test_at_every_step(engine: EngineClient, box: secrets.Box, tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    translation = translate(Request(str(tmp_path / "t.yaml"), mode=Mode.STEP))
    workflow = engine.upload(translation.text(), f"test-{translation.digest()}")
    values = {"zones": "a,b", "size": "3", "password": box.seal("s3cret-word")}
    execution = engine.start(workflow, values, execution_id=box.place.execution)
    shown: dict[str, Any] = {}
    while wait(engine, execution, State.PAUSED, State.SUCCESS, State.ERROR).state is State.PAUSED:
        now = engine.execution(execution.id)
        for stop in read_status(engine, now).stopped:
            shown[stop.resource] = properties_of(engine, now)(stop.resource)
        resume(engine, execution)
    assert shown.pop("group") is None  # it is what is inside of it
    handed = given(engine, execution)
    assert set(shown) == set(handed) == {"net", "group/0", "group/1", "server", "last"}
    for name, properties in handed.items():
        opened = secrets.unseal(functions.to_plain(shown[name]), box)
        assert opened == secrets.unseal(properties, box), name
    assert secrets.is_sealed(shown["server"]["user_data"])
    assert shown["server"]["flavor"] == "m.3"


def test_what_is_not_known_yet_says_so(
    engine: EngineClient, box: secrets.Box, tmp_path: Path
) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    translation = translate(Request(str(tmp_path / "t.yaml"), breaks=("net",)))
    workflow = engine.upload(translation.text(), f"test-{translation.digest()}")
    values = {"zones": "a,b", "size": "3", "password": box.seal("s3cret-word")}
    execution = wait(
        engine, engine.start(workflow, values, execution_id=box.place.execution), State.PAUSED
    )
    found = properties_of(engine, execution)("last")
    assert found == {"value": None} or isinstance(found["value"], inputs.Unresolved)  # type: ignore[index]
    assert properties_of(engine, execution)("nothing") is None
    engine.cancel(execution, "seen")
