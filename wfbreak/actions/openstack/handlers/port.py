"""Ports: addresses, security groups, and what Heat shows of the network around them."""

from __future__ import annotations

from typing import Any

from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.handlers import security_group
from wfbreak.actions.openstack.maker import Maker, Shown


class Port(Maker):
    """``OS::Neutron::Port``."""

    def body(self) -> dict[str, Any]:
        """An empty list of addresses means that Neutron chooses; none at all is said otherwise."""
        fields = super().body()
        if self.properties.get("no_fixed_ips"):
            fields["fixed_ips"] = []
        elif not fields.get("fixed_ips"):
            fields.pop("fixed_ips", None)
        return fields

    def changed(self, changes: Changes) -> dict[str, Any]:
        """Without a word about its addresses a port keeps them."""
        fields = super().changed(changes)
        fields.pop("fixed_ips", None)
        if {"fixed_ips", "no_fixed_ips"} & {*changes.names} and "fixed_ips" in self.fields:
            fields["fixed_ips"] = self.fields["fixed_ips"]
        if fields.get("allowed_address_pairs", []) is None:
            fields["allowed_address_pairs"] = []
        if fields.get("security_groups", []) is None:
            fields["security_groups"] = [security_group.find(self, "default")]
        return fields

    def find_id(self, kind: str, name: str) -> str:
        if kind == security_group.TYPE:
            return security_group.find(self, name)
        return super().find_id(kind, name)

    def attribute(self, shown: Shown, name: str) -> Any:
        if name == "network":
            return self.ask("GET", f"/networks/{shown['network_id']}")["network"]
        if name == "subnets":
            addresses = shown.get("fixed_ips") or []
            return [
                self.ask("GET", f"/subnets/{address['subnet_id']}")["subnet"]
                for address in addresses
                if address.get("subnet_id")
            ]
        return super().attribute(shown, name)
