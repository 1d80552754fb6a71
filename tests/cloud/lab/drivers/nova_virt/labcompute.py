"""Stands in for a hypervisor: Nova's own fake one, whose host stays the same host."""

from __future__ import annotations

import uuid
from typing import ClassVar

from nova.virt import fake


class LabDriver(fake.FakeDriver):
    """Resizes on its one host, and knows its node again when it starts a second time.

    (The fake driver has a new identity for its node at each start, and Nova refuses a node whose
    identity changes.)
    """

    capabilities: ClassVar[dict] = {
        **fake.FakeDriver.capabilities,
        "supports_migrate_to_same_host": True,
    }

    def get_nodenames_by_uuid(self, refresh=False):
        return {_identity(name): name for name in self.get_available_nodes()}

    def get_available_resource(self, nodename):
        return {**super().get_available_resource(nodename), "uuid": _identity(nodename)}


def _identity(name):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
