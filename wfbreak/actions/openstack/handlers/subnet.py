"""Subnets: which gateway they have."""

from __future__ import annotations

from typing import Any

from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError


class Subnet(Maker):
    """``OS::Neutron::Subnet``."""

    def body(self) -> dict[str, Any]:
        """A gateway of null (which is ``""`` by then) is none; ``auto`` is what Neutron chooses."""
        fields = super().body()
        if fields.get("gateway_ip") == "":
            fields["gateway_ip"] = None
        elif fields.get("gateway_ip") == "auto":
            del fields["gateway_ip"]
        return fields

    def carry_out(self, shown: Shown, changes: Changes) -> None:
        if "segment" in changes.names and changes.was("segment"):
            raise ProviderError("a subnet that has a segment cannot be given another, or none")
        if "gateway_ip" in changes.names and self.properties.get("gateway_ip") == "auto":
            raise ProviderError("'gateway_ip' can be auto only when a subnet is made")
        super().carry_out(shown, changes)

    def changed(self, changes: Changes) -> dict[str, Any]:
        """No pools are an empty list of them."""
        fields = super().changed(changes)
        if fields.get("allocation_pools", []) is None:
            fields["allocation_pools"] = []
        return fields
