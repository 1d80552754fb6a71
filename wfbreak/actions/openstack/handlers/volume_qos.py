"""Cinder's QoS specs, and the volume types that are associated with them."""

from __future__ import annotations

from typing import Any, Final

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.handlers.named import Named
from wfbreak.actions.openstack.maker import Maker, Shown

_CONSUMER: Final = "back-end"
"""Who uses the specs unless they say it (cinder/volume/qos_specs.py)."""


class QoSSpecsMaker(Named):
    """``QoSSpecs`` in heat/engine/resources/openstack/cinder/qos_specs.py."""

    def candidates(self) -> list[Shown]:
        return [shown for shown in self.listed({}) if self.is_same(shown)]

    def is_same(self, found: Shown) -> bool:
        specs = {"consumer": _CONSUMER, **self.properties["specs"]}
        return super().is_same(found) and specs == {**found["specs"], "consumer": found["consumer"]}

    def change_specs(self, shown: Shown, changes: Changes) -> None:
        wanted, there = self.properties["specs"], shown["specs"]
        path = f"{self.path()}/{self.physical_id(shown)}"
        said = {"consumer": shown.get("consumer"), **there}
        if told := {key: value for key, value in wanted.items() if said.get(key) != value}:
            self.ask("PUT", path, {"qos_specs": told})
        was = {key for each in changes.was("specs") for key in each}
        if stale := sorted((was & {*there}) - {*wanted}):
            self.ask("PUT", f"{path}/delete_keys", {"keys": stale})

    def delete(self, ident: str) -> None:
        try:
            self.ask("GET", f"{self.path()}/{ident}/disassociate_all")
        except failures.NotFound:
            return
        super().delete(ident)


class QoSAssociationMaker(Maker):
    """``QoSAssociation``, of the same file."""

    def body(self) -> dict[str, Any]:
        return {}

    def candidates(self) -> list[Shown]:
        return [] if self._missing() else [{}]

    def create(self) -> None:
        for kind in self._missing():
            self._act("associate", kind)

    def physical_id(self, shown: Shown) -> str:  # noqa: ARG002
        return self.wanted.identity.uuid()

    def attribute(self, shown: Shown, name: str) -> Any:  # noqa: ARG002
        return None  # "show": it is no resource of the service's

    def show(self, ident: str) -> Shown:  # noqa: ARG002
        if self._missing():
            raise failures.NotFound("not all are associated")
        return {}

    def there(self, ident: str) -> Shown:  # noqa: ARG002
        return {}

    def change_volume_types(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        names = [name for was in changes.was("volume_types") for name in was]
        stale = self.known_ids("OS::Cinder::VolumeType", names) - self._types()
        for kind in sorted(stale & self._associated()):
            self._act("disassociate", kind)
        self.create()

    def delete(self, ident: str) -> None:  # noqa: ARG002
        for kind in self._types() - self._missing():
            self._act("disassociate", kind)

    def _act(self, action: str, kind: str) -> None:
        self.ask("GET", f"{self._specs()}/{action}", params={"vol_type_id": kind})

    def _missing(self) -> set[str]:
        return self._types() - self._associated()

    def _associated(self) -> set[str]:
        found = self.ask("GET", f"{self._specs()}/associations")["qos_associations"]
        return {str(entry["id"]) for entry in found}

    def _types(self) -> set[str]:
        given = self.properties["volume_types"]
        return {self.find_id("OS::Cinder::VolumeType", name) for name in given}

    def _specs(self) -> str:
        specs = self.find_id("OS::Cinder::QoSSpecs", self.properties["qos_specs"])
        return f"{self.path()}/{specs}"
