"""Subnet pools, which only grow."""

from __future__ import annotations

import ipaddress
from typing import Any

from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError


class SubnetPool(Maker):
    """``OS::Neutron::SubnetPool``."""

    def carry_out(self, shown: Shown, changes: Changes) -> None:
        """What has been a prefix of it stays inside of one."""
        wanted = list(map(ipaddress.ip_network, self.properties["prefixes"]))
        for prefix in (prefix for was in changes.was("prefixes") for prefix in was):
            if not any(_is_inside(ipaddress.ip_network(prefix), other) for other in wanted):
                raise ProviderError(f"its 'prefixes' cannot be without {prefix} any more")
        super().carry_out(shown, changes)


def _is_inside(one: Any, other: Any) -> bool:
    return bool(one.version == other.version and one.subnet_of(other))
