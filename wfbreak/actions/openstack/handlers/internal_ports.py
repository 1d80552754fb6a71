"""What a server is connected to: networks that Nova makes ports on, ports, and ports made for it.

Where a template says more of a network than Nova takes (a subnet, properties of the port), Heat
makes a port itself and hands it to Nova. Such a port is a resource like any other here, with a name
and a mark that follow from the server's: another run finds it. The meaning is that of
heat/engine/resources/openstack/nova/server_network_mixin.py.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

from wfbreak.actions.openstack.maker import Maker
from wfbreak.actions.provider import ProviderError
from wfbreak.types import schema
from wfbreak.types.table import cloud_type

Net = Mapping[str, Any]
"""An entry of the property ``networks``."""

_PORT: Final = "OS::Neutron::Port"


def check(networks: Sequence[Net], security_groups: Sequence[str]) -> None:
    """Refuse what does not go together.

    :raises ProviderError: with what it is.
    """
    for number, net in enumerate(networks):
        where = f"networks[{number}]"
        given = [name for name, value in net.items() if value is not None]
        if net.get("allocate_network"):
            if len(given) > 1 or len(networks) > 1:
                raise ProviderError(f"{where}: nothing else may stand beside 'allocate_network'")
            continue
        if all(net.get(name) is None for name in ("network", "port", "subnet")):
            raise ProviderError(
                f"{where} must have one of network, port, subnet and allocate_network"
            )
        if net.get("port") is not None and net.get("fixed_ip"):
            raise ProviderError(f"{where}: of 'port' and 'fixed_ip' only one may be given")
        if net.get("floating_ip") is not None and not (net.get("port") or _is_internal(net)):
            raise ProviderError(
                f"{where}: a floating IP needs a port that is known beforehand: give port, subnet "
                "or port_extra_properties"
            )
        if net.get("port") is not None and security_groups:
            raise ProviderError(f"of 'security_groups' and '{where}.port' only one may be given")


def request(server: Maker) -> str | list[dict[str, Any]]:
    """The request's ``networks``. The ports that it needs are made, floating IPs associated.

    Without networks the service chooses: it does not take a request that says nothing any more.

    :raises ProviderError: if something cannot be found or made.
    """
    networks = server.properties.get("networks") or ()
    for net in networks:
        if net.get("allocate_network"):
            return str(net["allocate_network"])
    return [_entry(server, number, net) for number, net in enumerate(networks)] or "auto"


def delete(server: Maker) -> None:
    """Delete the ports that were made for the server."""
    for number, net in enumerate(server.properties.get("networks") or ()):
        if _is_internal(net):
            port = _port(server, number, {})
            port.fields = {"name": port.properties["name"]}
            for shown in port.candidates():
                port.delete(port.physical_id(shown))


def _is_internal(net: Net) -> bool:
    return not net.get("port") and bool(net.get("subnet") or net.get("port_extra_properties"))


def _entry(server: Maker, number: int, net: Net) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if network := _network_id(server, net):
        entry["uuid"] = network
    if net.get("port"):
        entry["port"] = server.find_id(_PORT, net["port"])
    elif _is_internal(net):
        port = _port(server, number, _properties(server, net, network))
        entry["port"] = port.physical_id(port.make())
    elif net.get("fixed_ip"):
        entry["fixed_ip"] = net["fixed_ip"]
    if net.get("floating_ip") and "port" in entry:
        told = {"port_id": entry["port"]}
        if net.get("fixed_ip"):
            told["fixed_ip_address"] = net["fixed_ip"]
        path = f"/floatingips/{net['floating_ip']}"
        server.cloud.ask("network", "PUT", path, {"floatingip": told})
    if net.get("tag"):
        entry["tag"] = net["tag"]
    return entry


def _network_id(server: Maker, net: Net) -> str | None:
    """The network's id; of a subnet's, if only that is given."""
    network = server.find_id("OS::Neutron::Net", net["network"]) if net.get("network") else None
    if not net.get("subnet") or net.get("port"):
        return network
    subnet = server.find_id("OS::Neutron::Subnet", net["subnet"])
    found = str(server.cloud.get("network", f"/subnets/{subnet}")["subnet"]["network_id"])
    if network is not None and network != found:
        raise ProviderError(
            f"the subnet {net['subnet']} is not one of the network {net['network']}"
        )
    return found


def _properties(server: Maker, net: Net, network: str | None) -> dict[str, Any]:
    """What is said of a port that is made for the server."""
    given: dict[str, Any] = {"network": network}
    address = {"ip_address": net.get("fixed_ip"), "subnet": net.get("subnet")}
    if any(address.values()):
        given["fixed_ips"] = [{key: value for key, value in address.items() if value}]
    if groups := server.properties.get("security_groups"):
        given["security_groups"] = groups
    # Heat looks for this one where it never stands, so that it does nothing.
    extra = {**(net.get("port_extra_properties") or {}), "no_fixed_ips": None}
    return given | {key: value for key, value in extra.items() if value is not None}


def _port(server: Maker, number: int, given: Mapping[str, Any]) -> Maker:
    from wfbreak.actions.openstack.handlers import HANDLERS

    row, known = cloud_type(_PORT), schema.find(_PORT)
    assert row is not None
    assert known is not None
    wanted = server.wanted
    name = f"{wanted.resource.rpartition('/')[2]}-port-{number}"
    part = dataclasses.replace(
        wanted,
        identity=wanted.identity.part(f"port {number}", _PORT),
        properties={**dict.fromkeys(known.properties), **given, "name": name},
    )
    made = HANDLERS.get(row.handler or "", Maker)
    return made(server.cloud, row, part)
