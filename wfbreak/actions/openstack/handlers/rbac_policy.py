"""RBAC policies: what they are about is looked up by its own kind."""

from __future__ import annotations

from typing import Any, Final

from wfbreak.actions.openstack.maker import Maker
from wfbreak.actions.provider import ProviderError

_KINDS: Final = {
    "address_scope": "OS::Neutron::AddressScope",
    "network": "OS::Neutron::Net",
    "qos_policy": "OS::Neutron::QoSPolicy",
    "security_group": "OS::Neutron::SecurityGroup",
    "subnetpool": "OS::Neutron::SubnetPool",
}


class RBACPolicy(Maker):
    """``OS::Neutron::RBACPolicy``."""

    def refuse(self) -> None:
        super().refuse()
        kind, action = self.properties["object_type"], self.properties["action"]
        if action == "access_as_external" and kind != "network":
            raise ProviderError(f"a {kind} cannot be given {action}, only access_as_shared")

    def body(self) -> dict[str, Any]:
        fields = super().body()
        fields["object_id"] = self.find_id(_KINDS[fields["object_type"]], fields["object_id"])
        return fields
