"""Server groups, which Nova lists without filters."""

from __future__ import annotations

from typing import Any

from wfbreak.actions.openstack.handlers.named import Named
from wfbreak.actions.openstack.maker import Shown


class ServerGroupMaker(Named):
    """``heat/engine/resources/openstack/nova/server_group.py``."""

    def body(self) -> dict[str, Any]:
        fields = super().body()
        fields["policy"] = self.properties["policies"][0]
        rules = {key: int(value) for key, value in (fields.pop("rules", None) or {}).items()}
        return {**fields, "rules": rules} if rules else fields

    def candidates(self) -> list[Shown]:
        return [shown for shown in self.listed({}) if self.is_same(shown)]

    def is_same(self, found: Shown) -> bool:
        return super().is_same(found) and (found.get("rules") or {}) == self.fields.get("rules", {})
