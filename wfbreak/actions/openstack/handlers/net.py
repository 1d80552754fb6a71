"""Networks: which DHCP agents serve them, and their segments."""

from __future__ import annotations

from typing import Any

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.handlers import agents
from wfbreak.actions.openstack.maker import Maker, Shown


class Net(Maker):
    """``OS::Neutron::Net`` and ``ProviderNet``."""

    def step_dhcp_agents(self, shown: Shown, wanted: list[str]) -> None:
        agents.assign(self, f"/networks/{shown['id']}/dhcp-agents", "dhcp-networks", shown, wanted)

    def change_dhcp_agents(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        self.step_dhcp_agents(shown, self.properties.get("dhcp_agent_ids") or [])

    def attribute(self, shown: Shown, name: str) -> Any:
        return segments(self, shown) if name == "segments" else super().attribute(shown, name)


def segments(maker: Maker, shown: Shown) -> list[dict[str, Any]]:
    """A network's segments as openstacksdk shows them, which is what Heat gives: those without a
    name first. Only an administrator sees any."""
    with failures.told():
        found = maker.cloud.connection.network.segments(network_id=shown["id"])
        listed = [segment.to_dict() for segment in found]
    return sorted(listed, key=lambda segment: segment["name"] is not None)
