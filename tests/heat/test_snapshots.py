"""The deletion policy Snapshot keeps what Heat keeps: by Heat's own code, on the same services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from heat.both_make import EXECUTION, connection, in_the_end
from heat.conftest import Judge
from heat.core_kinds import CINDER, GLANCE, KEYSTONE, NETWORKS, NOVA
from heat.services import Cloud, Seed
from wfbreak.actions.openstack.provider import OpenStackProvider
from wfbreak.actions.provider import CreateRequest, DeleteRequest

NET, FLAVOR, IMAGE = (f"11111111-2222-4333-8444-55555555555{number}" for number in range(3))
SEEDS = [
    Seed("compute/v2.1/flavors", {"id": FLAVOR, "name": "the flavor", "ram": 1, "disk": 1}),
    Seed("image/v2/images", {"id": IMAGE, "name": "the image", "status": "active"}),
    Seed("network/v2.0/networks", {"id": NET, "name": "the net"}),
]
SERVER = {
    "user_data_format": "RAW",
    "name": "one",
    "flavor": FLAVOR,
    "image": IMAGE,
    "networks": [{"network": NET}],
}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud([CINDER, NOVA, GLANCE, NETWORKS, KEYSTONE]) as services:
        yield services


@pytest.mark.parametrize(
    ("kind", "properties", "made_of"),
    [("OS::Cinder::Volume", {"size": 1}, "/backups"), ("OS::Nova::Server", SERVER, "/action")],
)
def test_what_is_kept(
    real: Judge, cloud: Cloud, kind: str, properties: dict[str, Any], made_of: str
) -> None:
    cloud.begin(SEEDS, [])
    request = {"type": kind, "properties": properties, "auth_url": f"{cloud.url}/identity/v3"}
    ident = real.ask(request)["id"]
    cloud.asked = []
    assert real.ask({**request, "id": ident, "keeps": True}) == {}
    heats = [(a.method, a.path.replace(ident, "ID")) for a in cloud.asked]
    cloud.begin(SEEDS, [])
    provider = OpenStackProvider()
    with closing(connection(cloud)) as connected:
        given: Any = (EXECUTION, "stack", "one", kind, properties)
        make = CreateRequest(*given, connect=lambda **_: connected)
        made = in_the_end(lambda: provider.create(make))
        cloud.asked = []
        deletion = DeleteRequest(
            *given, made.physical_id, connect=lambda **_: connected, keeps=True
        )
        in_the_end(lambda: provider.delete(deletion))
    ours = [(a.method, a.path.replace(made.physical_id, "ID")) for a in cloud.asked]
    assert ours == heats
    assert [(method, made_of in path) for method, path in ours] == [
        ("POST", True),
        ("DELETE", False),
    ]
