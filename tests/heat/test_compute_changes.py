"""Nova's types changed in place as Heat changes them: by its own code, on the same small services;
what is kept is compared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from heat.both_change import Case, heat_changes, name_of, same_change, wfbreak_changes
from heat.conftest import Judge
from heat.core_kinds import GLANCE, KEYSTONE, NETWORKS, NOVA
from heat.service_kinds import without_nulls
from heat.services import PROJECT, Cloud, Seed

_THERE = "11111111-2222-4333-8444-55555555555{}"
FLAVOR, FLAVOR_TOO, IMAGE, IMAGE_TOO, NET = map(_THERE.format, range(5))

SEEDS = [
    Seed("identity/v3/projects", {"id": PROJECT, "name": "project"}),
    *(Seed("identity/v3/projects", {"id": each, "name": each}) for each in "abc"),
    Seed("compute/v2.1/flavors", {"id": FLAVOR, "name": "the flavor", "ram": 1, "disk": 1}),
    Seed("compute/v2.1/flavors", {"id": FLAVOR_TOO, "name": "other flavor", "ram": 1, "disk": 1}),
    Seed("image/v2/images", {"id": IMAGE, "name": "the image", "status": "active"}),
    Seed("image/v2/images", {"id": IMAGE_TOO, "name": "other image", "status": "active"}),
    Seed("network/v2.0/networks", {"id": NET, "name": "the net"}),
]

_SERVER = {
    "user_data_format": "RAW",
    "name": "one",
    "flavor": FLAVOR,
    "image": IMAGE,
    "networks": [{"network": NET}],
}
_SHAPE = {"name": "a", "flavorid": "f", "ram": 1, "vcpus": 1, "is_public": False}

CHANGES: list[Case] = [
    (f"OS::Nova::{kind}", {**base, **before}, {**base, **after})
    for kind, base, before, after in (
        ("Flavor", _SHAPE, {"extra_specs": {"a": "1", "b": "2"}}, {"extra_specs": {"b": "3"}}),
        ("Flavor", _SHAPE, {"tenants": ["a", "b"]}, {"tenants": ["b", "c"]}),
        (
            "HostAggregate",
            {"name": "one"},
            {"availability_zone": "a", "hosts": ["a", "b"], "metadata": {"a": "b"}},
            {
                "name": "two",
                "availability_zone": "b",
                "hosts": ["b", "c"],
                "metadata": {"a": "c", "d": "e"},
            },
        ),
        ("Server", _SERVER, {}, {"name": "two"}),
        ("Server", _SERVER, {"metadata": {"a": "b", "c": 1}}, {"metadata": {"a": "d", "e": [2]}}),
        ("Server", _SERVER, {"tags": ["red"]}, {"tags": ["blue"]}),
        ("Server", _SERVER, {"admin_pass": "a"}, {"admin_pass": "b"}),
        ("Server", _SERVER, {}, {"flavor": FLAVOR_TOO}),
        ("Server", _SERVER, {}, {"flavor": FLAVOR_TOO, "flavor_update_policy": "REPLACE"}),
        ("Server", _SERVER, {"metadata": {"a": "b"}}, {"image": IMAGE_TOO, "metadata": {"a": "b"}}),
        ("Server", _SERVER, {}, {"image": IMAGE_TOO, "image_update_policy": "REPLACE"}),
        ("Server", _SERVER, {"user_data": "a"}, {"user_data": "b"}),
        (
            "Server",
            _SERVER,
            {"user_data": "a"},
            {"user_data": "b", "user_data_update_policy": "IGNORE"},
        ),
    )
]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud((KEYSTONE, NOVA, GLANCE, NETWORKS)) as cloud:
        yield cloud


@pytest.mark.parametrize("case", CHANGES, ids=name_of)
def test_changed_as_heat(real: Judge, cloud: Cloud, case: Case) -> None:
    heats, ours = heat_changes(real, cloud, case, SEEDS), wfbreak_changes(cloud, case, SEEDS)
    for each in (heats, ours) if not heats.is_replaced else ():
        kept = without_nulls(each.state)
        each.state = {
            where: kept.get(where) for where in (*NOVA_KEEPS, "specs", "access") if where in kept
        }
    same_change(heats, ours, by_state=True)


NOVA_KEEPS = [f"/compute/v2.1/{kind}" for kind in ("servers", "os-aggregates")]
