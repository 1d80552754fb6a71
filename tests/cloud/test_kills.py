"""Engine and executor are killed at random moments, and every stack is made whole all the same.

Twenty stacks of twenty resources, five at a time; in each round both programs are killed while the
stacks come up, and started again.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud.lab.cloud import Cloud
from cloud.person import Person
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import State
from wfbreak.providers import parse
from wfbreak.translate import Request, translate

ROUNDS, AT_ONCE = 4, 5
PATIENCE = 300.0
"""Seconds after the restart within which a stack must be whole."""


def template() -> str:
    """Twenty resources: every second network and every port has a name of its own."""
    lines = ["heat_template_version: 2018-08-31", "resources:"]
    for n in range(4):
        named = f", properties: {{name: net-{n}}}" if n % 2 else ""
        lines.append(f"  net{n}: {{type: OS::Neutron::Net{named}}}")
        lines.append(
            f"  subnet{n}: {{type: OS::Neutron::Subnet, properties: "
            f"{{network: {{get_resource: net{n}}}, cidr: 10.{n}.0.0/24}}}}"
        )
        for p in range(2):
            lines.append(
                f"  port{n}{p}: {{type: OS::Neutron::Port, depends_on: subnet{n}, properties: "
                f"{{name: port-{n}-{p}, network: {{get_resource: net{n}}}}}}}"
            )
    lines += [f"  group{n}: {{type: OS::Neutron::SecurityGroup}}" for n in range(3)]
    lines.append("  volume: {type: OS::Cinder::Volume, properties: {size: 1}}")
    return "\n".join(lines)


def client_of(connection: Any) -> EngineClient:
    return EngineClient(
        connection.session.get_endpoint(service_type="workflowv2"), connection.session
    )


def things(connection: Any) -> dict[str, set[str]]:
    """What the project has of each kind, in the order in which it can be deleted."""
    project = connection.current_project_id
    network = connection.network
    return {
        "OS::Neutron::Port": {found.id for found in network.ports(project_id=project)},
        "OS::Neutron::Subnet": {found.id for found in network.subnets(project_id=project)},
        "OS::Neutron::Net": {found.id for found in network.networks(project_id=project)},
        "OS::Neutron::SecurityGroup": {
            found.id for found in network.security_groups(project_id=project)
        },
        "OS::Cinder::Volume": {found.id for found in connection.block_storage.volumes()},
    }


def listed(connection: Any) -> Counter[str]:
    """How many things of each kind the project has."""
    return Counter({kind: len(ids) for kind, ids in things(connection).items()})


@pytest.fixture
def tidy(as_member: Person) -> Iterator[None]:
    """Whatever the test makes is deleted: other tests count the project's networks, too."""
    connection = as_member.connection()
    network = connection.network
    delete = {
        "OS::Neutron::Port": network.delete_port,
        "OS::Neutron::Subnet": network.delete_subnet,
        "OS::Neutron::Net": network.delete_network,
        "OS::Neutron::SecurityGroup": network.delete_security_group,
        "OS::Cinder::Volume": connection.block_storage.delete_volume,
    }
    before = things(connection)
    yield
    for kind, ids in things(connection).items():
        for ident in ids - before[kind]:
            delete[kind](ident)


@pytest.mark.timeout(1200, func_only=True)
def test_each_resource_once_whatever_is_killed(
    cloud: Cloud, as_member: Person, tmp_path: Path, tidy: None
) -> None:
    path = tmp_path / "stack.yaml"
    path.write_text(template())
    chance = random.Random(20261125)
    connection = as_member.connection()
    client = client_of(connection)
    before = listed(connection)
    made: Counter[str] = Counter()
    for number in range(ROUNDS):
        executions = []
        for place in range(AT_ONCE):
            request = Request(
                str(path), stack=f"s{number}x{place}", providers=(parse("openstack"),)
            )
            translation = translate(request)
            workflow = client.upload(translation.text(), f"test-{translation.digest()}")
            executions.append(client.start(workflow, {}))
        for program in ("mistral-executor", "mistral-engine"):
            time.sleep(chance.uniform(0, 6))
            cloud.restart(program)
        deadline = time.monotonic() + PATIENCE
        for execution in executions:
            found = client.execution(execution.id)
            while found.state is State.RUNNING and time.monotonic() < deadline:
                time.sleep(1)
                found = client.execution(execution.id)
            assert found.state is State.SUCCESS, found.state_info
            inputs = client.inputs(client.tasks(execution.id)).values()
            types = Counter(given["type"] for given in inputs if "type" in given)
            assert types.total() == 20
            made += types
    assert listed(connection) - before == made
