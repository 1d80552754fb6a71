"""The deletion policy Snapshot keeps what Heat keeps: by Heat's own code, on the same Cinder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from heat.both_make import EXECUTION, connection, in_the_end
from heat.conftest import Judge
from heat.core_kinds import CINDER
from heat.services import Asked, Cloud
from wfbreak.actions.openstack.provider import OpenStackProvider
from wfbreak.actions.provider import CreateRequest, DeleteRequest

VOLUME = ("OS::Cinder::Volume", {"size": 1})


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud([CINDER]) as services:
        yield services


def _changes(asked: list[Asked]) -> list[tuple[str, str]]:
    return [(a.method, a.path.rpartition("/")[0 if a.method == "DELETE" else 2]) for a in asked]


def test_a_backup_of_a_volume(real: Judge, cloud: Cloud) -> None:
    kind, properties = VOLUME
    cloud.begin([], [])
    request = {"type": kind, "properties": properties, "auth_url": f"{cloud.url}/identity/v3"}
    ident = real.ask(request)["id"]
    cloud.asked = []
    assert real.ask({**request, "id": ident, "keeps": True}) == {}
    heats = list(cloud.asked)
    cloud.begin([], [])
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
    assert _changes(cloud.asked) == _changes(heats)
    assert [method for method, _ in _changes(heats)] == ["POST", "DELETE"]
    told = [a.body["backup"]["volume_id"] for a in (heats[0], cloud.asked[0])]
    assert told == [ident, made.physical_id]
