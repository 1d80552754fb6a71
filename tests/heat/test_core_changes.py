"""Keystone's and Cinder's types changed in place as Heat changes them: by its own code, on the same
small services. Heat tells some of it again that does not differ, so what is kept is compared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from heat.both_change import Case, heat_changes, name_of, same_change, wfbreak_changes
from heat.conftest import Judge
from heat.core_kinds import CINDER, KEYSTONE
from heat.service_kinds import without_nulls
from heat.services import PROJECT, Cloud, Seed

_THERE = "11111111222243338444{:012}"
DOMAIN, ROLE, ROLE_TOO, GROUP, GROUP_TOO, REGION, SERVICE, SERVICE_TOO, USER, KIND = map(
    _THERE.format, range(10)
)
KIND_TOO, SPECS = map(_THERE.format, (11, 12))

SEEDS = [
    *(
        Seed(f"identity/v3/{path}", {"id": ident, "name": name, "type": "seed"})
        for path, ident, name in (
            ("projects", PROJECT, "project"),
            ("domains", DOMAIN, "the domain"),
            ("roles", ROLE, "the role"),
            ("roles", ROLE_TOO, "the other role"),
            ("groups", GROUP, "the group"),
            ("groups", GROUP_TOO, "the other group"),
            ("regions", REGION, "the region"),
            ("services", SERVICE, "the service"),
            ("services", SERVICE_TOO, "the other service"),
            ("users", USER, "the user"),
        )
    ),
    Seed("volumev3/v3/types", {"id": KIND, "name": "the type"}),
    Seed("volumev3/v3/types", {"id": KIND_TOO, "name": "the other type"}),
    Seed("volumev3/v3/qos-specs", {"id": SPECS, "name": "the specs", "specs": {}}),
]

_IN_PROJECT = {"role": ROLE, "project": PROJECT}
_IN_DOMAIN = {"role": ROLE, "domain": DOMAIN}
_TOO = {"role": ROLE_TOO, "project": PROJECT}

CHANGES: list[Case] = [
    (f"OS::{kind}", before, after)
    for kind, before, after in (
        (
            "Keystone::Domain",
            {"name": "one"},
            {"name": "two", "description": "of few", "enabled": False},
        ),
        ("Keystone::Domain", {"name": "one"}, {}),
        (
            "Keystone::Endpoint",
            {"service": SERVICE, "interface": "public", "url": "http://a"},
            {
                "service": SERVICE_TOO,
                "interface": "admin",
                "url": "http://b",
                "name": "two",
                "enabled": False,
            },
        ),
        (
            "Keystone::Group",
            {"name": "one", "domain": DOMAIN, "roles": [_IN_PROJECT, _IN_DOMAIN]},
            {
                "name": "two",
                "domain": DOMAIN,
                "description": "of few",
                "roles": [_IN_DOMAIN, _TOO],
            },
        ),
        (
            "Keystone::Project",
            {"name": "one", "domain": DOMAIN, "tags": ["red"]},
            {
                "name": "two",
                "domain": DOMAIN,
                "description": "of few",
                "enabled": False,
                "tags": ["blue", "green"],
            },
        ),
        (
            "Keystone::Region",
            {"id": "one"},
            {"id": "one", "parent_region": REGION, "description": "of few", "enabled": False},
        ),
        ("Keystone::Role", {"name": "one"}, {"name": "two"}),
        (
            "Keystone::Service",
            {"name": "one", "type": "a"},
            {"name": "two", "type": "b", "description": "of few", "enabled": False},
        ),
        (
            "Keystone::User",
            {"name": "one", "domain": DOMAIN, "groups": [GROUP], "roles": [_IN_PROJECT]},
            {
                "name": "two",
                "domain": DOMAIN,
                "description": "of few",
                "enabled": False,
                "email": "me@one.test",
                "password": "secret",
                "default_project": PROJECT,
                "groups": [GROUP_TOO],
                "roles": [_TOO],
            },
        ),
        (
            "Cinder::Volume",
            {"name": "one", "size": 1, "metadata": {"a": "b"}},
            {"name": "two", "description": "of few", "size": 1, "metadata": {"c": "d"}},
        ),
        ("Cinder::Volume", {"name": "one", "size": 1}, {"name": "one", "size": 2}),
        (
            "Cinder::Volume",
            {"name": "one", "size": 1, "volume_type": KIND},
            {"name": "one", "size": 1, "volume_type": KIND_TOO},
        ),
        (
            "Cinder::Volume",
            {"name": "one", "size": 1},
            {"name": "one", "size": 1, "read_only": True},
        ),
        (
            "Cinder::VolumeType",
            {"name": "one", "metadata": {"a": "1", "b": "2"}},
            {"name": "two", "description": "of few", "metadata": {"b": "3", "c": "4"}},
        ),
        (
            "Cinder::VolumeType",
            {"name": "one", "is_public": False, "projects": [PROJECT]},
            {"name": "one", "is_public": False, "projects": []},
        ),
        (
            "Cinder::EncryptedVolumeType",
            {"volume_type": KIND, "provider": "a"},
            {
                "volume_type": KIND,
                "provider": "b",
                "cipher": "aes-xts-plain64",
                "key_size": 256,
                "control_location": "back-end",
            },
        ),
        (
            "Cinder::QoSSpecs",
            {"name": "one", "specs": {"a": "1", "b": "2"}},
            {"name": "one", "specs": {"b": "3", "c": "4"}},
        ),
    )
]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud((KEYSTONE, CINDER)) as cloud:
        yield cloud


@pytest.mark.parametrize("case", CHANGES, ids=name_of)
def test_changed_as_heat(real: Judge, cloud: Cloud, case: Case) -> None:
    heats, ours = heat_changes(real, cloud, case, SEEDS), wfbreak_changes(cloud, case, SEEDS)
    heats.state, ours.state = without_nulls(heats.state), without_nulls(ours.state)
    same_change(heats, ours, by_state=True)


@pytest.mark.parametrize("who", [("user", USER), ("group", GROUP)])
def test_grants(real: Judge, cloud: Cloud, who: tuple[str, str]) -> None:
    """They have no id."""
    kind, ident = who
    before, after = [_IN_PROJECT, _IN_DOMAIN], [_TOO, _IN_DOMAIN]
    given = ({kind: ident, "roles": roles} for roles in (before, after))
    case = (f"OS::Keystone::{kind.title()}RoleAssignment", *given)
    heats, ours = heat_changes(real, cloud, case, SEEDS), wfbreak_changes(cloud, case, SEEDS)
    assert heats.refused is ours.refused is None
    assert ours.state == heats.state


def test_grants_of_another(cloud: Cloud) -> None:
    """Heat gives nobody anything then, and takes nothing away."""
    one, other = ({"group": ident, "roles": [_IN_PROJECT]} for ident in (GROUP, GROUP_TOO))
    ours = wfbreak_changes(cloud, ("OS::Keystone::GroupRoleAssignment", one, other), SEEDS)
    (grant,) = ours.state["grants"]["all"]
    assert GROUP_TOO in grant


def test_associations(real: Judge, cloud: Cloud) -> None:
    before, after = ({"qos_specs": SPECS, "volume_types": [kind]} for kind in (KIND, KIND_TOO))
    case = ("OS::Cinder::QoSAssociation", before, after)
    heats, ours = heat_changes(real, cloud, case, SEEDS), wfbreak_changes(cloud, case, SEEDS)
    assert heats.refused is ours.refused is None
    assert ours.state["associated"] == heats.state["associated"] == {SPECS: {KIND_TOO: True}}


def test_a_volume_does_not_shrink(real: Judge, cloud: Cloud) -> None:
    case = ("OS::Cinder::Volume", {"size": 2}, {"size": 1})
    heats, ours = heat_changes(real, cloud, case, SEEDS), wfbreak_changes(cloud, case, SEEDS)
    assert "Shrinking" in (heats.refused or "")
    assert "does not shrink" in (ours.refused or "")
    assert ours.asked == heats.asked == []
