"""Manila's shares, and who may use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again


class ShareMaker(Maker):
    """``heat/engine/resources/openstack/manila/share.py``."""

    def body(self) -> dict[str, Any]:
        fields = super().body()
        if self.properties.get("name") is None:
            del fields["name"]  # Heat gives it none
        return fields

    def known_by(self) -> Mapping[str, Any]:
        return {"name": self.properties.get("name")}

    def step_access_rules(self, shown: Shown, rules: list[Mapping[str, Any]]) -> None:
        """Manila takes them once the share is available, and one for each that may use it."""
        path = f"{self.path()}/{self.physical_id(shown)}/action"
        there = (self.ask("POST", path, {"access_list": None}) or {}).get("access_list") or []
        has = {(entry["access_type"], entry["access_to"], entry["access_level"]) for entry in there}
        for rule in rules:
            kind, who, level = (rule.get(f"access_{part}") for part in ("type", "to", "level"))
            if any(entry[:2] == (kind, who) and level in (None, entry[2]) for entry in has):
                continue
            said = {"access_type": kind, "access_to": who}
            if level is not None:
                said["access_level"] = level
            self.ask("POST", path, {"allow_access": said})

    def attribute(self, shown: Shown, name: str) -> Any:
        """Heat makes texts of them. What only an administrator sees is not there for others."""
        if name == "show":
            return dict(shown)
        if name == "export_locations":
            path = f"{self.path()}/{self.physical_id(shown)}/export_locations"
            return [each["path"] for each in self.ask("GET", path)["export_locations"]]
        return str(shown[name]) if name in shown else None

    def delete(self, ident: str) -> None:
        try:
            shown = self.show(ident)
        except failures.NotFound:
            return
        match shown["status"]:
            case "error_deleting":
                raise ProviderError("it is error_deleting")
            case "deleting":
                pass
            case _:
                super().delete(ident)
        raise ProviderError("it is being deleted", Again.PENDING)
