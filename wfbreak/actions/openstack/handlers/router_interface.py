"""Router interfaces: a router's ports on subnets."""

from __future__ import annotations

from typing import Any

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.handlers.router import RouterPart
from wfbreak.actions.openstack.maker import Shown

_OWNERS = ("network:router_interface", "network:ha_router_replicated_interface")
"""What Neutron writes into the port; ``…_distributed`` begins as the first."""


class RouterInterface(RouterPart):
    """``OS::Neutron::RouterInterface``. Its id is ``ROUTER:subnet_id=SUBNET`` or
    ``ROUTER:port_id=PORT``, as in Heat; what is shown is the port."""

    _ident = ""

    def candidates(self) -> list[Shown]:
        try:
            return [self.show(self._said())]
        except failures.NotFound:
            return []

    def create(self) -> None:
        router, what = _parts(self._said())
        self.ask("PUT", f"/routers/{router}/add_router_interface", what)

    def delete(self, ident: str) -> None:
        router, what = _parts(ident)
        try:
            self.ask("PUT", f"/routers/{router}/remove_router_interface", what)
        except failures.NotFound:
            return

    def show(self, ident: str) -> Shown:
        router, what = _parts(ident)
        listed = self.ask("GET", "/ports", params={"device_id": router})["ports"]
        for port in listed:
            if port["device_owner"].startswith(_OWNERS) and _is_on(port, what):
                self._ident = ident
                shown: Shown = port
                return shown
        raise failures.NotFound(f"the router has no such interface: {ident}")

    def physical_id(self, shown: Shown) -> str:  # noqa: ARG002
        """The id by which it was shown: the port does not say in which way it was asked for."""
        return self._ident

    def _said(self) -> str:
        fields = self.fields
        key = "subnet_id" if fields.get("subnet_id") else "port_id"
        return f"{fields['router']}:{key}={fields[key]}"


def _parts(ident: str) -> tuple[str, dict[str, str]]:
    router, _, what = ident.partition(":")
    key, _, value = what.partition("=")
    return router, {key: value}


def _is_on(port: Shown, what: dict[str, Any]) -> bool:
    if "port_id" in what:
        return bool(port["id"] == what["port_id"])
    return any(address["subnet_id"] == what["subnet_id"] for address in port["fixed_ips"])
