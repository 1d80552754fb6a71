"""The edges that resource types add by themselves: a server waits for its network's subnets.

Heat's resource plugins look at their neighbours in the template and add dependencies that no
``depends_on`` and no reference says. One rule a type, with its source; they compare properties as
Heat does while nothing exists yet: ``get_resource`` is the resource's name, ``get_attr`` is null,
and null equals null.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from wfbreak.translate.template import Resource
from wfbreak.translate.values import (
    AttributeRef,
    Call,
    ListValue,
    Literal,
    MapValue,
    ParameterRef,
    ResourceRef,
    Value,
)


class Neighbours:
    """The resources of a template, by name and by type."""

    def __init__(self, resources: Mapping[str, Resource]) -> None:
        self.named = resources
        self._by_type: dict[str, list[Resource]] = {}
        for resource in resources.values():
            self._by_type.setdefault(resource.type, []).append(resource)

    def of(self, *kinds: str) -> Iterator[Resource]:
        """The resources of these types."""
        for kind in kinds:
            yield from self._by_type.get(kind, ())


Needs = Callable[[Resource, Neighbours, Collection[str]], Iterator[str]]
"""What a resource needs by its type, given its neighbours and what it needs already."""

_SUBNET = "OS::Neutron::Subnet"
_PORT = "OS::Neutron::Port"
_ROUTER = "OS::Neutron::Router"
_GATEWAY = "OS::Neutron::RouterGateway"
_INTERFACE = "OS::Neutron::RouterInterface"


def needs(resource: Resource, neighbours: Neighbours, known: Collection[str]) -> Iterator[str]:
    """The names of the resources that ``resource`` needs because of its type.

    ``known`` are those that it needs as the template says.
    """
    rule = RULES.get(resource.type)
    if rule is None or resource.external_id is not None:
        return
    for name in rule(resource, neighbours, known):
        if name != resource.name:
            yield name


def _property(value: Value | None, *names: str) -> Any:
    """A property's value for comparison, under the first of its names that is given."""
    if not isinstance(value, MapValue):
        return None
    for name in names:
        found = _comparable(value.entries.get(name))
        if found is not None:
            return found
    return None


def _comparable(value: Value | None) -> Any:
    match value:
        case None | AttributeRef():
            return None
        case Literal(plain):
            return plain
        case ResourceRef(name):
            return name
        case ParameterRef(name, path, _, scope):
            return ("parameter", scope, name, *map(_comparable, path))
        case Call("group_index", (inner, *_)):
            return _comparable(inner)
    return ("value", repr(value))


def _items(value: Value | None, name: str) -> tuple[Value, ...]:
    entry = value.entries.get(name) if isinstance(value, MapValue) else None
    return entry.items if isinstance(entry, ListValue) else ()


def _network(resource: Resource) -> Any:
    return _property(resource.properties, "network", "network_id")


def _router(resource: Resource) -> Any:
    return _property(resource.properties, "router", "router_id")


def _gateway_network(router: Resource) -> tuple[bool, Any]:
    """Whether a router has a gateway, and to which network."""
    properties = router.properties
    entry = (
        properties.entries.get("external_gateway_info")
        if isinstance(properties, MapValue)
        else None
    )
    has_gateway = isinstance(entry, MapValue) and bool(entry.entries)
    return has_gateway, _property(entry, "network", "network_id")


def _port(port: Resource, around: Neighbours, _known: Collection[str]) -> Iterator[str]:
    """heat/engine/resources/openstack/neutron/port.py: all subnets of its network."""
    return (s.name for s in around.of(_SUBNET) if _network(s) == _network(port))


def _server(server: Resource, around: Neighbours, _known: Collection[str]) -> Iterator[str]:
    """heat/engine/resources/openstack/nova/server.py: the subnets of its networks; all subnets of
    the template where one of its NICs names no network."""
    networks = [_property(nic, "network", "uuid") for nic in _items(server.properties, "networks")]
    if not networks:
        return
    for subnet in around.of(_SUBNET):
        network = _network(subnet)
        if not network or any(not nic or nic == network for nic in networks):
            yield subnet.name


def _router_needs(router: Resource, around: Neighbours, _known: Collection[str]) -> Iterator[str]:
    """heat/engine/resources/openstack/neutron/router.py, Router: the subnets of the network that
    its gateway is on."""
    has_gateway, network = _gateway_network(router)
    if has_gateway:
        yield from (s.name for s in around.of(_SUBNET) if _network(s) == network)


def _router_gateway(
    gateway: Resource, around: Neighbours, _known: Collection[str]
) -> Iterator[str]:
    """heat/engine/resources/openstack/neutron/router.py, RouterGateway: the interfaces of its
    router, the subnets of its network."""
    yield from (i.name for i in around.of(_INTERFACE) if _router(i) == _router(gateway))
    yield from (s.name for s in around.of(_SUBNET) if _network(s) == _network(gateway))


def _floating_ip(address: Resource, around: Neighbours, known: Collection[str]) -> Iterator[str]:
    """heat/engine/resources/openstack/neutron/floatingip.py, FloatingIP: the gateways and routers
    on its network, the router interfaces on its port's subnets."""
    network = _property(address.properties, "floating_network", "floating_network_id")
    yield from (g.name for g in around.of(_GATEWAY) if _network(g) == network)
    for router in around.of(_ROUTER):
        has_gateway, gateway_network = _gateway_network(router)
        if has_gateway and gateway_network == network:
            yield router.name
    yield from _interfaces(around, known, _may_be_on_subnet)


def _association(_: Resource, around: Neighbours, known: Collection[str]) -> Iterator[str]:
    """heat/engine/resources/openstack/neutron/floatingip.py, FloatingIPAssociation and
    FloatingIPPortForward: the router interfaces on its port's first subnet."""
    return _interfaces(around, known, _is_on_subnet)


def _interfaces(
    around: Neighbours, known: Collection[str], fits: Callable[[Resource, Any], bool]
) -> Iterator[str]:
    ports = [around.named[name] for name in known if around.named[name].type == _PORT]
    for interface in around.of(_INTERFACE):
        subnet = _property(interface.properties, "subnet", "subnet_id")
        if any(fits(port, subnet) for port in ports):
            yield interface.name


def _subnets(port: Resource) -> list[Any]:
    return [_property(ip, "subnet", "subnet_id") for ip in _items(port.properties, "fixed_ips")]


def _may_be_on_subnet(port: Resource, subnet: Any) -> bool:
    subnets = _subnets(port)
    return subnet in subnets if subnets else subnet is None


def _is_on_subnet(port: Resource, subnet: Any) -> bool:
    return _subnets(port)[:1] == [subnet]


def _extra_route(route: Resource, around: Neighbours, _known: Collection[str]) -> Iterator[str]:
    """heat/engine/resources/openstack/neutron/extraroute.py: the interfaces and gateways of its
    router."""
    neighbours = around.of(_INTERFACE, _GATEWAY)
    return (n.name for n in neighbours if _router(n) == _router(route))


def _extra_routes(routes: Resource, around: Neighbours, _known: Collection[str]) -> Iterator[str]:
    """heat/engine/resources/openstack/neutron/extrarouteset.py: the interfaces of its router."""
    return (i.name for i in around.of(_INTERFACE) if _router(i) == _router(routes))


def _vpc_attachment(
    attachment: Resource, around: Neighbours, _known: Collection[str]
) -> Iterator[str]:
    """heat/engine/resources/aws/ec2/internet_gateway.py, VPCGatewayAttachment: the route tables of
    its VPC."""
    vpc = _property(attachment.properties, "VpcId")
    tables = around.of("AWS::EC2::RouteTable")
    return (t.name for t in tables if _property(t.properties, "VpcId") == vpc)


RULES: Mapping[str, Needs] = {
    _PORT: _port,
    _ROUTER: _router_needs,
    _GATEWAY: _router_gateway,
    "OS::Nova::Server": _server,
    "OS::Neutron::FloatingIP": _floating_ip,
    "OS::Neutron::FloatingIPAssociation": _association,
    "OS::Neutron::FloatingIPPortForward": _association,
    "OS::Neutron::ExtraRoute": _extra_route,
    "OS::Neutron::ExtraRouteSet": _extra_routes,
    "AWS::EC2::VPCGatewayAttachment": _vpc_attachment,
}
"""The rules by type; a type without one adds nothing."""
