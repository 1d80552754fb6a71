"""A server's attributes: what Nova shows, and what Neutron knows of its addresses.

They are as ``_resolve_attribute`` in heat/engine/resources/openstack/nova/server.py makes them.
"""

from __future__ import annotations

import copy
import ipaddress
from collections.abc import Callable, Mapping
from typing import Any

from wfbreak.actions.openstack.handlers import user_data
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError

_CONSOLES = {
    "novnc": "vnc",
    "xvpvnc": "vnc",
    "spice-html5": "spice",
    "rdp-html5": "rdp",
    "serial": "serial",
    "webmks": "mks",
}
"""The protocol of each kind of console."""


def attribute(server: Maker, shown: Shown, name: str) -> Any:
    """An attribute's value.

    :raises ProviderError: if a service does not answer.
    """
    make = _MADE.get(name)
    return shown.get(name) if make is None else make(server, shown)


def _show(server: Maker, shown: Shown) -> dict[str, Any]:
    return {"os_collect_config": user_data.collect_config(server), **shown}


def _networks(server: Maker, shown: Shown) -> dict[str, Any]:
    return _by_ids_too(server, _by_names(shown))


def _first_address(_server: Maker, shown: Shown) -> str:
    addresses = _by_names(shown)
    return next(
        (addresses[net][0] for net in sorted(addresses, reverse=True) if addresses[net]), ""
    )


def _by_names(shown: Shown) -> dict[str, list[str]]:
    networks: Mapping[str, Any] = shown.get("addresses") or {}
    return {net: [entry["addr"] for entry in networks[net]] for net in sorted(networks)}


def _addresses(server: Maker, shown: Shown) -> dict[str, Any]:
    """The addresses of every port, with the whole of its subnets and its network."""
    cloud = server.cloud
    query = {"device_id": server.physical_id(shown)}
    found: dict[str, list[dict[str, Any]]] = {}
    for port in cloud.get("network", "/ports", params=query)["ports"]:
        network = cloud.get("network", f"/networks/{port['network_id']}")["network"]
        entries = found.setdefault(network["name"], [])
        for fixed in port["fixed_ips"]:
            entries += _floating(cloud, port, fixed["ip_address"])
            entries.append(
                {
                    **_entry(port, fixed["ip_address"], "fixed"),
                    "port": port["id"],
                    "subnets": [
                        cloud.get("network", f"/subnets/{each['subnet_id']}")["subnet"]
                        for each in port["fixed_ips"]
                    ],
                    "network": network,
                }
            )
    return _by_ids_too(server, found)


def _floating(cloud: Any, port: Mapping[str, Any], address: str) -> list[dict[str, Any]]:
    query = {"fixed_ip_address": address}
    found = cloud.get("network", "/floatingips", params=query)["floatingips"]
    return [
        {
            **_entry(port, address, "floating"),
            "addr": floating["floating_ip_address"],
            "port": None,
        }
        for floating in found
    ]


def _entry(port: Mapping[str, Any], address: str, kind: str) -> dict[str, Any]:
    return {
        "addr": address,
        "version": [ipaddress.ip_address(address).version],  # Heat has a list there
        "OS-EXT-IPS-MAC:mac_addr": port["mac_address"],
        "OS-EXT-IPS:type": kind,
    }


def _by_ids_too(server: Maker, networks: Mapping[str, Any]) -> dict[str, Any]:
    """Each network by its name and by its id, unless the name is not its alone."""
    found = dict(networks)
    for name in networks:
        try:
            found[server.find_id("OS::Neutron::Net", name)] = copy.deepcopy(networks[name])
        except ProviderError as error:
            if error.again is not None:
                raise
    return found


def _console_urls(server: Maker, shown: Shown) -> dict[str, str]:
    return {kind: _console_url(server, shown, kind) for kind in _CONSOLES}


def _console_url(server: Maker, shown: Shown, kind: str) -> str:
    path = f"{server.path()}/{server.physical_id(shown)}/remote-consoles"
    asked = {"remote_console": {"protocol": _CONSOLES[kind], "type": kind}}
    try:
        return str(server.ask("POST", path, asked)["remote_console"]["url"])
    except ProviderError as error:
        return f"Cannot get console url: {error}"


_MADE: Mapping[str, Callable[[Maker, Shown], Any]] = {
    "show": _show,
    "addresses": _addresses,
    "networks": _networks,
    "first_address": _first_address,
    "instance_name": lambda _, shown: shown.get("OS-EXT-SRV-ATTR:instance_name"),
    "console_urls": _console_urls,
    "os_collect_config": lambda server, _: user_data.collect_config(server),
}
