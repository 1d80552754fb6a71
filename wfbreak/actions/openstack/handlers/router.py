"""Routers: which L3 agents serve them."""

from __future__ import annotations

from typing import Any

from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.handlers import agents
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError


class Router(Maker):
    """``OS::Neutron::Router``."""

    def refuse(self) -> None:
        super().refuse()
        if not self.properties.get("ha") and len(self.properties.get("l3_agent_ids") or ()) > 1:
            raise ProviderError("a router that is not 'ha' can have one L3 agent only")

    def step_l3_agents(self, shown: Shown, wanted: list[str]) -> None:
        agents.assign(self, f"/routers/{shown['id']}/l3-agents", "l3-routers", shown, wanted)

    def change_l3_agents(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        self.step_l3_agents(shown, self.properties.get("l3_agent_ids") or [])


class RouterPart(Maker):
    """Something that a router says of itself. It has no place for a mark, and no ``show``."""

    def attribute(self, shown: Shown, name: str) -> Any:  # noqa: ARG002
        """Heat's clients have no call for it, so that Heat gives null."""
        return None

    def router(self, ident: str) -> Shown:
        """The router with this id.

        :raises NotFound: if there is none.
        """
        shown: Shown = self.ask("GET", f"/routers/{ident}")["router"]
        return shown
