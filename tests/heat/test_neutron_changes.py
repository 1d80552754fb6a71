"""Neutron's types changed in place as Heat changes them: by its own code, on a service of ours."""

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
    unchanged,
    wfbreak_changes,
)
from heat.conftest import Judge
from heat.neutron_kind import NEUTRON
from heat.services import PROJECT, Cloud, Collection, Seed, Service

KEYSTONE = Service("identity", "v3", (Collection("/projects", "project", "projects"),))

_THERE = "11111111-2222-4333-8444-5555555555{:02}"
NET, POLICY, SUBNET, SCOPE, GROUP, PORT, OTHER, THIRD, ROUTER, NET_TOO, SEGMENT = map(
    _THERE.format, range(11)
)
FLOATING, LATER = map(_THERE.format, (11, 12))

SEEDS = [
    Seed("identity/v3/projects", {"id": PROJECT, "name": "project"}),
    *(
        Seed(f"network/v2.0/{path}", {"id": ident, "name": name, "security_groups": []})
        for path, ident, name in (
            ("networks", NET, "the net"),
            ("qos/policies", POLICY, "the policy"),
            ("subnets", SUBNET, "the subnet"),
            ("address-scopes", SCOPE, "the scope"),
            ("security-groups", GROUP, "default"),
            ("ports", PORT, "the port"),
            ("ports", OTHER, "the other port"),
            ("ports", THIRD, "the third port"),
            ("routers", ROUTER, "the router"),
            ("networks", NET_TOO, "the other net"),
            ("segments", SEGMENT, "the segment"),
        )
    ),
    *(
        Seed("network/v2.0/floatingips", {"id": ident, "description": "somebody's"})
        for ident in (FLOATING, LATER)
    ),
]
"""What the resources name; what is called by its name must be looked up."""


def _ingress(port: int) -> dict[str, Any]:
    return {"protocol": "tcp", "port_range_min": port, "port_range_max": port}


def _sub_port(port: str, ident: int) -> dict[str, Any]:
    return {"port": port, "segmentation_id": ident, "segmentation_type": "vlan"}


def _route(number: int) -> dict[str, str]:
    return {"destination": f"10.{number}.0.0/16", "nexthop": "10.0.0.1"}


_PLAIN: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "Net",
        {"value_specs": {"a": 1, "b": 2}, "tags": ["red"]},
        {
            "name": "two",
            "admin_state_up": False,
            "dns_domain": "one.test.",
            "port_security_enabled": False,
            "qos_policy": "the policy",
            "shared": True,
            "tags": ["blue", "green"],
            "value_specs": {"a": 1, "b": 3, "c": 4},
        },
    ),
    (
        "ProviderNet",
        {"network_type": "vlan", "physical_network": "one", "segmentation_id": "7"},
        {
            "name": "two",
            "admin_state_up": False,
            "availability_zone_hints": ["here"],
            "dns_domain": "one.test.",
            "network_type": "flat",
            "physical_network": "two",
            "port_security_enabled": False,
            "router_external": True,
            "segmentation_id": "8",
            "shared": True,
            "tags": ["blue"],
        },
    ),
    (
        "Segment",
        {"network": NET, "network_type": "vlan", "physical_network": "one"},
        {"name": "two", "description": "of few"},
    ),
    (
        "Subnet",
        {"network": "the net", "cidr": "10.0.0.0/24", "gateway_ip": "10.0.0.1"},
        {
            "name": "two",
            "allocation_pools": [{"start": "10.0.0.2", "end": "10.0.0.9"}],
            "dns_nameservers": ["10.0.0.2", "10.0.0.3"],
            "enable_dhcp": False,
            "gateway_ip": "10.0.0.254",
            "host_routes": [{"destination": "10.1.0.0/16", "nexthop": "10.0.0.3"}],
            "tags": ["blue"],
            "value_specs": {"a": 1},
        },
    ),
    (
        "SubnetPool",
        {"prefixes": ["10.0.0.0/16"], "default_prefixlen": 24, "min_prefixlen": 20},
        {
            "name": "two",
            "default_prefixlen": 25,
            "default_quota": 5,
            "is_default": True,
            "max_prefixlen": 28,
            "min_prefixlen": 21,
            "tags": ["blue"],
        },
    ),
    ("AddressScope", {"shared": False}, {"name": "two", "shared": True}),
    (
        "Port",
        {"network": "the net", "value_specs": {"a": 1}},
        {
            "name": "two",
            "admin_state_up": False,
            "allowed_address_pairs": [{"ip_address": "10.0.0.7"}],
            "binding:vnic_type": "direct",
            "device_id": "a server",
            "device_owner": "me",
            "dns_name": "www",
            "fixed_ips": [{"subnet": "the subnet", "ip_address": "10.0.0.5"}],
            "port_security_enabled": False,
            "propagate_uplink_status": True,
            "qos_policy": "the policy",
            "security_groups": [GROUP],
            "tags": ["blue"],
            "value_specs": {"a": 2},
        },
    ),
    (
        "Trunk",
        {"port": "the port"},
        {"name": "two", "admin_state_up": False, "description": "of few"},
    ),
    (
        "Router",
        {},
        {
            "name": "two",
            "admin_state_up": False,
            "availability_zone_hints": ["here"],
            "external_gateway_info": {
                "network": "the net",
                "enable_snat": False,
                "external_fixed_ips": [{"subnet": "the subnet", "ip_address": "10.0.0.5"}],
            },
            "tags": ["blue"],
            "value_specs": {"a": 2},
        },
    ),
    (
        "FloatingIP",
        {"floating_network": "the net"},
        {"port_id": PORT, "fixed_ip_address": "10.0.0.5"},
    ),
    (
        "FloatingIPPortForward",
        {
            "floating_ip": FLOATING,
            "protocol": "tcp",
            "external_port": 80,
            "internal_port": "the port",
            "internal_port_number": 8080,
            "internal_ip_address": "10.0.0.5",
        },
        {
            "protocol": "udp",
            "external_port": 81,
            "internal_port": "the other port",
            "internal_port_number": 8081,
            "internal_ip_address": "10.0.0.6",
        },
    ),
    ("SecurityGroup", {}, {"name": "two", "description": "of few", "stateful": False}),
    ("QoSPolicy", {}, {"name": "two", "description": "of few", "shared": True}),
    (
        "QoSBandwidthLimitRule",
        {"policy": "the policy", "max_kbps": 1, "max_burst_kbps": 1},
        {"max_kbps": 2, "max_burst_kbps": 2, "direction": "ingress"},
    ),
    ("QoSDscpMarkingRule", {"policy": "the policy", "dscp_mark": 8}, {"dscp_mark": 16}),
    (
        "QoSMinimumBandwidthRule",
        {"policy": "the policy", "min_kbps": 1},
        {"min_kbps": 2, "direction": "ingress"},
    ),
    (
        "QoSMinimumPacketRateRule",
        {"policy": "the policy", "min_kpps": 1},
        {"min_kpps": 2, "direction": "ingress"},
    ),
    (
        "RBACPolicy",
        {
            "object_type": "network",
            "object_id": "the net",
            "action": "access_as_shared",
            "target_tenant": "a",
        },
        {"target_tenant": "b"},
    ),
    (
        "Quota",
        {"project": "project", "network": 1},
        {
            "floatingip": 2,
            "network": 3,
            "port": 4,
            "rbac_policy": 5,
            "router": 6,
            "security_group": 7,
            "security_group_rule": 8,
            "subnet": 9,
            "subnetpool": 10,
        },
    ),
]

_SETS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("Net", {"name": "one", "tags": ["red"]}, {"tags": ["red"]}),
    ("Net", {"dhcp_agent_ids": ["a", "b"]}, {"dhcp_agent_ids": ["b", "c"]}),
    ("Net", {"dhcp_agent_ids": ["a", "b"]}, {}),
    ("SubnetPool", {"prefixes": ["10.0.0.0/16"]}, {"prefixes": ["10.0.0.0/15", "11.0.0.0/16"]}),
    (
        "Subnet",
        {"network": "the net", "cidr": "10.0.0.0/24"},
        {"network": "the net", "cidr": "10.0.0.0/24", "segment": SEGMENT},
    ),
    ("Port", {"network": NET, "no_fixed_ips": False}, {"network": NET, "no_fixed_ips": True}),
    (
        "Port",
        {"network": NET},
        {"network": NET, "name": "two", "replacement_policy": "REPLACE_ALWAYS"},
    ),
    ("Port", {"network": NET}, {"network": NET_TOO}),
    (
        "Trunk",
        {"port": "the port", "sub_ports": [_sub_port(PORT, 1), _sub_port(OTHER, 2)]},
        {"port": "the port", "sub_ports": [_sub_port(PORT, 3), _sub_port(THIRD, 4)]},
    ),
    (
        "ExtraRouteSet",
        {"router": ROUTER, "routes": [_route(1), _route(2)]},
        {"router": ROUTER, "routes": [_route(2), _route(3)]},
    ),
]
CHANGES: list[Case] = [
    *(case for kind, *given in _PLAIN for case in both_ways(f"OS::Neutron::{kind}", *given)),
    *((f"OS::Neutron::{kind}", before, after) for kind, before, after in _SETS),
]
BY_STATE: list[Case] = [
    (f"OS::Neutron::{kind}", before, after)
    for kind, before, after in (
        ("Net", {"tags": ["red"]}, {"name": "one", "tags": ["red"]}),  # it gets the mark, too
        # Heat takes a router from all its agents, and gives it to those that it shall have.
        ("Router", {"ha": True, "l3_agent_ids": ["a", "b"]}, {"ha": True, "l3_agent_ids": ["b"]}),
        ("Router", {"l3_agent_ids": ["a"]}, {"l3_agent_id": "b"}),
    )
]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud((NEUTRON, KEYSTONE)) as cloud:
        yield cloud


@pytest.mark.parametrize("case", CHANGES, ids=name_of)
def test_changed_as_heat(real: Judge, cloud: Cloud, case: Case) -> None:
    heats = heat_changes(real, cloud, case, SEEDS)
    same_change(heats, wfbreak_changes(cloud, case, SEEDS))


@pytest.mark.parametrize("case", BY_STATE, ids=name_of)
def test_the_same_in_the_end(real: Judge, cloud: Cloud, case: Case) -> None:
    heats = heat_changes(real, cloud, case, SEEDS)
    same_change(heats, wfbreak_changes(cloud, case, SEEDS), by_state=True)


@pytest.mark.parametrize("floating", [FLOATING, LATER])
def test_what_leads_elsewhere(real: Judge, cloud: Cloud, floating: str) -> None:
    """In Heat its id is a number in Heat's database."""
    before = {"floatingip_id": FLOATING, "port_id": PORT}
    after = {"floatingip_id": floating, "port_id": OTHER, "fixed_ip_address": "10.0.0.5"}
    case = ("OS::Neutron::FloatingIPAssociation", before, after)
    heats, ours = heat_changes(real, cloud, case, SEEDS), wfbreak_changes(cloud, case, SEEDS)
    assert (ours.id, ours.asked) == (floating, heats.asked)


RULES = (
    ([_ingress(80), _ingress(81)], [_ingress(81), _ingress(82)]),
    ([_ingress(80)], []),
    ([_ingress(80)], [{"direction": "egress", "ethertype": "IPv4", "protocol": "tcp"}]),
    ([{"direction": "egress", "ethertype": "IPv4"}], [{"remote_mode": "remote_group_id"}]),
)


@pytest.mark.parametrize(("before", "after"), RULES)
def test_rules(
    real: Judge, cloud: Cloud, before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    """What stays is not taken away, and no more is allowed in between."""
    case = ("OS::Neutron::SecurityGroup", {"rules": before}, {"rules": after})
    ends = heat_changes(real, cloud, case, SEEDS), wfbreak_changes(cloud, case, SEEDS)
    heats, ours = (_rules(each.state) for each in ends)
    assert ours == heats


def _rules(state: Any) -> list[dict[str, Any]]:
    """What the rules say, those of the group before the others."""
    (group,) = (
        group for ident, group in state["/network/v2.0/security-groups"].items() if ident != GROUP
    )
    names = ("direction", "ethertype", "protocol", "port_range_min", "remote_group_id")
    said = [
        {name: str(rule[name]) for name in names if rule.get(name) is not None}
        for rule in group["security_group_rules"]
    ]
    return sorted(said, key=str)


def test_a_group_that_ports_have_stays_stateful(real: Judge, cloud: Cloud) -> None:
    made = "0a4c8a3e"
    case = ("OS::Neutron::SecurityGroup", {}, {"stateful": False})
    ident = str(wfbreak_changes(cloud, case, SEEDS).id)
    port = Seed("network/v2.0/ports", {"id": made, "security_groups": [ident]})
    heats = heat_changes(real, cloud, case, [*SEEDS, port])
    ours = wfbreak_changes(cloud, case, [*SEEDS, port])
    assert "attached to ports" in (heats.refused or "")
    assert "while ports have" in (ours.refused or "")
    assert ours.asked == heats.asked == []


def test_what_cannot_be_changed(real: Judge, cloud: Cloud) -> None:
    subnet: Any = {"network": "the net", "cidr": "10.0.0.0/24"}
    for kind, before, after in (
        ("Subnet", {**subnet, "segment": SEGMENT}, subnet),
        ("Subnet", {**subnet, "gateway_ip": "10.0.0.1"}, {**subnet, "gateway_ip": "auto"}),
        ("SubnetPool", {"prefixes": ["10.0.0.0/16"]}, {"prefixes": ["10.0.0.0/17"]}),
    ):
        case = (f"OS::Neutron::{kind}", before, after)
        heats, ours = heat_changes(real, cloud, case, SEEDS), wfbreak_changes(cloud, case, SEEDS)
        assert ours.refused
        if "segment" not in before:  # Heat tells Neutron of a property that it does not know
            assert heats.refused
        assert ours.asked == []


def test_a_pools_scope(real: Judge, cloud: Cloud) -> None:
    """Heat 27 asks its client for it in a way that this does not know."""
    before = {"prefixes": ["10.0.0.0/16"]}
    case = ("OS::Neutron::SubnetPool", before, {**before, "address_scope": "the scope"})
    assert "TypeError" in (heat_changes(real, cloud, case, SEEDS).refused or "")
    (asked,) = wfbreak_changes(cloud, case, SEEDS).asked
    assert asked.body == {"subnetpool": {"address_scope_id": SCOPE}}


def test_nothing_is_left_out() -> None:
    association = "OS::Neutron::FloatingIPAssociation"
    ends = {f"{association}.{name}" for name in ("floatingip_id", "port_id", "fixed_ip_address")}
    left = unchanged("Neutron", [*CHANGES, *BY_STATE])
    others = {"OS::Neutron::SecurityGroup.rules", "OS::Neutron::SubnetPool.address_scope"}
    assert left == ends | others
