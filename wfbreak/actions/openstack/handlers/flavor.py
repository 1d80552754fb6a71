"""Flavors: their extra specs, and for which projects a private one is."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.handlers.named import Named
from wfbreak.actions.openstack.maker import Shown

_AUTO = ("", None, "auto")
"""The values of ``flavorid`` that leave the id to Nova."""


class FlavorMaker(Named):
    """``heat/engine/resources/openstack/nova/flavor.py``.

    Nova takes an id with the request, so one that follows from the execution is as good as a mark.
    """

    def body(self) -> dict[str, Any]:
        fields = super().body()
        if not self._has_own_id:
            fields["description"] = self.wanted.mark
        return {**fields, **self.known_by()}

    def known_by(self) -> dict[str, Any]:
        given = self.properties.get("flavorid")
        return {"id": self.wanted.identity.uuid("flavor") if self._has_own_id else given}

    def candidates(self) -> list[Shown]:
        try:
            found = self.show(self.fields["id"])
        except failures.NotFound:
            return []
        is_ours = self._has_own_id or found.get("description") == self.wanted.mark
        return [found] if is_ours else []

    def unmarked(self, shown: Shown) -> Shown:
        if shown.get("description") == self.wanted.mark:
            return {**shown, "description": None}
        return shown

    def finish(self, shown: Shown) -> Shown:
        path = f"{self.path()}/{self.physical_id(shown)}"
        specs = self.properties.get("extra_specs") or {}
        if specs and not specs.items() <= self._extra_specs(shown).items():
            self.ask("POST", f"{path}/os-extra_specs", {"extra_specs": specs})
        if not self.properties["is_public"]:
            has = self._access(shown)
            for project in self._projects():
                if project not in has:
                    self.ask("POST", f"{path}/action", {"addTenantAccess": {"tenant": project}})
        return self.show(self.physical_id(shown))

    def change_extra_specs(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        """It has these and no others."""
        path = f"{self.path()}/{self.physical_id(shown)}/os-extra_specs"
        wanted, there = self.properties.get("extra_specs") or {}, self._extra_specs(shown)
        for key in sorted({*there} - {*wanted}):
            self.ask("DELETE", f"{path}/{quote(key, safe='')}")
        if not wanted.items() <= there.items():
            self.ask("POST", path, {"extra_specs": wanted})

    def change_tenants(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        if self.properties["is_public"]:
            return
        wanted, has = set(self._projects()), self._access(shown)
        path = f"{self.path()}/{self.physical_id(shown)}/action"
        for project in sorted(has - wanted):
            self.ask("POST", path, {"removeTenantAccess": {"tenant": project}})
        for project in sorted(wanted - has):
            self.ask("POST", path, {"addTenantAccess": {"tenant": project}})

    def _access(self, shown: Shown) -> set[str]:
        path = f"{self.path()}/{self.physical_id(shown)}/os-flavor-access"
        return {str(entry["tenant_id"]) for entry in self.ask("GET", path)["flavor_access"]}

    def attribute(self, shown: Shown, name: str) -> Any:
        if name == "extra_specs":
            return self._extra_specs(shown)
        return super().attribute(shown, name)

    def _projects(self) -> list[str]:
        given = self.properties.get("tenants")
        if not given:
            return [str(self.cloud.connection.current_project_id)]
        return [self.find_id("OS::Keystone::Project", project) for project in given]

    def _extra_specs(self, shown: Shown) -> dict[str, Any]:
        path = f"{self.path()}/{self.physical_id(shown)}/os-extra_specs"
        return dict(self.ask("GET", path)["extra_specs"])

    @property
    def _has_own_id(self) -> bool:
        return self.properties.get("flavorid") in _AUTO
