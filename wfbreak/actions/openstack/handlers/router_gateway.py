"""Router gateways, from the days when a router's properties did not say them."""

from __future__ import annotations

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.handlers.router import RouterPart
from wfbreak.actions.openstack.maker import Shown


class RouterGateway(RouterPart):
    """``OS::Neutron::RouterGateway``. Its id is ``ROUTER:NETWORK``, as in Heat; what is shown is
    the router."""

    def candidates(self) -> list[Shown]:
        try:
            return [self.show(f"{self.fields['router']}:{self.fields.get('network_id')}")]
        except failures.NotFound:
            return []

    def create(self) -> None:
        gateway = {"network_id": self.fields.get("network_id")}
        self._set(self.fields["router"], gateway)

    def delete(self, ident: str) -> None:
        try:
            self.show(ident)
            self._set(ident.partition(":")[0], {})
        except failures.NotFound:
            return

    def show(self, ident: str) -> Shown:
        router, _, network = ident.partition(":")
        shown = self.router(router)
        if (shown.get("external_gateway_info") or {}).get("network_id") != network:
            raise failures.NotFound(f"the router has no such gateway: {ident}")
        return shown

    def physical_id(self, shown: Shown) -> str:
        return f"{shown['id']}:{shown['external_gateway_info']['network_id']}"

    def _set(self, router: str, gateway: object) -> None:
        body = {"router": {"external_gateway_info": gateway}}
        self.ask("PUT", f"/routers/{router}", body)
