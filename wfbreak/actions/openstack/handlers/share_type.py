"""Manila's share types: what the scheduler looks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.maker import MARK_KEY, Maker, Shown


class ShareTypeMaker(Maker):
    """``heat/engine/resources/openstack/manila/share_type.py``."""

    mark_key: ClassVar[str] = f"{MARK_KEY}:mark"

    def listed(self, query: Mapping[str, Any]) -> list[Shown]:  # noqa: ARG002
        return super().listed({"is_public": "all"})

    def change_extra_specs(self, shown: Shown, changes: Changes) -> None:
        wanted, there = self.properties.get("extra_specs") or {}, shown.get("extra_specs") or {}
        was = {key for each in changes.was("extra_specs") for key in each}
        for key in sorted((was & {*there}) - {*wanted}):
            path = f"{self.path()}/{self.physical_id(shown)}/extra_specs/{quote(key, safe='')}"
            self.ask("DELETE", path)
        self.step_extra_specs(shown, wanted)

    def step_extra_specs(self, shown: Shown, specs: Mapping[str, Any]) -> None:
        there = shown.get("extra_specs") or {}
        if any(there.get(key) != str(value) for key, value in specs.items()):
            path = f"{self.path()}/{self.physical_id(shown)}/extra_specs"
            self.ask("POST", path, {"extra_specs": specs})
