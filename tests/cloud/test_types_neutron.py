"""The types of Neutron that anybody may have, beside Heat's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cloud.twins import Twins

NETWORKS = """
net:
  type: OS::Neutron::Net
named:
  type: OS::Neutron::Net
  properties:
    name: twin-named
    admin_state_up: false
    port_security_enabled: false
    tags: [one, two]
subnet:
  type: OS::Neutron::Subnet
  properties:
    network: {get_resource: net}
    cidr: 10.61.0.0/24
full:
  type: OS::Neutron::Subnet
  properties:
    name: twin-full
    network: {get_resource: net}
    cidr: 10.61.1.0/24
    gateway_ip: 10.61.1.254
    enable_dhcp: false
    dns_nameservers: [10.61.1.9, 10.61.1.8]
    allocation_pools: [{start: 10.61.1.100, end: 10.61.1.200}]
    host_routes: [{destination: 10.99.0.0/16, nexthop: 10.61.1.7}]
    tags: [three]
    value_specs: {description: by a value spec}
closed:
  type: OS::Neutron::Subnet
  properties:
    network_id: {get_resource: net}
    cidr: 10.61.2.0/24
    gateway_ip: null
six:
  type: OS::Neutron::Subnet
  properties:
    network: {get_resource: net}
    ip_version: 6
    cidr: 2001:db8:61::/64
    ipv6_ra_mode: slaac
    ipv6_address_mode: slaac
    gateway_ip: auto
"""

POOLS = """
scope:
  type: OS::Neutron::AddressScope
named_scope:
  type: OS::Neutron::AddressScope
  properties: {name: twin-scope, ip_version: 6}
pool:
  type: OS::Neutron::SubnetPool
  properties:
    prefixes: [10.62.0.0/16]
    address_scope: {get_resource: scope}
    default_prefixlen: 26
    min_prefixlen: 24
    max_prefixlen: 28
    default_quota: 4096
    tags: [pool]
net:
  type: OS::Neutron::Net
subnet:
  type: OS::Neutron::Subnet
  properties:
    network: {get_resource: net}
    subnetpool: {get_resource: pool}
    prefixlen: 27
"""

PORTS = """
net:
  type: OS::Neutron::Net
subnet:
  type: OS::Neutron::Subnet
  properties: {network: {get_resource: net}, cidr: 10.63.0.0/24}
port:
  type: OS::Neutron::Port
  properties:
    network: {get_resource: net}
full:
  type: OS::Neutron::Port
  depends_on: port
  properties:
    name: twin-full
    network: twin-standing
    admin_state_up: false
    fixed_ips: [{subnet: twin-standing, ip_address: 10.60.0.63}, {ip_address: 10.60.0.64}]
    security_groups: [twin-standing, default]
    allowed_address_pairs: [{ip_address: 10.63.0.99}]
    device_id: a-device
    device_owner: someone
    mac_address: "fa:16:3e:63:63:63"
    "binding:vnic_type": direct
    tags: [one]
    value_specs: {description: by a value spec}
bare:
  type: OS::Neutron::Port
  properties:
    network_id: {get_resource: net}
    no_fixed_ips: true
    security_groups: []
    port_security_enabled: false
"""

TRUNKS = """
net:
  type: OS::Neutron::Net
parent:
  type: OS::Neutron::Port
  properties: {network: {get_resource: net}}
child:
  type: OS::Neutron::Port
  properties: {network: {get_resource: net}}
alone:
  type: OS::Neutron::Port
  properties: {network: {get_resource: net}}
trunk:
  type: OS::Neutron::Trunk
  properties:
    name: twin-trunk
    description: of one port
    port: {get_resource: parent}
    sub_ports:
    - {port: {get_resource: child}, segmentation_type: vlan, segmentation_id: 64}
    - {port: twin-standing, segmentation_type: vlan, segmentation_id: 65}
plain:
  type: OS::Neutron::Trunk
  properties: {port: {get_resource: alone}, admin_state_up: true}
"""

ROUTERS = """
net:
  type: OS::Neutron::Net
subnet:
  type: OS::Neutron::Subnet
  properties: {network: {get_resource: net}, cidr: 10.65.0.0/24}
other:
  type: OS::Neutron::Subnet
  properties: {network: {get_resource: net}, cidr: 10.65.1.0/24}
port:
  type: OS::Neutron::Port
  properties: {network: {get_resource: net}, fixed_ips: [{subnet: {get_resource: other}}]}
router:
  type: OS::Neutron::Router
  properties:
    name: twin-router
    external_gateway_info: {network: public}
    tags: [one]
    value_specs: {description: by a value spec}
second:
  type: OS::Neutron::Router
  properties: {admin_state_up: false}
interface:
  type: OS::Neutron::RouterInterface
  properties: {router: {get_resource: router}, subnet_id: {get_resource: subnet}}
by_name:
  type: OS::Neutron::RouterInterface
  properties: {router: twin-standing, subnet: twin-standing}
by_port:
  type: OS::Neutron::RouterInterface
  properties: {router_id: {get_resource: router}, port: {get_resource: port}}
gateway:
  type: OS::Neutron::RouterGateway
  properties: {router_id: {get_resource: second}, network: public}
route:
  type: OS::Neutron::ExtraRoute
  properties:
    router_id: {get_resource: router}
    destination: 10.99.0.0/24
    nexthop: 10.65.0.99
  depends_on: interface
routes:
  type: OS::Neutron::ExtraRouteSet
  properties:
    router: {get_resource: router}
    routes:
    - {destination: 10.99.1.0/24, nexthop: 10.65.0.98}
    - {destination: 10.99.2.0/24, nexthop: 10.65.0.97}
  depends_on: [interface, route]
"""

FLOATING_IPS = """
net:
  type: OS::Neutron::Net
subnet:
  type: OS::Neutron::Subnet
  properties: {network: {get_resource: net}, cidr: 10.66.0.0/24}
router:
  type: OS::Neutron::Router
  properties: {external_gateway_info: {network: public}}
interface:
  type: OS::Neutron::RouterInterface
  properties: {router: {get_resource: router}, subnet: {get_resource: subnet}}
port:
  type: OS::Neutron::Port
  properties:
    network: {get_resource: net}
    fixed_ips: [{subnet: {get_resource: subnet}, ip_address: 10.66.0.66}]
other:
  type: OS::Neutron::Port
  properties:
    network: {get_resource: net}
    fixed_ips: [{subnet: {get_resource: subnet}, ip_address: 10.66.0.67}]
third:
  type: OS::Neutron::Port
  properties:
    network: {get_resource: net}
    fixed_ips: [{subnet: {get_resource: subnet}, ip_address: 10.66.0.68}]
ip:
  type: OS::Neutron::FloatingIP
  properties:
    floating_network: public
    port_id: {get_resource: port}
    fixed_ip_address: 10.66.0.66
  depends_on: interface
free:
  type: OS::Neutron::FloatingIP
  properties: {floating_network_id: public}
association:
  type: OS::Neutron::FloatingIPAssociation
  properties: {floatingip_id: {get_resource: free}, port_id: {get_resource: other}}
  depends_on: interface
shared:
  type: OS::Neutron::FloatingIP
  properties: {floating_network: public, value_specs: {description: for forwarding}}
forward:
  type: OS::Neutron::FloatingIPPortForward
  properties:
    floating_ip: {get_resource: shared}
    protocol: tcp
    external_port: 2222
    internal_ip_address: 10.66.0.68
    internal_port: {get_resource: third}
    internal_port_number: 22
  depends_on: interface
"""

SECURITY_GROUPS = """
group:
  type: OS::Neutron::SecurityGroup
named:
  type: OS::Neutron::SecurityGroup
  properties:
    name: twin-group
    description: with rules
    stateful: false
    rules:
    - {protocol: tcp, port_range_min: 22, port_range_max: 22, remote_ip_prefix: 10.0.0.5/24}
    - {protocol: tcp, port_range_min: 1, port_range_max: 65535, remote_mode: remote_group_id}
    - {protocol: 6, port_range_min: 80, port_range_max: 80, remote_mode: remote_group_id,
       remote_group_id: {get_resource: group}, description: from the other}
    - {protocol: icmpv6, ethertype: IPv6}
    - {direction: egress, protocol: udp}
    - {direction: egress, ethertype: IPv6}
rule:
  type: OS::Neutron::SecurityGroupRule
  properties: {security_group: twin-standing, port_range_min: 443, port_range_max: 443}
other_rule:
  type: OS::Neutron::SecurityGroupRule
  properties:
    security_group: {get_resource: group}
    remote_group: {get_resource: named}
    description: from the named
    direction: egress
    ethertype: IPv6
    protocol: icmp
    port_range_min: 8
    port_range_max: 0
prefix_rule:
  type: OS::Neutron::SecurityGroupRule
  properties:
    security_group: {get_resource: group}
    remote_ip_prefix: 0.0.0.0/0
    port_range_min: 1
    port_range_max: 65535
"""


@pytest.fixture(scope="module")
def standing(member: Any) -> Iterator[None]:
    """What is there before a template is looked at, to be found by its name."""
    name, network = "twin-standing", member.network
    net = network.create_network(name=name)
    network.create_subnet(name=name, network_id=net.id, ip_version=4, cidr="10.60.0.0/24")
    network.create_port(name=name, network_id=net.id)
    router = network.create_router(name=name)
    group = network.create_security_group(name=name)
    yield
    network.delete_router(router)
    network.delete_security_group(group)
    for port in network.ports(network_id=net.id):
        network.delete_port(port)
    network.delete_network(net)


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize(
    "resources",
    [
        pytest.param(NETWORKS, id="networks"),
        pytest.param(POOLS, id="pools"),
        pytest.param(PORTS, id="ports"),
        pytest.param(TRUNKS, id="trunks"),
        pytest.param(ROUTERS, id="routers"),
        pytest.param(FLOATING_IPS, id="floating IPs"),
        pytest.param(SECURITY_GROUPS, id="security groups"),
    ],
)
def test_of_a_member(member: Any, resources: str) -> None:
    # In Heat an association's id is a number in its own database. Whether a rule belongs to a
    # default group Neutron knows at one time and at another not.
    hidden, masked = {"association.(reference)"}, {"belongs_to_default_sg"}
    Twins(member, frozenset(hidden), frozenset(masked)).check(resources)
