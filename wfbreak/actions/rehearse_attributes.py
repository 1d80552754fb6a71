"""Plausible values for the attributes of resources that do not exist.

A rehearsal runs a workflow without a cloud, so each attribute that the template reads needs a
value: of the shape that the real one has (a map of networks, an address inside the subnet), the
same in every run, consistent within one resource (``first_address`` is in ``networks``), and
readable. What a property already says is repeated, because the service would repeat it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wfbreak.actions.identity import Identity
from wfbreak.actions.provider import ALL_ATTRIBUTES, AttributePath
from wfbreak.hot.paths import select

_TIME = "2020-01-01T00:00:00Z"
_OUTSIDE = ipaddress.ip_network("203.0.113.0/24")  # TEST-NET-3: nobody's addresses
_TRUE = frozenset({"admin_state_up", "enabled", "is_public", "enable_dhcp", "bootable"})
_LONGEST_LIST = 64
"""A path's index beyond this is not answered: a typing error must not fill the memory."""


class Attributes:
    """The attributes of one rehearsed resource."""

    def __init__(
        self, identity: Identity, kind: str, properties: Mapping[str, Any], physical_id: str
    ) -> None:
        self._identity = identity
        self._kind = kind
        self._properties = properties
        self._id = physical_id
        self._makers: dict[str, Callable[[], Any]] = {
            "id": lambda: self._id,
            "name": self._name,
            "show": self._show,
            "status": self._status,
            "first_address": self.address,
            "ip_address": self.address,
            "vip_address": self.address,
            "accessIPv4": self.address,
            "fixed_ip_address": self.address,
            "floating_ip_address": self._floating_address,
            "ip": self._floating_address,
            "mac_address": self._mac_address,
            "fixed_ips": self._fixed_ips,
            "networks": lambda: {name: [ip] for name, ip in self._networks().items()},
            "addresses": self._addresses,
            "gateway_ip": self._gateway,
            "cidr": lambda: str(self._subnet()),
            "subnets": lambda: [self._identity.uuid("subnet")],
            "instance_name": lambda: f"instance-{self._identity.number('instance', 16**8):08x}",
            "tenant_id": lambda: self._hex("project"),
            "project_id": lambda: self._hex("project"),
            "segmentation_id": lambda: 1 + self._identity.number("segment", 4094),
            "mtu": lambda: 1450,
            "deploy_stdout": str,
            "deploy_stderr": str,
            "deploy_status_code": int,
        }

    def values(self, paths: Sequence[AttributePath]) -> dict[str, Any]:
        """A value for each attribute of ``paths``, such that every path leads somewhere."""
        found: dict[str, Any] = {}
        for path in paths:
            name = str(path[0])
            if name == ALL_ATTRIBUTES:
                # Not "show": Heat leaves it out of all attributes (heat/engine/stk_defn.py).
                found.setdefault("name", self.value("name"))
                continue
            if name not in found:
                found[name] = self.value(name)
            if len(path) > 1 and select(found[name], *path[1:]) is None:
                found[name] = self._deepen(found[name], path[1:])
        return found

    def value(self, name: str) -> Any:
        """The value of an attribute, by its name."""
        given = self._properties.get(name)
        if given is not None and name not in ("networks", "fixed_ips", "subnets"):
            return given
        if name in self._makers:
            return self._makers[name]()
        if name.endswith(("_url", "_href", "_uri")) or name in ("url", "endpoint"):
            return f"https://{self._service()}.rehearsal.test/{self._id}"
        if name.endswith("_at") or name in ("created", "updated"):
            return _TIME
        if name.endswith("_id"):
            return self._identity.uuid(name)
        if name.endswith(("_ip", "_address", "_addr")):
            return self.address()
        if name in _TRUE or name.startswith(("is_", "has_")):
            return name in _TRUE
        if name.endswith(("_count", "_size")) or name in ("size", "count"):
            return 1
        return f"{name} of {self._id}"

    def _deepen(self, value: Any, path: Sequence[str | int]) -> Any:
        """``value`` with what ``path`` needs added to it."""
        if not path:
            return value
        key, rest = path[0], path[1:]
        if isinstance(key, int):
            if isinstance(value, Mapping):
                return value  # a number leads nowhere in a map, in Heat neither
            items = list(value) if isinstance(value, (list, tuple)) else []
            if not -_LONGEST_LIST <= key < _LONGEST_LIST:
                return items
            while not -len(items) <= key < len(items):
                items.append(self._part(rest, f"item {len(items)} of {self._id}"))
            items[key] = self._deepen(items[key], rest)
            return items
        entries = dict(value) if isinstance(value, Mapping) else {}
        name = str(key)
        if entries.get(name) is None:
            # A network that the properties do not name (it has another name there) has addresses.
            entries[name] = self._part(rest, self._of_its_siblings(entries, name))
        entries[name] = self._deepen(entries[name], rest)
        return entries

    def _of_its_siblings(self, entries: Mapping[str, Any], name: str) -> Any:
        for sibling in entries.values():
            if isinstance(sibling, list):
                return sibling
        return self.value(name)

    def _part(self, rest: Sequence[str | int], leaf: Any) -> Any:
        """What to begin with below a key: the leaf at the path's end or where it has structure."""
        return leaf if not rest or isinstance(leaf, (list, dict)) else None

    # Values by kind

    def _hex(self, purpose: str) -> str:
        return self._identity.uuid(purpose).replace("-", "")

    def _service(self) -> str:
        parts = self._kind.split("::")
        return re.sub(r"[^a-z0-9-]", "-", parts[1].lower()) if len(parts) > 2 else "service"

    def _name(self) -> str:
        return self._identity.physical_name()

    def _status(self) -> str:
        return "available" if self._service() in ("cinder", "manila") else "ACTIVE"

    def _show(self) -> dict[str, Any]:
        shown = {"id": self._id, "name": self.value("name"), "status": self._status()}
        return {**self._properties, **shown}

    def _subnet(self) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
        given = self._properties.get("cidr")
        try:
            return ipaddress.ip_network(str(given), strict=False)
        except ValueError:
            number = self._identity.number("subnet", 2**16)
            return ipaddress.ip_network(f"10.{number >> 8}.{number & 255}.0/24")

    def address(self) -> str:
        """The resource's address in its (first) network."""
        for given in (*self._items("fixed_ips"), *self._items("networks"), self._properties):
            for key in ("ip_address", "fixed_ip", "vip_address"):
                if isinstance(given.get(key), str) and given[key]:
                    return str(given[key])
        return self._host(self._subnet(), "address")

    def _host(self, network: ipaddress.IPv4Network | ipaddress.IPv6Network, purpose: str) -> str:
        # Past the gateway and the network's own services, and never the broadcast address.
        first = min(10, network.num_addresses - 1)
        count = max(1, min(network.num_addresses, 256) - first - 1)
        return str(network[first + self._identity.number(purpose, count)])

    def _floating_address(self) -> str:
        return self._host(_OUTSIDE, "floating address")

    def _gateway(self) -> str:
        network = self._subnet()
        return str(network[min(1, network.num_addresses - 1)])

    def _mac_address(self) -> str:
        digest = self._identity.digest("mac")
        return "fa:16:3e:" + ":".join(f"{byte:02x}" for byte in digest[:3])

    def _items(self, name: str) -> list[Mapping[str, Any]]:
        items = self._properties.get(name)
        if not isinstance(items, (list, tuple)):
            return []
        return [item for item in items if isinstance(item, Mapping)]

    def _fixed_ips(self) -> list[dict[str, Any]]:
        address = self.address()
        fixed = []
        for item in self._items("fixed_ips"):
            subnet = item.get("subnet") or item.get("subnet_id") or self._identity.uuid("subnet")
            fixed.append({"subnet_id": subnet, "ip_address": item.get("ip_address") or address})
        return fixed or [{"subnet_id": self._identity.uuid("subnet"), "ip_address": address}]

    def _networks(self) -> dict[str, str]:
        """The address in each of a server's networks, by the name that its properties give."""
        addresses: dict[str, str] = {}
        for item in self._items("networks"):
            name = item.get("network") or item.get("uuid") or item.get("subnet")
            if name:
                own = self._host(self._subnet(), f"address in {name}") if addresses else None
                addresses[str(name)] = str(item.get("fixed_ip") or own or self.address())
        return addresses or {"private": self.address()}

    def _addresses(self) -> dict[str, Any]:
        return {
            name: [
                {
                    "addr": address,
                    "version": ipaddress.ip_address(address).version,
                    "OS-EXT-IPS:type": "fixed",
                    "OS-EXT-IPS-MAC:mac_addr": self._mac_address(),
                    "port": self._identity.uuid(f"port in {name}"),
                }
            ]
            for name, address in self._networks().items()
        }
