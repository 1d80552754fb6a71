"""The types of Neutron that only an administrator may have, beside Heat's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cloud.twins import Twins

OWN = frozenset({"location"})
"""In what openstacksdk shows: the connection's own view of the cloud."""

PROVIDER_NETWORKS = """
flat:
  type: OS::Neutron::ProviderNet
  properties:
    name: twin-flat
    network_type: flat
    physical_network: twin-physical
    router_external: true
    shared: false
    tags: [one]
vlan:
  type: OS::Neutron::ProviderNet
  properties:
    network_type: vlan
    physical_network: physnet1
    segmentation_id: 167
    admin_state_up: false
    port_security_enabled: false
tunnel:
  type: OS::Neutron::Net
  properties: {shared: true, value_specs: {"provider:network_type": vxlan}}
segment:
  type: OS::Neutron::Segment
  properties:
    network: {get_resource: tunnel}
    network_type: vlan
    physical_network: physnet1
    segmentation_id: 168
    name: twin-segment
    description: the second
plain:
  type: OS::Neutron::Segment
  properties:
    network: {get_resource: tunnel}
    network_type: vxlan
  depends_on: segment
subnet:
  type: OS::Neutron::Subnet
  properties:
    network: {get_resource: tunnel}
    segment: {get_resource: segment}
    cidr: 10.67.0.0/24
"""

QOS = """
policy:
  type: OS::Neutron::QoSPolicy
  properties: {name: twin-policy, description: of many rules, shared: true}
empty:
  type: OS::Neutron::QoSPolicy
out:
  type: OS::Neutron::QoSBandwidthLimitRule
  properties: {policy: {get_resource: policy}, max_kbps: 1000}
in:
  type: OS::Neutron::QoSBandwidthLimitRule
  properties:
    policy: twin-standing
    max_kbps: 1000
    max_burst_kbps: 2000
    direction: ingress
marking:
  type: OS::Neutron::QoSDscpMarkingRule
  properties: {policy: {get_resource: policy}, dscp_mark: 46}
bandwidth:
  type: OS::Neutron::QoSMinimumBandwidthRule
  properties: {policy: {get_resource: policy}, min_kbps: 10, direction: ingress}
packets:
  type: OS::Neutron::QoSMinimumPacketRateRule
  properties: {policy: {get_resource: policy}, min_kpps: 5, direction: any}
net:
  type: OS::Neutron::Net
  properties: {qos_policy: {get_resource: empty}}
port:
  type: OS::Neutron::Port
  properties: {network: {get_resource: net}, qos_policy: twin-standing}
  depends_on: in
"""

GIVEN_TO_OTHERS = """
net:
  type: OS::Neutron::Net
network_policy:
  type: OS::Neutron::RBACPolicy
  properties:
    object_type: network
    object_id: {get_resource: net}
    target_tenant: PROJECT
    action: access_as_external
qos_policy:
  type: OS::Neutron::RBACPolicy
  properties:
    object_type: qos_policy
    object_id: twin-standing
    target_tenant: PROJECT
    action: access_as_shared
theirs:
  type: OS::Neutron::Net
  properties: {name: twin-theirs, tenant_id: PROJECT}
router:
  type: OS::Neutron::Router
  properties: {tenant_id: PROJECT, distributed: true}
pool:
  type: OS::Neutron::SubnetPool
  properties: {prefixes: [10.68.0.0/16], shared: true, tenant_id: PROJECT}
scope:
  type: OS::Neutron::AddressScope
  properties: {name: twin-shared, shared: true, tenant_id: PROJECT}
quota:
  type: OS::Neutron::Quota
  properties: {project: PROJECT, network: 3, port: -1, rbac_policy: 10}
"""


@pytest.fixture
def other_project(admin: Any) -> Iterator[str]:
    """The id of a project that nobody is in."""
    project = admin.identity.create_project(name="twin-project")
    yield str(project.id)
    admin.network.delete_quota(project.id)
    admin.identity.delete_project(project)


@pytest.fixture
def policy(admin: Any) -> Iterator[None]:
    """A QoS policy that is there before, to be found by its name."""
    policy = admin.network.create_qos_policy(name="twin-standing")
    yield
    admin.network.delete_qos_policy(policy)


def test_provider_networks(admin: Any) -> None:
    Twins(admin, masked=OWN).check(PROVIDER_NETWORKS)


@pytest.mark.usefixtures("policy")
def test_qos(admin: Any) -> None:
    Twins(admin, masked=OWN).check(QOS)


@pytest.mark.usefixtures("policy")
def test_what_other_projects_have(admin: Any, other_project: str) -> None:
    Twins(admin, masked=OWN).check(GIVEN_TO_OTHERS.replace("PROJECT", other_project))
