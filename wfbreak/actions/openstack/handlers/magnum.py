"""Magnum's clusters and their templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.handlers.named import Named
from wfbreak.actions.openstack.maker import Shown
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again

_VOLUME_DRIVERS: Final = {"kubernetes": "cinder", "swarm": "rexray", "mesos": "rexray"}


class MagnumMaker(Named):
    """What both have in common. Like Heat's client no request names a microversion."""

    def query(self) -> dict[str, Any]:
        """Magnum refuses to look for fields."""
        return {}

    def complete(self, shown: Shown) -> Shown:
        """A list does not show all of each."""
        return self.show(self.physical_id(shown))

    def update(self, shown: Shown, changes: Mapping[str, Any]) -> Shown:
        path = f"{self.path()}/{quote(self.physical_id(shown), safe='')}"
        told = [{"op": "replace", "path": f"/{k}", "value": v} for k, v in changes.items()]
        return self.one(self.ask(self.row.update, path, told))

    def find_id(self, kind: str, name: str) -> str:
        """Magnum takes a name for an id (heat/engine/clients/os/magnum.py)."""
        if kind != "OS::Magnum::ClusterTemplate":
            return super().find_id(kind, name)
        return str(self.ask("GET", f"/clustertemplates/{quote(name, safe='')}")["uuid"])


class ClusterMaker(MagnumMaker):
    """``heat/engine/resources/openstack/magnum/cluster.py``."""

    def there(self, ident: str) -> Shown:
        shown = self.show(ident)
        if str(shown.get("status")).endswith("_IN_PROGRESS"):
            raise ProviderError(f"it is {shown['status']}", Again.PENDING)
        return shown

    def says(self, shown: Shown, key: str, value: Any) -> bool:
        return key in shown and bool(shown[key] == value)

    def update(self, shown: Shown, changes: Mapping[str, Any]) -> Shown:
        """Told of it, Magnum is at it sooner or later."""
        super().update(shown, changes)
        raise ProviderError("it is being changed", Again.PENDING)

    def attribute(self, shown: Shown, name: str) -> Any:
        """Heat's client shows a stack's id by its later name, too (magnumclient/v1/clusters.py)."""
        value = super().attribute(shown, name)
        if name == "show" and shown.get("stack_id"):
            return {"cluster_id": shown["stack_id"], **value}
        return value

    def delete(self, ident: str) -> None:
        try:
            shown = self.show(ident)
        except failures.NotFound:
            return
        match shown.get("status"):
            case "DELETE_FAILED":
                raise ProviderError(f"it is DELETE_FAILED: {shown.get('status_reason')}")
            case "DELETE_IN_PROGRESS":
                pass
            case _:
                super().delete(ident)
        raise ProviderError("it is being deleted", Again.PENDING)


class ClusterTemplateMaker(MagnumMaker):
    """``heat/engine/resources/openstack/magnum/cluster_template.py``, and ``baymodel.py``."""

    def refuse(self) -> None:
        super().refuse()
        coe, driver = self.properties["coe"], self.properties.get("volume_driver")
        if driver is not None and driver != _VOLUME_DRIVERS[coe]:
            raise ProviderError(
                f"'volume_driver' must be {_VOLUME_DRIVERS[coe]} where 'coe' is {coe}"
            )
