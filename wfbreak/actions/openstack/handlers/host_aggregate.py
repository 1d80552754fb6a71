"""Host aggregates: made under their own name, marked, filled, and named at the end.

The request for one takes no metadata, and there is only one of a name: so one that the template
names is made under the name that no other has, until it has the mark.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.maker import Maker, Shown


class HostAggregateMaker(Maker):
    """``heat/engine/resources/openstack/nova/host_aggregate.py``."""

    def known_by(self) -> Mapping[str, Any]:
        return {name: self.properties.get(name) for name in ("name", "metadata")}

    def candidates(self) -> list[Shown]:
        mark = self.wanted.mark
        return [
            shown
            for shown in self.listed({})
            if shown["name"] == self.own_name or shown["metadata"].get(self.mark_key) == mark
        ]

    def marked(self) -> dict[str, Any]:
        zone = self.fields.get("availability_zone")
        return {"name": self.own_name, "availability_zone": zone}

    def complete(self, shown: Shown) -> Shown:
        wanted = {**(self.fields.get("metadata") or {}), self.mark_key: self.wanted.mark}
        if not wanted.items() <= shown["metadata"].items():
            self._act(shown, "set_metadata", {"metadata": wanted})
        if shown["name"] != self.fields["name"]:
            self.update(shown, {"name": self.fields["name"]})
        return shown

    def finish(self, shown: Shown) -> Shown:
        for host in self.properties.get("hosts") or ():
            if host not in shown["hosts"]:
                self._act(shown, "add_host", {"host": host})
        return self.show(self.physical_id(shown))

    def changed(self, changes: Changes) -> dict[str, Any]:
        return changes.fields(self.row, self.fields)

    def change_hosts(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        wanted = self.properties.get("hosts") or ()
        for host in shown["hosts"]:
            if host not in wanted:
                self._act(shown, "remove_host", {"host": host})
        self.finish(shown)

    def change_metadata(self, shown: Shown, changes: Changes) -> None:
        """A null takes an entry away; what others have set stays."""
        wanted = {**(self.fields.get("metadata") or {}), self.mark_key: self.wanted.mark}
        was = {key for each in changes.was("metadata") for key in each}
        stale = dict.fromkeys((was & {*shown["metadata"]}) - {*wanted})
        self._act(shown, "set_metadata", {"metadata": {**wanted, **stale}})

    def delete(self, ident: str) -> None:
        try:
            shown = self.show(ident)
        except failures.NotFound:
            return
        for host in shown["hosts"]:
            self._act(shown, "remove_host", {"host": host})
        super().delete(ident)

    def _act(self, shown: Shown, action: str, arguments: dict[str, Any]) -> None:
        self.ask("POST", f"{self.path()}/{self.physical_id(shown)}/action", {action: arguments})
