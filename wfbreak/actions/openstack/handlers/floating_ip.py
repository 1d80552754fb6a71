"""Floating IPs, what they lead to, and the ports that they forward."""

from __future__ import annotations

from typing import Any

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.handlers.ids import is_uuid
from wfbreak.actions.openstack.handlers.router import RouterPart
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError


class FloatingIP(Maker):
    """``OS::Neutron::FloatingIP``."""

    def refuse(self) -> None:
        super().refuse()
        if self.properties.get("fixed_ip_address") and not self.properties.get("port_id"):
            raise ProviderError("'fixed_ip_address' needs a 'port_id'")

    def change_target(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        self.update(shown, {key: self.fields.get(key) for key in ("port_id", "fixed_ip_address")})


class FloatingIPAssociation(RouterPart):
    """``OS::Neutron::FloatingIPAssociation``. Its id is the floating IP's (in Heat it is a number
    in Heat's own database); what is shown is the floating IP."""

    def candidates(self) -> list[Shown]:
        try:
            return [self.show(self.fields["floatingip_id"])]
        except failures.NotFound:
            return []

    def create(self) -> None:
        given = {key: value for key, value in self.fields.items() if key != "floatingip_id"}
        self._set(self.fields["floatingip_id"], given)

    def delete(self, ident: str) -> None:
        try:
            self._set(ident, {"port_id": None})
        except failures.NotFound:
            return

    def show(self, ident: str) -> Shown:
        shown = super().show(ident)
        wanted = {k: self.properties.get(k) for k in ("port_id", "fixed_ip_address")}
        if any(value is not None and shown.get(key) != value for key, value in wanted.items()):
            raise failures.NotFound(f"the floating IP does not lead there: {ident}")
        return shown

    def change(self, changes: Changes) -> Shown:
        """It may become one of another floating IP; the one before leads nowhere then."""
        self.refuse()
        self.fields = self.body()
        ident = str(self.fields["floatingip_id"])
        for other in sorted({str(was) for was in changes.was("floatingip_id")} - {ident}):
            try:
                self._leave(other, changes)
            except failures.NotFound:
                continue
        try:
            self._set(ident, {k: self.fields.get(k) for k in ("port_id", "fixed_ip_address")})
        except failures.NotFound as error:
            raise ProviderError(str(error)) from None
        return self.show(ident)

    def _leave(self, ident: str, changes: Changes) -> None:
        """Another resource may have taken it meanwhile."""
        if super().show(ident).get("port_id") in changes.was("port_id"):
            self._set(ident, {"port_id": None})

    def _set(self, ident: str, fields: dict[str, Any]) -> None:
        self.ask("PUT", f"/floatingips/{ident}", {"floatingip": fields})


class PortForward(RouterPart):
    """``OS::Neutron::FloatingIPPortForward``."""

    def find_id(self, kind: str, name: str) -> str:
        """A floating IP's name is its address."""
        if kind != "OS::Neutron::FloatingIP" or is_uuid(name):
            return super().find_id(kind, name)
        found = self.ask("GET", "/floatingips", params={"floating_ip_address": name})["floatingips"]
        if not found:
            raise ProviderError(f"there is no floating IP '{name}'")
        return str(found[0]["id"])
