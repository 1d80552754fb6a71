"""Volume types: which projects may use one, and how its volumes are encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.maker import MARK_KEY, Maker, Shown
from wfbreak.actions.provider import ProviderError


class VolumeTypeMaker(Maker):
    """``heat/engine/resources/openstack/cinder/volume_type.py``."""

    mark_key: ClassVar[str] = f"{MARK_KEY}:mark"

    def refuse(self) -> None:
        super().refuse()
        if self.properties.get("projects") and self.properties["is_public"]:
            raise ProviderError("'projects' are of a type only that is not public")

    def listed(self, query: Mapping[str, Any]) -> list[Shown]:  # noqa: ARG002
        return super().listed({"is_public": "None"})

    def finish(self, shown: Shown) -> Shown:
        projects = self.properties.get("projects")
        if not projects:
            return shown
        path = f"{self.path()}/{self.physical_id(shown)}"
        has = self._projects(shown)
        for project in projects:
            ident = self.find_id("OS::Keystone::Project", project)
            if ident not in has:
                self.ask("POST", f"{path}/action", {"addProjectAccess": {"project": ident}})
        return shown

    def changed(self, changes: Changes) -> dict[str, Any]:
        fields = super().changed(changes)
        return {key.rpartition(":")[2]: value for key, value in fields.items()}

    def change_extra_specs(self, shown: Shown, changes: Changes) -> None:
        wanted, there = self.marked()["extra_specs"], shown["extra_specs"]
        path = f"{self.path()}/{self.physical_id(shown)}/extra_specs"
        was = {key for each in changes.was("metadata") for key in each}
        for key in sorted((was & {*there}) - {*wanted}):
            self.ask("DELETE", f"{path}/{quote(key, safe='')}")
        if not wanted.items() <= there.items():
            self.ask("POST", path, {"extra_specs": wanted})

    def change_projects(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        """Who may use it that shall not may no more."""
        if self.properties["is_public"]:
            return
        given = self.properties.get("projects") or ()
        wanted = {self.find_id("OS::Keystone::Project", project) for project in given}
        path = f"{self.path()}/{self.physical_id(shown)}/action"
        for project in sorted(self._projects(shown) - wanted):
            self.ask("POST", path, {"removeProjectAccess": {"project": project}})
        for project in sorted(wanted - self._projects(shown)):
            self.ask("POST", path, {"addProjectAccess": {"project": project}})

    def carry_out(self, shown: Shown, changes: Changes) -> None:
        """Access is a thing of types that are not public: what makes one so comes first."""
        if told := self.changed(changes):
            self.update(shown, told)
        for step in changes.steps(self.row):
            getattr(self, f"change_{step}")(shown, changes)

    def _projects(self, shown: Shown) -> set[str]:
        path = f"{self.path()}/{self.physical_id(shown)}/os-volume-type-access"
        return {str(entry["project_id"]) for entry in self.ask("GET", path)["volume_type_access"]}


class VolumeEncryptionMaker(Maker):
    """``heat/engine/resources/openstack/cinder/encrypted_volume_type.py``."""

    def update(self, shown: Shown, changes: Mapping[str, Any]) -> Shown:
        path = f"/types/{self.physical_id(shown)}/encryption/provider"
        return self.one(self.ask("PUT", path, self.wrapped(changes)))

    def body(self) -> dict[str, Any]:
        told = ("provider", "cipher", "key_size", "control_location")
        return {name: self.properties.get(name) for name in told}

    def candidates(self) -> list[Shown]:
        try:
            found = self.show(self._volume_type())
        except failures.NotFound:
            return []
        return [found] if self.is_same(found) else []

    def create(self) -> None:
        self.ask("POST", f"/types/{self._volume_type()}/encryption", self.wrapped(self.fields))

    def show(self, ident: str) -> Shown:
        shown: Shown = self.ask("GET", f"/types/{ident}/encryption")
        if not shown:
            raise failures.NotFound(f"the volume type {ident} is not encrypted")
        return shown

    def delete(self, ident: str) -> None:
        try:
            self.ask("DELETE", f"/types/{ident}/encryption/provider")
        except failures.NotFound:
            return

    def _volume_type(self) -> str:
        return self.find_id("OS::Cinder::VolumeType", self.properties["volume_type"])
