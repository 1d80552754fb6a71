"""The types of Nova, beside Heat's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import yaml

from cloud.crashes import Victim
from cloud.twins import Twins
from wfbreak.types import schema

PUBLIC_KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJDnJ8V1sZ5yq0Ct8Ob2Zq1zE6QYQn0CqE2wZ0e1O6Xk compute@twin"
)


@pytest.fixture(scope="module")
def project(admin: Any) -> Iterator[Any]:
    """A project of nobody, for quotas and access."""
    made = admin.identity.create_project(name="compute-twin", domain_id="default")
    yield made
    admin.identity.delete_project(made.id)


ADMINS = """
flavor:
  type: OS::Nova::Flavor
  properties:
    ram: 64
    vcpus: 1
    disk: 1
    swap: 2
    ephemeral: 1
    rxtx_factor: 2.0
    extra_specs: {"hw:cpu_policy": shared, one: "1"}
named:
  type: OS::Nova::Flavor
  properties: {name: compute-twin, flavorid: compute-twin-id, ram: 64, vcpus: 1}
private:
  type: OS::Nova::Flavor
  properties: {ram: 64, vcpus: 1, is_public: false, tenants: [compute-twin]}
own:
  type: OS::Nova::Flavor
  properties: {ram: 64, vcpus: 1, is_public: false}
"""


def test_flavors(admin: Any, project: Any) -> None:
    Twins(admin).check(ADMINS)


GROUPS = """
group:
  type: OS::Nova::ServerGroup
group_of_rules:
  type: OS::Nova::ServerGroup
  properties:
    name: compute-twin-rules
    policies: [anti-affinity]
    rules: {max_server_per_host: 3}
key:
  type: OS::Nova::KeyPair
  properties:
    name: compute-twin
    public_key: PUBLIC_KEY
    save_private_key: true
typed:
  type: OS::Nova::KeyPair
  properties: {name: compute-twin-typed, public_key: PUBLIC_KEY, type: ssh}
"""


def test_groups_and_key_pairs(member: Any) -> None:
    Twins(member).check(GROUPS.replace("PUBLIC_KEY", PUBLIC_KEY))


AGGREGATES = """
aggregate:
  type: OS::Nova::HostAggregate
  properties:
    name: compute-twin
    availability_zone: compute-zone
    metadata: {one: "1"}
empty:
  type: OS::Nova::HostAggregate
  properties: {name: compute-twin-empty}
"""


def test_host_aggregates(admin: Any) -> None:
    Twins(admin).check(AGGREGATES)


QUOTAS = """
quota:
  type: OS::Nova::Quota
  properties:
    project: compute-twin
    cores: 3
    instances: 2
    ram: -1
    metadata_items: 5
    key_pairs: 6
    server_groups: 7
    server_group_members: 8
"""


def test_quotas(admin: Any, project: Any) -> None:
    # Heat shows the quotas of a project that is called like the resource: the defaults.
    Twins(admin, hidden=frozenset({"quota.show"})).check(QUOTAS)


@pytest.fixture(scope="module")
def offers(admin: Any) -> Iterator[None]:
    """A flavor and an image for everybody."""
    flavor = admin.compute.create_flavor(
        name="compute-tiny", ram=64, vcpus=1, disk=1, ephemeral=1, swap=8
    )
    image = admin.image.create_image(
        name="compute-image",
        disk_format="raw",
        container_format="bare",
        visibility="public",
        data=b"0" * 1024,
        validate_checksum=False,
    )
    yield
    admin.image.delete_image(image.id)
    admin.compute.delete_flavor(flavor.id)


@pytest.fixture(scope="module")
def net(member: Any) -> Iterator[Any]:
    """A network with a subnet."""
    made = member.network.create_network(name="compute-standing")
    member.network.create_subnet(network_id=made.id, ip_version=4, cidr="10.9.0.0/24")
    yield member.network.get_network(made.id)
    member.network.delete_network(made.id)


def attributes_of(resources: str, names: Iterable[str]) -> frozenset[str]:
    """All attributes of these resources, as :class:`Twins` names them."""
    found = set()
    for name in names:
        known = schema.find(yaml.safe_load(resources)[name]["type"])
        assert known is not None
        found |= {f"{name}.{attribute}" for attribute in known.attributes}
    return frozenset(found)


SERVERS = """
net:
  type: OS::Neutron::Net
  properties: {name: compute-net}
subnet:
  type: OS::Neutron::Subnet
  properties:
    network: {get_resource: net}
    cidr: 10.8.0.0/24
    allocation_pools: [{start: 10.8.0.100, end: 10.8.0.200}]
port:
  type: OS::Neutron::Port
  properties:
    network: {get_resource: net}
    fixed_ips: [{ip_address: 10.8.0.9, subnet: {get_resource: subnet}}]
key:
  type: OS::Nova::KeyPair
  properties: {name: compute-twin-server, public_key: PUBLIC_KEY}
group:
  type: OS::Nova::ServerGroup
  properties: {policies: [soft-affinity]}
plain:
  type: OS::Nova::Server
  properties:
    flavor: compute-tiny
    image: compute-image
    networks: [{network: {get_resource: net}}]
    user_data_format: RAW
  depends_on: subnet
full:
  type: OS::Nova::Server
  properties:
    name: compute.twin[1]
    flavor: compute-tiny
    image: compute-image
    key_name: {get_resource: key}
    admin_pass: a-secret-of-the-twins
    availability_zone: nova
    config_drive: true
    diskConfig: MANUAL
    metadata: {one: "1", two: {three: [4]}, five: true}
    tags: [one, two]
    scheduler_hints: {group: {get_resource: group}}
    user_data_format: RAW
    user_data: "#!/bin/sh"
    networks:
      - {port: {get_resource: port}}
      - {network: {get_resource: net}, fixed_ip: 10.8.0.10}
      - {subnet: {get_resource: subnet}}
      - subnet: {get_resource: subnet}
        network: {get_resource: net}
        fixed_ip: 10.8.0.11
        port_extra_properties:
          allowed_address_pairs: [{ip_address: 10.8.0.0/25}]
          no_fixed_ips: true
          value_specs: {description: of twins}
"""

CONSOLES = frozenset({"plain.console_urls", "full.console_urls"})
"""Each question gives another URL."""


def test_servers(member: Any, offers: None) -> None:
    Twins(member, hidden=CONSOLES).check(SERVERS.replace("PUBLIC_KEY", PUBLIC_KEY))


SECURED = """
group:
  type: OS::Neutron::SecurityGroup
  properties: {name: compute-group}
floating:
  type: OS::Neutron::FloatingIP
  properties: {floating_network: public}
router:
  type: OS::Neutron::Router
  properties: {external_gateway_info: {network: public}}
net:
  type: OS::Neutron::Net
subnet:
  type: OS::Neutron::Subnet
  properties: {network: {get_resource: net}, cidr: 10.11.0.0/24}
interface:
  type: OS::Neutron::RouterInterface
  properties: {router: {get_resource: router}, subnet: {get_resource: subnet}}
secured:
  type: OS::Nova::Server
  properties:
    flavor: compute-tiny
    image: compute-image
    user_data_format: RAW
    security_groups: [{get_resource: group}]
    networks: [{network: {get_resource: net}}]
  depends_on: subnet
reached:
  type: OS::Nova::Server
  properties:
    flavor: compute-tiny
    image: compute-image
    user_data_format: RAW
    security_groups: [compute-group]
    networks: [{subnet: {get_resource: subnet}, floating_ip: {get_resource: floating}}]
  depends_on: [interface, group]
alone:
  type: OS::Nova::Server
  properties:
    flavor: compute-tiny
    image: compute-image
    user_data_format: RAW
    networks: [{allocate_network: none}]
"""


def test_servers_behind_groups_and_floating_ips(member: Any, offers: None) -> None:
    names = ("secured", "reached", "alone")
    # Neutron's things are compared elsewhere, and these change when servers use them.
    others = attributes_of(SECURED, ("group", "floating", "router", "net", "subnet", "interface"))
    consoles = frozenset(f"{name}.console_urls" for name in names)
    Twins(member, hidden=consoles | others).check(SECURED)


DISKS = """
bootable:
  type: OS::Cinder::Volume
  properties: {size: 1, image: compute-image}
data:
  type: OS::Cinder::Volume
  properties: {size: 1}
more:
  type: OS::Cinder::Volume
  properties: {size: 1}
older:
  type: OS::Cinder::Volume
  properties: {size: 1}
booted:
  type: OS::Nova::Server
  properties:
    flavor: compute-tiny
    networks: [{allocate_network: none}]
    user_data_format: RAW
    block_device_mapping_v2:
      - {volume_id: {get_resource: bootable}, delete_on_termination: false}
      - {volume_id: {get_resource: data}, boot_index: -1, device_name: vdb, disk_bus: virtio}
      - {ephemeral_size: 1, ephemeral_format: ext4}
      - {swap_size: 8}
attached:
  type: OS::Cinder::VolumeAttachment
  properties:
    instance_uuid: {get_resource: booted}
    volume_id: {get_resource: more}
    mountpoint: /dev/vdf
imaged:
  type: OS::Nova::Server
  properties:
    flavor: compute-tiny
    image: compute-image
    networks: [{allocate_network: none}]
    user_data_format: RAW
    block_device_mapping: [{device_name: vdb, volume_id: {get_resource: older}}]
copied:
  type: OS::Nova::Server
  properties:
    flavor: compute-tiny
    networks: [{allocate_network: none}]
    user_data_format: RAW
    block_device_mapping_v2:
      - {image: compute-image, volume_size: 1, delete_on_termination: true}
"""


def test_servers_with_disks(member: Any, offers: None) -> None:
    consoles = frozenset(f"{name}.console_urls" for name in ("booted", "imaged", "copied"))
    Twins(member, hidden=consoles).check(DISKS)


# --- crashes ------------------------------------------------------------------------------------

SERVERS_PLACE = ("compute", "/servers", "servers")
PORTS_PLACE = ("network", "/ports", "ports")


def test_a_server_survives_crashes_at_any_request(member: Any, offers: None, net: Any) -> None:
    properties = {
        "name": "compute crash (1)",
        "flavor": "compute-tiny",
        "image": "compute-image",
        "metadata": {"one": 1},
        "tags": ["one"],
        "networks": [{"subnet": net.subnet_ids[0]}, {"network": net.id}],
    }
    places = (SERVERS_PLACE, PORTS_PLACE)
    # The port, its tags, its name; the server, its tags.
    assert Victim(member, "OS::Nova::Server", properties, places).check() == 5


def test_a_flavor_survives_crashes_at_any_request(admin: Any) -> None:
    properties = {"ram": 64, "vcpus": 1, "is_public": False, "extra_specs": {"one": "1"}}
    place = ("compute", "/flavors?is_public=None", "flavors")
    assert Victim(admin, "OS::Nova::Flavor", properties, (place,)).check() == 3


def test_an_aggregate_survives_crashes_at_any_request(admin: Any) -> None:
    properties = {"name": "compute-crash", "metadata": {"one": "1"}}
    place = ("compute", "/os-aggregates", "aggregates")
    assert Victim(admin, "OS::Nova::HostAggregate", properties, (place,)).check() == 3


def test_a_group_survives_crashes_at_any_request(member: Any) -> None:
    properties = {"name": "compute-crash"}
    place = ("compute", "/os-server-groups", "server_groups")
    assert Victim(member, "OS::Nova::ServerGroup", properties, (place,)).check() == 1
