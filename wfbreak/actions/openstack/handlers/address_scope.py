"""Address scopes: those of one's own project."""

from __future__ import annotations

from wfbreak.actions.openstack.maker import Maker, Shown


class AddressScope(Maker):
    """``OS::Neutron::AddressScope``."""

    def is_same(self, found: Shown) -> bool:
        """An administrator sees those of all projects."""
        own = self.properties.get("tenant_id") or self.cloud.connection.current_project_id
        return super().is_same(found) and found.get("project_id") == own
