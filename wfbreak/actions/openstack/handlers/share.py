"""Manila's shares, and who may use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again

_CHANGED_AS: Final = {"name": "display_name", "description": "display_description"}
"""What some fields are called where they are changed."""

_BEING_DENIED: Final = ("denying", "queued_to_deny")


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
        path, there = self._action_path(shown), self._access(shown)
        has = {(entry["access_type"], entry["access_to"], entry["access_level"]) for entry in there}
        for rule in rules:
            kind, who, level = (rule.get(f"access_{part}") for part in ("type", "to", "level"))
            if any(entry[:2] == (kind, who) and level in (None, entry[2]) for entry in has):
                continue
            said = {"access_type": kind, "access_to": who}
            if level is not None:
                said["access_level"] = level
            self.ask("POST", path, {"allow_access": said})

    def changed(self, changes: Changes) -> dict[str, Any]:
        fields = super().changed(changes)
        return {_CHANGED_AS.get(key, key): value for key, value in fields.items()}

    def change_metadata(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        path = f"{self.path()}/{self.physical_id(shown)}/metadata"
        self.ask("PUT", path, {"metadata": self.marked()["metadata"]})

    def change_access_rules(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        """Nobody else may use it. Manila takes its time to deny access, and meanwhile gives it in
        no other way."""
        rules = self.properties.get("access_rules") or []
        wanted = {(r["access_type"], r["access_to"]): r.get("access_level") for r in rules}
        for entry in self._access(shown):
            who = (entry["access_type"], entry["access_to"])
            is_wanted = who in wanted and wanted[who] in (None, entry["access_level"])
            if not is_wanted and entry.get("state") not in _BEING_DENIED:
                told = {"deny_access": {"access_id": entry["id"]}}
                self.ask("POST", self._action_path(shown), told)
        for entry in self._access(shown):
            level = wanted.get((entry["access_type"], entry["access_to"]))
            if level not in (None, entry["access_level"]):
                raise ProviderError(f"{entry['access_to']} is being denied access", Again.PENDING)
        self.step_access_rules(shown, rules)

    def _access(self, shown: Shown) -> list[Shown]:
        answer = self.ask("POST", self._action_path(shown), {"access_list": None}) or {}
        return answer.get("access_list") or []

    def _action_path(self, shown: Shown) -> str:
        return f"{self.path()}/{self.physical_id(shown)}/action"

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
