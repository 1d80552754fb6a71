"""What an execution has made is deleted by a workflow of its own, in the order opposite to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from wfbreak import deletion
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State, Task
from wfbreak.translate import Request, translate
from wfbreak.translate.document import dump

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
    translation = translate(Request(str(path), breaks=breaks))
    workflow = client.upload(translation.text(), f"test-{translation.digest()}")
    return wait(client, client.start(workflow, {}), State.SUCCESS, State.PAUSED)


def delete(client: EngineClient, execution: Execution) -> dict[str, Task]:
    tasks = tasks_of(client, execution)
    done = [task for task in tasks.values() if task.state is State.SUCCESS]
    document = deletion.build(
        client.execution(execution.id),
        client.workflow(execution.workflow_id),
        tasks,
        client.results(done),
        client.inputs(deletion.began(tasks)),
    )
    deleting = client.start(client.upload(dump(document), f"test-{execution.id}"), {})
    ended = wait(client, deleting)
    assert ended.state is State.SUCCESS, ended.state_info
    return tasks_of(client, deleting)


def test_the_last_is_deleted_first(engine: EngineClient, tmp_path: Path) -> None:
    made = run(engine, tmp_path)
    assert made.state is State.SUCCESS, made.state_info
    deleted = delete(engine, made)
    assert set(deleted) == {
        f"{name}:delete" for name in ("net", "subnet", "group/0", "group/1", "last")
    }
    ids = {name: result["physical_id"] for name, result in _results(engine, made).items()}
    found = engine.results(deleted.values())
    assert {name: result["deleted"] for name, result in found.items()} == {
        name: ids[name.removesuffix(":delete")] for name in deleted
    }
    inputs = engine.inputs(deleted.values())
    assert inputs["subnet:delete"]["needs"] == ["group/0:delete", "group/1:delete"]
    assert inputs["group/0:delete"]["needs"] == ["last:delete"]  # through what is kept
    assert inputs["net:delete"]["needs"] == ["subnet:delete"]
    assert inputs["net:delete"]["properties"] == {"name": "<% 1 + 1 %>"}
    assert inputs["net:delete"]["created_by"] == made.id


def test_only_what_has_been_begun(engine: EngineClient, tmp_path: Path) -> None:
    stopped = run(engine, tmp_path, breaks=("group",))
    assert stopped.state is State.PAUSED
    with pytest.raises(deletion.DeletionRefused, match="cancel it first"):
        delete(engine, stopped)
    engine.cancel(stopped, "not wanted")
    assert set(delete(engine, stopped)) == {"net:delete", "subnet:delete"}


def _results(client: EngineClient, execution: Execution) -> dict[str, dict[str, str]]:
    found = client.results(tasks_of(client, execution).values())
    return {name: result for name, result in found.items() if isinstance(result, dict)}
