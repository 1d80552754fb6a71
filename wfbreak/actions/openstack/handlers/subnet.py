"""Subnets: which gateway they have."""

from __future__ import annotations

from typing import Any

from wfbreak.actions.openstack.maker import Maker


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
