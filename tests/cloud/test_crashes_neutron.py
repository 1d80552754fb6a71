"""Neutron's types, made by a process that dies after each of its requests in turn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cloud.crashes import Place, Victim
from cloud.twins import WatchedProvider
from wfbreak.actions.openstack.cloud import Cloud
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again

NETWORKS: Place = ("network", "/networks", "networks")
PORTS: Place = ("network", "/ports", "ports")
GROUPS: Place = ("network", "/security-groups", "security_groups")
RULES: Place = ("network", "/security-group-rules", "security_group_rules")
ROUTERS: Place = ("network", "/routers", "routers")
FLOATING_IPS: Place = ("network", "/floatingips", "floatingips")
SCOPES: Place = ("network", "/address-scopes", "address_scopes")


@pytest.fixture(scope="module")
def net(member: Any) -> Iterator[Any]:
    """A network with a subnet on a router that leads outside."""
    network = member.network
    public = network.find_network("public", ignore_missing=False)
    net = network.create_network(name="crash-net")
    subnet = network.create_subnet(network_id=net.id, ip_version=4, cidr="10.70.0.0/24")
    router = network.create_router(external_gateway_info={"network_id": public.id})
    network.add_interface_to_router(router, subnet=subnet.id)
    yield network.get_network(net.id)
    network.update_router(router, routes=[])
    network.remove_interface_from_router(router, subnet=subnet.id)
    network.delete_router(router)
    for port in network.ports(network_id=net.id):
        network.delete_port(port)
    network.delete_network(net)


@pytest.mark.parametrize(
    ("kind", "properties", "places", "changes"),
    [
        pytest.param("Net", {}, (NETWORKS,), 1, id="a network: its name is the mark"),
        # It, its tags, its name.
        pytest.param("Net", {"name": "crash", "tags": ["one"]}, (NETWORKS,), 3, id="a named one"),
        pytest.param("Net", {"tags": ["one"]}, (NETWORKS,), 2, id="a tagged one"),
        pytest.param("Router", {"name": "crash"}, (ROUTERS,), 3, id="a router"),
        pytest.param(
            "FloatingIP",
            {"floating_network": "public"},
            (FLOATING_IPS,),
            3,
            id="a floating IP: its description is the mark",
        ),
        # It, its tag, its name, what goes out by itself (twice), its rules.
        pytest.param(
            "SecurityGroup",
            {
                "name": "crash",
                "rules": [{"protocol": "tcp"}, {"protocol": "udp", "direction": "egress"}],
            },
            (GROUPS, RULES),
            6,
            id="a security group",
        ),
        pytest.param("AddressScope", {}, (SCOPES,), 1, id="an address scope"),
    ],
)
def test_what_stands_by_itself(
    member: Any, kind: str, properties: dict[str, Any], places: tuple[Place, ...], changes: int
) -> None:
    assert Victim(member, f"OS::Neutron::{kind}", properties, places).check() == changes


def test_a_port(member: Any, net: Any) -> None:
    """An address that the first request took is not in the way of the second."""
    properties = {
        "network": net.id,
        "name": "crash",
        "fixed_ips": [{"ip_address": "10.70.0.70"}],
        "mac_address": "fa:16:3e:70:70:70",
        "tags": ["one"],
    }
    assert Victim(member, "OS::Neutron::Port", properties, (PORTS,)).check() == 3


def test_a_rule(member: Any) -> None:
    group = member.network.create_security_group(name="crash-group")
    properties = {"security_group": group.id, "protocol": "icmp", "ethertype": "IPv6"}
    try:
        assert Victim(member, "OS::Neutron::SecurityGroupRule", properties, (RULES,)).check() == 1
    finally:
        member.network.delete_security_group(group)


def test_a_router_interface(member: Any, net: Any) -> None:
    network = member.network
    router = network.create_router(name="crash-router")
    subnet = network.create_subnet(network_id=net.id, ip_version=4, cidr="10.70.1.0/24")
    properties = {"router": router.id, "subnet": subnet.id}
    try:
        assert Victim(member, "OS::Neutron::RouterInterface", properties, (PORTS,)).check() == 1
    finally:
        network.delete_router(router)
        network.delete_subnet(subnet)


class Undone(Cloud):
    """What is made first is taken back before it has its name."""

    undone = False

    def ask(self, service: str, method: str, path: str, *args: Any, **options: Any) -> Any:
        if method == "PUT" and not path.endswith("/tags") and not self.undone:
            self.undone = True
            super().ask(service, "DELETE", path)
        return super().ask(service, method, path, *args, **options)


def test_what_is_gone_meanwhile_is_made_anew(member: Any) -> None:
    cloud = Undone(member)
    victim = Victim(member, "OS::Neutron::SecurityGroup", {"name": "gone"}, (GROUPS,))
    request = victim.request()
    with pytest.raises(ProviderError, match="it is gone") as failure:
        WatchedProvider(cloud).create(request)
    assert failure.value.again is Again.CONFLICT
    made = WatchedProvider(cloud).create(request)
    assert member.network.get_security_group(made.physical_id).name == "gone"
    member.network.delete_security_group(made.physical_id)
