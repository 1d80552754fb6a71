"""Octavia's types as Heat makes them: by its own code, on a service of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from heat.both_change import (
    Case,
    both_ways,
    heat_changes,
    name_of,
    same_change,
    wfbreak_changes,
)
from heat.both_make import by_heat, by_wfbreak, same, untried
from heat.conftest import Judge
from heat.services import PROJECT, Asked, Cloud, Collection, Refusal, Seed, Service


def built(path: str, key: str, plural: str, **shows: Any) -> Collection:
    """What Octavia takes its time for, and does not forget at once."""
    return Collection(
        f"/lbaas{path}",
        key,
        plural,
        shows={"provisioning_status": "ACTIVE", "tags": [], **shows},
        making={"provisioning_status": "PENDING_CREATE"},
        ending={"provisioning_status": "PENDING_DELETE"},
    )


OCTAVIA = Service(
    "load-balancer",
    "v2.0",
    (
        built(
            "/loadbalancers",
            "loadbalancer",
            "loadbalancers",
            vip_address="10.0.0.9",
            vip_port_id="a port",
            pools=[{"id": "a pool"}],
            flavor_id=None,
        ),
        built(
            "/listeners",
            "listener",
            "listeners",
            loadbalancers=[{"id": "a balancer"}],
            default_pool_id=None,
        ),
        built(
            "/pools",
            "pool",
            "pools",
            healthmonitor_id="a monitor",
            listeners=[{"id": "a listener"}],
            members=[{"id": "a member"}],
        ),
        built("/pools/*/members", "member", "members"),
        built("/healthmonitors", "healthmonitor", "healthmonitors", pools=[{"id": "a pool"}]),
        built("/l7policies", "l7policy", "l7policies", rules=[{"id": "a rule"}]),
        built("/l7policies/*/rules", "rule", "rules"),
        Collection("/lbaas/flavors", "flavor", "flavors"),
        Collection("/lbaas/flavorprofiles", "flavorprofile", "flavorprofiles"),
        Collection(
            "/lbaas/availabilityzones",
            "availability_zone",
            "availability_zones",
            id="name",
            named=True,
        ),
        Collection(
            "/lbaas/availabilityzoneprofiles",
            "availability_zone_profile",
            "availability_zone_profiles",
        ),
        Collection("/lbaas/quotas", "quota", "quotas", puts=True),
    ),
)
NEUTRON = Service("network", "v2.0", (Collection("/subnets", "subnet", "subnets"),))
KEYSTONE = Service("identity", "v3", (Collection("/projects", "project", "projects"),))

_THERE = "11111111-2222-4333-8444-55555555555{}"

SEEDS = [
    Seed("network/v2.0/subnets", {"id": _THERE.format(0), "name": "the subnet"}),
    Seed("identity/v3/projects", {"id": PROJECT, "name": "project"}),
    *(
        Seed(f"load-balancer/v2.0/lbaas/{kind}", {"id": _THERE.format(n), "name": f"the {name}"})
        for n, (kind, name) in enumerate(
            {
                "loadbalancers": "balancer",
                "listeners": "listener",
                "pools": "pool",
                "l7policies": "policy",
                "flavors": "flavor",
                "flavorprofiles": "profile",
                "availabilityzoneprofiles": "zone profile",
            }.items(),
            1,
        )
    ),
]
"""What the resources name; what is called by its name must be looked up."""

CASES: list[tuple[str, dict[str, Any]]] = [
    ("LoadBalancer", {"vip_subnet": "the subnet"}),
    (
        "LoadBalancer",
        {
            "name": "one",
            "description": "of many",
            "provider": "ovn",
            "vip_address": "10.0.0.9",
            "vip_subnet": _THERE.format(0),
            "admin_state_up": False,
            "tenant_id": PROJECT,
            "flavor": "the flavor",
            "availability_zone": "here",
        },
    ),
    ("Listener", {"protocol_port": 80, "protocol": "HTTP", "loadbalancer": "the balancer"}),
    (
        "Listener",
        {
            "name": "one",
            "description": "of many",
            "protocol_port": 443,
            "protocol": "TERMINATED_HTTPS",
            "loadbalancer": _THERE.format(1),
            "default_pool": "the pool",
            "admin_state_up": False,
            "default_tls_container_ref": "http://a.container",
            "sni_container_refs": ["http://another.container"],
            "connection_limit": 7,
            "tenant_id": PROJECT,
            "allowed_cidrs": ["10.0.0.0/8"],
        },
    ),
    ("Pool", {"lb_algorithm": "ROUND_ROBIN", "protocol": "TCP", "listener": "the listener"}),
    (
        "Pool",
        {
            "name": "one",
            "description": "of many",
            "lb_algorithm": "SOURCE_IP",
            "protocol": "HTTP",
            "loadbalancer": "the balancer",
            "listener": _THERE.format(2),
            "admin_state_up": False,
            "session_persistence": {"type": "APP_COOKIE", "cookie_name": "crumb"},
            "tls_enabled": True,
        },
    ),
    (
        "Pool",
        {
            "lb_algorithm": "LEAST_CONNECTIONS",
            "protocol": "TCP",
            "loadbalancer": "the balancer",
            "session_persistence": {"type": "SOURCE_IP"},
        },
    ),
    ("PoolMember", {"pool": "the pool", "address": "10.0.0.1", "protocol_port": 80}),
    (
        "PoolMember",
        {
            "pool": _THERE.format(3),
            "address": "10.0.0.1",
            "protocol_port": 80,
            "monitor_address": "10.0.0.2",
            "monitor_port": 81,
            "weight": 0,
            "admin_state_up": False,
            "subnet": "the subnet",
            "tags": ["blue", "green"],
        },
    ),
    (
        "HealthMonitor",
        {"pool": "the pool", "delay": 3, "max_retries": 2, "timeout": 1, "type": "TCP"},
    ),
    (
        "HealthMonitor",
        {
            "pool": _THERE.format(3),
            "delay": 3,
            "max_retries": 2,
            "timeout": 0,
            "type": "HTTP",
            "admin_state_up": False,
            "expected_codes": "200-204",
            "http_method": "HEAD",
            "url_path": "/up",
            "tenant_id": PROJECT,
        },
    ),
    ("L7Policy", {"listener": "the listener", "action": "REJECT"}),
    (
        "L7Policy",
        {
            "name": "one",
            "description": "of many",
            "listener": _THERE.format(2),
            "action": "REDIRECT_TO_POOL",
            "redirect_pool": "the pool",
            "position": 2,
            "admin_state_up": False,
        },
    ),
    (
        "L7Policy",
        {
            "listener": "the listener",
            "action": "REDIRECT_TO_URL",
            "redirect_url": "http://else.where",
        },
    ),
    (
        "L7Rule",
        {"l7policy": "the policy", "type": "PATH", "compare_type": "REGEX", "value": "/a.*"},
    ),
    (
        "L7Rule",
        {
            "l7policy": _THERE.format(4),
            "type": "HEADER",
            "compare_type": "EQUAL_TO",
            "value": "b",
            "key": "X-A",
            "invert": True,
            "admin_state_up": False,
        },
    ),
    ("Flavor", {"flavor_profile": "the profile"}),
    (
        "Flavor",
        {
            "name": "one",
            "description": "of many",
            "enabled": False,
            "flavor_profile": _THERE.format(6),
        },
    ),
    ("FlavorProfile", {"flavor_data": '{"a": 1}'}),
    (
        "FlavorProfile",
        {"name": "one", "flavor_data": '{"a": 1}', "provider_name": "amphora"},
    ),
    ("AvailabilityZone", {"availability_zone_profile": "the zone profile"}),
    (
        "AvailabilityZone",
        {
            "name": "one",
            "description": "of many",
            "enabled": False,
            "availability_zone_profile": _THERE.format(7),
        },
    ),
    ("AvailabilityZoneProfile", {"availability_zone_data": '{"a": 1}'}),
    (
        "AvailabilityZoneProfile",
        {"name": "one", "availability_zone_data": '{"a": 1}', "provider_name": "amphora"},
    ),
]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud((OCTAVIA, NEUTRON, KEYSTONE)) as cloud:
        yield cloud


@pytest.mark.parametrize(("kind", "properties"), CASES)
def test_as_heat(real: Judge, cloud: Cloud, kind: str, properties: dict[str, Any]) -> None:
    name = f"OS::Octavia::{kind}"
    heats = by_heat(real, cloud, name, properties, SEEDS)
    # Heat has the attribute in its schema, and no code for it.
    more = ["availability_zone_profile_id"] if kind == "AvailabilityZone" else []
    same(heats, by_wfbreak(cloud, name, properties, SEEDS), more)


def test_nothing_is_left_out() -> None:
    quota = {f"OS::Octavia::Quota{each}" for each in ("", *(f".{name}" for name in QUOTA))}
    assert untried("Octavia", [(f"OS::Octavia::{k}", p) for k, p in CASES]) == quota


def test_a_load_balancer_that_changes_is_waited_for(real: Judge, cloud: Cloud) -> None:
    locked = {"faultstring": "Load Balancer x is immutable and cannot be updated."}
    refusals = [Refusal("POST", 409, locked), Refusal("DELETE", 409, locked)]
    given: Any = ("OS::Octavia::Listener", dict(CASES)["Listener"], SEEDS, refusals)
    heats = by_heat(real, cloud, *given)
    assert [asked.method for asked in heats.asked] == ["POST", "POST"]
    assert [asked.method for asked in heats.deleting] == ["DELETE", "DELETE"]
    same(heats, by_wfbreak(cloud, *given))


def test_what_is_taken_is_not_waited_for(cloud: Cloud) -> None:
    taken = "Another Listener on this Load Balancer is already using protocol_port 80"
    refusals = [Refusal("POST", 409, {"faultstring": taken})] * 2
    kind, properties = "OS::Octavia::Listener", dict(CASES)["Listener"]
    ours = by_wfbreak(cloud, kind, properties, SEEDS, refusals)
    assert ours.refused == taken
    assert len(ours.asked) == 1


QUOTA = {"healthmonitor": 1, "listener": 2, "loadbalancer": 3, "member": 4, "pool": 5}


def test_quota(real: Judge, cloud: Cloud) -> None:
    """Heat 27 hands each limit to the HTTP library, and so sets none; Octavia wants a body."""
    kind, properties = "OS::Octavia::Quota", {"project": "project", **QUOTA}
    heats = by_heat(real, cloud, kind, properties, SEEDS)
    assert "unexpected keyword argument" in (heats.refused or "")
    ours = by_wfbreak(cloud, kind, properties, SEEDS)
    path = f"load-balancer/v2.0/lbaas/quotas/{PROJECT}"
    assert ours.asked == [Asked("PUT", path, {"quota": QUOTA})]
    assert ours.deleting == [Asked("DELETE", path, None)]
    assert ours.ref == "<drawn>"


CHANGES: list[Case] = [
    case
    for kind, base, others in (
        (
            "LoadBalancer",
            {"vip_subnet": "the subnet"},
            {"name": "two", "description": "of few", "admin_state_up": False},
        ),
        (
            "Listener",
            {"protocol_port": 443, "protocol": "TERMINATED_HTTPS", "loadbalancer": "the balancer"},
            {
                "name": "two",
                "description": "of few",
                "admin_state_up": False,
                "default_pool": "the pool",
                "default_tls_container_ref": "http://a.container",
                "sni_container_refs": ["http://b.container"],
                "connection_limit": 7,
                "allowed_cidrs": ["10.0.0.0/8", "10.1.0.0/16"],
            },
        ),
        (
            "Pool",
            {"lb_algorithm": "ROUND_ROBIN", "protocol": "TCP", "listener": "the listener"},
            {
                "description": "of few",
                "admin_state_up": False,
                "lb_algorithm": "SOURCE_IP",
                "session_persistence": {"type": "APP_COOKIE", "cookie_name": "crumb"},
                "tls_enabled": True,
            },
        ),
        (
            "PoolMember",
            {"pool": "the pool", "address": "10.0.0.1", "protocol_port": 80, "tags": ["red"]},
            {"weight": 0, "admin_state_up": False, "tags": ["blue", "green"]},
        ),
        (
            "HealthMonitor",
            {"pool": "the pool", "delay": 3, "max_retries": 2, "timeout": 1, "type": "HTTP"},
            {
                "admin_state_up": False,
                "delay": 4,
                "expected_codes": "200-204",
                "http_method": "HEAD",
                "max_retries": 3,
                "timeout": 2,
                "url_path": "/up",
            },
        ),
        (
            "L7Policy",
            {"listener": "the listener", "action": "REDIRECT_TO_URL", "redirect_url": "http://a"},
            {
                "name": "two",
                "description": "of few",
                "admin_state_up": False,
                "position": 2,
                "redirect_url": "http://b",
            },
        ),
        (
            "L7Rule",
            {"l7policy": "the policy", "type": "HEADER", "compare_type": "REGEX", "value": "a"},
            {
                "admin_state_up": False,
                "compare_type": "EQUAL_TO",
                "invert": True,
                "key": "X-A",
                "type": "COOKIE",
                "value": "b",
            },
        ),
        (
            "Flavor",
            {"flavor_profile": "the profile"},
            {"name": "two", "description": "of few", "enabled": False},
        ),
        (
            "FlavorProfile",
            {"flavor_data": "1", "provider_name": "ovn"},
            {"name": "two", "flavor_data": '{"a": 1}', "provider_name": "amphora"},
        ),
        (
            "AvailabilityZone",
            {"availability_zone_profile": "the zone profile"},
            {"description": "of few", "enabled": False},
        ),
        (
            "AvailabilityZoneProfile",
            {"availability_zone_data": "1", "provider_name": "ovn"},
            {"name": "two", "availability_zone_data": '{"a": 1}', "provider_name": "amphora"},
        ),
    )
    for case in both_ways(f"OS::Octavia::{kind}", base, others)
] + [
    (
        "OS::Octavia::L7Policy",
        {"listener": "the listener", "action": "REJECT"},
        {"listener": "the listener", "action": "REDIRECT_TO_POOL", "redirect_pool": "the pool"},
    )
]


@pytest.mark.parametrize("case", CHANGES, ids=name_of)
def test_changed_as_heat(real: Judge, cloud: Cloud, case: Case) -> None:
    heats = heat_changes(real, cloud, case, SEEDS)
    same_change(heats, wfbreak_changes(cloud, case, SEEDS))
