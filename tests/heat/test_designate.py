"""Designate's types as Heat makes them: by its own code, on a service of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from heat.both_change import Case, both_ways, heat_changes, name_of, same_change, wfbreak_changes
from heat.both_make import by_heat, by_wfbreak, same, untried
from heat.conftest import Judge
from heat.services import Cloud, Collection, Seed, Service

DESIGNATE = Service(
    "dns",
    "v2",
    tuple(
        Collection(
            path,
            "",
            plural,
            uuids=True,
            shows={"status": "ACTIVE", **shows},
            making={"status": "PENDING"},
            ending={"status": "PENDING"},
        )
        for path, plural, shows in (
            ("/zones", "zones", {"serial": 1404757531}),
            ("/zones/*/recordsets", "recordsets", {}),
        )
    ),
)

ZONE = "11111111-2222-4333-8444-555555555550"

SEEDS = [Seed("dns/v2/zones", {"id": ZONE, "name": "there.test.", "type": "PRIMARY"})]

CASES: list[tuple[str, dict[str, Any]]] = [
    ("Zone", {"name": "one.test.", "email": "me@one.test"}),
    (
        "Zone",
        {
            "name": "one.test.",
            "email": "me@one.test",
            "ttl": 60,
            "description": "of many",
            "type": "PRIMARY",
            "attributes": {"tier": "gold"},
        },
    ),
    (
        "Zone",
        {
            "name": "one.test.",
            "email": "me@one.test",
            "ttl": 60,
            "description": "",
            "type": "SECONDARY",
            "masters": ["10.0.0.1"],
        },
    ),
    ("Zone", {"name": "one.test.", "type": "SECONDARY", "primaries": ["10.0.0.1", "10.0.0.2"]}),
    ("RecordSet", {"zone": ZONE, "type": "A", "records": ["10.0.0.1"]}),
    (
        "RecordSet",
        {
            "zone": "there.test.",
            "name": "www",
            "type": "TXT",
            "records": ["b", "a"],
            "ttl": 60,
            "description": "of many",
        },
    ),
    ("RecordSet", {"zone": ZONE, "name": "w.there.test.", "type": "A", "records": ["10.0.0.1"]}),
]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud([DESIGNATE]) as cloud:
        yield cloud


@pytest.mark.parametrize(("kind", "properties"), CASES)
def test_as_heat(real: Judge, cloud: Cloud, kind: str, properties: dict[str, Any]) -> None:
    name = f"OS::Designate::{kind}"
    heats = by_heat(real, cloud, name, properties, SEEDS)
    same(heats, by_wfbreak(cloud, name, properties, SEEDS))


def test_nothing_is_left_out() -> None:
    assert untried("Designate", [(f"OS::Designate::{k}", p) for k, p in CASES]) == set()


def test_anothers_zone_is_not_taken(cloud: Cloud) -> None:
    """A zone of the name that says something else: the service refuses a second, and so it fails.
    The service here takes it, and so there are two."""
    theirs = {"id": ZONE, "name": "one.test.", "type": "PRIMARY", "email": "they@one.test"}
    seeds = [Seed("dns/v2/zones", theirs)]
    ours = by_wfbreak(cloud, "OS::Designate::Zone", CASES[0][1], seeds)
    assert [asked.method for asked in ours.asked] == ["POST"]
    assert ours.id != ZONE


CHANGES: list[Case] = [
    case
    for kind, base, others in (
        (
            "Zone",
            {"name": "one.test.", "email": "me@one.test"},
            {"email": "you@one.test", "ttl": 60, "description": "of few"},
        ),
        (
            "Zone",
            {"name": "one.test.", "type": "SECONDARY", "masters": ["10.0.0.1"]},
            {"masters": ["10.0.0.2", "10.0.0.1"], "description": "of few"},
        ),
        (
            "RecordSet",
            {"zone": ZONE, "type": "A", "records": ["10.0.0.1"]},
            {"records": ["10.0.0.2", "10.0.0.1"], "ttl": 60, "description": "of few"},
        ),
    )
    for case in both_ways(f"OS::Designate::{kind}", base, others)
]


@pytest.mark.parametrize("case", CHANGES, ids=name_of)
def test_changed_as_heat(real: Judge, cloud: Cloud, case: Case) -> None:
    heats = heat_changes(real, cloud, case, SEEDS)
    same_change(heats, wfbreak_changes(cloud, case, SEEDS))
