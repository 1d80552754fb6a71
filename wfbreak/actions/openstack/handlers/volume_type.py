"""Volume types: which projects may use one, and how its volumes are encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from wfbreak.actions.openstack import failures
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
        access = self.ask("GET", f"{path}/os-volume-type-access")["volume_type_access"]
        has = {entry["project_id"] for entry in access}
        for project in projects:
            ident = self.find_id("OS::Keystone::Project", project)
            if ident not in has:
                self.ask("POST", f"{path}/action", {"addProjectAccess": {"project": ident}})
        return shown


class VolumeEncryptionMaker(Maker):
    """``heat/engine/resources/openstack/cinder/encrypted_volume_type.py``."""

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
