"""What is still there for a while after it was deleted, and not yet as it was told to be."""

from __future__ import annotations

from typing import Any

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import holds
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again

_GONE = "DELETED"


class Lasting(Maker):
    """Deleted once the service shows it no more, as by ``check_delete_complete`` of Octavia's and
    Designate's types in heat/engine/resources/openstack, and changed only if it is not shown so
    yet: each change takes its time."""

    def says(self, shown: Shown, key: str, value: Any) -> bool:
        return key in shown and holds(shown[key], value)

    def delete(self, ident: str) -> None:
        super().delete(ident)
        status = self.row.status
        assert status is not None, self.row.name
        try:
            value = str(self.show(ident)[status.field])
        except failures.NotFound:
            return
        if value in status.fail:
            raise ProviderError(f"it is {value}")
        if value != _GONE:
            raise ProviderError(f"it is {value}", Again.PENDING)
