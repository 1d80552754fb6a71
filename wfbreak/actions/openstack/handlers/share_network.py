"""Manila's share networks: where in Neutron's networks shares are served, and who vouches there."""

from __future__ import annotations

from typing import Any

from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.handlers.named import Named
from wfbreak.actions.openstack.maker import Shown
from wfbreak.actions.provider import ProviderError


class ShareNetworkMaker(Named):
    """``heat/engine/resources/openstack/manila/share_network.py``."""

    _services: tuple[str, ...] = ()

    def refuse(self) -> None:
        super().refuse()
        if self.properties.get("neutron_network") and not self.properties.get("neutron_subnet"):
            raise ProviderError("'neutron_network' needs a 'neutron_subnet'")

    def body(self) -> dict[str, Any]:
        """What it names is looked up before anything is made. A subnet says its network."""
        names = self.properties.get("security_services") or ()
        self._services = tuple(self.find_id("OS::Manila::SecurityService", name) for name in names)
        fields = super().body()
        if subnet := fields.get("neutron_subnet_id"):
            path = f"/subnets/{subnet}"
            network = self.cloud.get("network", path)["subnet"]["network_id"]
            if fields.setdefault("neutron_net_id", network) != network:
                raise ProviderError("the 'neutron_subnet' is not in the 'neutron_network'")
        return fields

    def query(self) -> dict[str, Any]:
        return {"name": self.fields["name"]}

    def changed(self, changes: Changes) -> dict[str, Any]:
        """With a subnet goes its network; an empty text is none."""
        fields = super().changed(changes)
        if "neutron_subnet" in changes.names and "neutron_net_id" in self.fields:
            fields["neutron_net_id"] = self.fields["neutron_net_id"]
        return {key: None if value == "" else value for key, value in fields.items()}

    def step_security_services(self, shown: Shown, _names: Any) -> None:
        there = self._vouching(shown)
        for service in self._services:
            if service not in there:
                self._act(shown, "add_security_service", service)

    def change_security_services(self, shown: Shown, changes: Changes) -> None:
        names = [name for was in changes.was("security_services") for name in was]
        was = self.known_ids("OS::Manila::SecurityService", names)
        for service in sorted((was - {*self._services}) & self._vouching(shown)):
            self._act(shown, "remove_security_service", service)
        self.step_security_services(shown, None)

    def _vouching(self, shown: Shown) -> set[str]:
        query = {"share_network_id": self.physical_id(shown)}
        found = self.ask("GET", "/security-services/detail", params=query)["security_services"]
        return {str(entry["id"]) for entry in found}

    def _act(self, shown: Shown, action: str, service: str) -> None:
        path = f"{self.path()}/{self.physical_id(shown)}/action"
        self.ask("POST", path, {action: {"security_service_id": service}})
