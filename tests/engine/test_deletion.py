"""What a stack has made is deleted by a workflow of its own, in the order opposite to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from wfbreak.cli.begin import begin
from wfbreak.cli.former import InFlight, former
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State, Task
from wfbreak.translate import Deletion, Request, translate
from wfbreak.translate import delete as translate_deletion

from .support import tasks_of, wait

pytestmark = pytest.mark.engine

TEMPLATE = """\
heat_template_version: 2018-08-31
resources:
  net: {type: OS::Neutron::Net, properties: {name: "<% 1 + 1 %>"}}
  subnet:
    type: OS::Neutron::Subnet
    properties: {network: {get_resource: net}, cidr: 10.0.0.0/24}
  group:
    type: OS::Heat::ResourceGroup
    properties:
      count: 2
      resource_def:
        type: OS::Neutron::Port
        properties: {network: {get_resource: net}, fixed_ips: [{subnet: {get_resource: subnet}}]}
  kept:
    type: OS::Cinder::Volume
    deletion_policy: Retain
    depends_on: group
    properties: {size: 1}
  last:
    type: OS::Nova::Server
    depends_on: kept
    properties: {flavor: f, image: i, networks: [{port: {get_attr: [group, resource.0]}}]}
  there: {type: OS::Neutron::Router, external_id: its-id}
"""


def run(client: EngineClient, folder: Path, *, breaks: tuple[str, ...] = ()) -> Execution:
    path = folder / "stack.yaml"
    path.write_text(TEMPLATE)
    execution = begin(client, translate(Request(str(path), breaks=breaks)), "run", None)
    return wait(client, execution, State.SUCCESS, State.PAUSED)


def delete(client: EngineClient, execution: Execution) -> tuple[Execution, dict[str, Task]]:
    before = former(client, execution.id)
    translation = translate_deletion(Deletion(execution.workflow_name, before.stock))
    ended = wait(client, begin(client, translation, "delete", None, before=before))
    assert ended.state is State.SUCCESS, ended.state_info
    return ended, tasks_of(client, ended)


def test_the_last_is_deleted_first(engine: EngineClient, tmp_path: Path) -> None:
    made = run(engine, tmp_path)
    assert made.state is State.SUCCESS, made.state_info
    _, deleted = delete(engine, made)
    assert set(deleted) == {
        f"{name}:delete" for name in ("net", "subnet", "group/0", "group/1", "last")
    }
    ids = {name: result["physical_id"] for name, result in _results(engine, made).items()}
    found = engine.results(deleted.values())
    assert {name: result["deleted"] for name, result in found.items()} == {
        name: ids[name.removesuffix(":delete")] for name in deleted
    }
    inputs = engine.inputs(deleted.values())
    assert {"group/0:delete", "group/1:delete"} <= set(inputs["subnet:delete"]["needs"])
    assert inputs["group/0:delete"]["needs"] == ["last:delete"]  # through what is kept
    assert "subnet:delete" in inputs["net:delete"]["needs"]
    existing = inputs["net:delete"]["existing"]
    assert existing["properties"] == {"name": "<% 1 + 1 %>"}
    assert existing["created_by"] == made.id
    assert existing["physical_id"] == ids["net"]


def test_only_what_has_been_begun(engine: EngineClient, tmp_path: Path) -> None:
    stopped = run(engine, tmp_path, breaks=("group",))
    assert stopped.state is State.PAUSED
    ended, deleted = delete(engine, stopped)
    assert set(deleted) == {"net:delete", "subnet:delete"}
    now = engine.execution(stopped.id)
    assert (now.state, now.state_info) == (State.CANCELLED, f"succeeded by {ended.id}")


def test_a_stack_that_runs_is_not_taken_over(engine: EngineClient, tmp_path: Path) -> None:
    path = tmp_path / "slow.yaml"
    path.write_text(
        "heat_template_version: 2018-08-31\n"
        "resources: {a: {type: OS::Heat::Delay, properties: {min_wait: 3}}}\n"
    )
    execution = begin(engine, translate(Request(str(path))), "run", None)
    with pytest.raises(InFlight, match="cancel it first"):
        former(engine, execution.id)
    engine.cancel(execution, "not wanted")
    # What was under way comes to its end before anything is read of it.
    assert former(engine, execution.id).stock.resources["a"].physical_id


def _results(client: EngineClient, execution: Execution) -> dict[str, dict[str, str]]:
    found = client.results(tasks_of(client, execution).values())
    return {name: result for name, result in found.items() if isinstance(result, dict)}
