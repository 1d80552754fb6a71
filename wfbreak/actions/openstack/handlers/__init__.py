"""How the types are made for which a row of the table is not enough, by the handlers' names."""

from __future__ import annotations

from wfbreak.actions.openstack.handlers.address_scope import AddressScope
from wfbreak.actions.openstack.handlers.extra_routes import ExtraRoute, ExtraRouteSet
from wfbreak.actions.openstack.handlers.floating_ip import (
    FloatingIP,
    FloatingIPAssociation,
    PortForward,
)
from wfbreak.actions.openstack.handlers.net import Net
from wfbreak.actions.openstack.handlers.network_quota import NetworkQuota
from wfbreak.actions.openstack.handlers.port import Port
from wfbreak.actions.openstack.handlers.qos_policy import QoSPolicy
from wfbreak.actions.openstack.handlers.rbac_policy import RBACPolicy
from wfbreak.actions.openstack.handlers.router import Router
from wfbreak.actions.openstack.handlers.router_gateway import RouterGateway
from wfbreak.actions.openstack.handlers.router_interface import RouterInterface
from wfbreak.actions.openstack.handlers.security_group import SecurityGroup, SecurityGroupRule
from wfbreak.actions.openstack.handlers.segment import Segment
from wfbreak.actions.openstack.handlers.subnet import Subnet
from wfbreak.actions.openstack.maker import Maker

HANDLERS: dict[str, type[Maker]] = {
    "address_scope": AddressScope,
    "extra_route": ExtraRoute,
    "extra_route_set": ExtraRouteSet,
    "floating_ip": FloatingIP,
    "floating_ip_association": FloatingIPAssociation,
    "net": Net,
    "network_quota": NetworkQuota,
    "port": Port,
    "port_forward": PortForward,
    "qos_policy": QoSPolicy,
    "rbac_policy": RBACPolicy,
    "router": Router,
    "router_gateway": RouterGateway,
    "router_interface": RouterInterface,
    "security_group": SecurityGroup,
    "security_group_rule": SecurityGroupRule,
    "segment": Segment,
    "subnet": Subnet,
}
