"""Manila's share networks: where in Neutron's networks shares are served, and who vouches there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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

    def step_security_services(self, shown: Shown, _names: Any) -> None:
        ident = self.physical_id(shown)
        query: Mapping[str, Any] = {"share_network_id": ident}
        there = self.ask("GET", "/security-services/detail", params=query)["security_services"]
        for service in self._services:
            if service not in {entry["id"] for entry in there}:
                added = {"add_security_service": {"security_service_id": service}}
                self.ask("POST", f"{self.path()}/{ident}/action", added)
