"""Volumes: empty ones, copies of images, snapshots and volumes, and restored backups.

A request for a new volume carries the mark. One to restore a backup takes no more than a name; so
the volume has the name that no other has until it is marked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.handlers.named import Named
from wfbreak.actions.openstack.maker import Shown
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again

_LISTING: Final = "3.30"
_HINTS: Final = "OS-SCH-HNT:scheduler_hints"
_LISTS: Final = frozenset({"metadata_values", "attachments_list"})
_PLAIN: Final = frozenset({"show", "display_name", "display_description"}) | _LISTS
"""Attributes that Heat does not make texts of."""

_COPIED: Final = ("image", "snapshot_id", "source_volid")
_SIZED: Final = ("snapshot_id", "source_volid")
"""What has a size of its own to copy."""


class VolumeMaker(Named):
    """``heat/engine/resources/openstack/cinder/volume.py`` and ``volume_base.py``."""

    def refuse(self) -> None:
        super().refuse()
        if self._backup:
            return
        given = [name for name in _COPIED if self.properties.get(name)]
        if len(given) > 1:
            raise ProviderError(f"of {', '.join(given)} only one may be given")
        if not self.properties.get("size") and not set(given) & set(_SIZED):
            raise ProviderError(
                f"'size' must be given without a {', a '.join(_SIZED)} or a backup_id"
            )

    def known_by(self) -> Mapping[str, Any]:
        name = self.properties.get("name") or self.own_name
        return {"name": name, "description": self.properties.get("description")}

    def listed(self, query: Mapping[str, Any]) -> list[Shown]:
        # From 3.31 on a configuration of Cinder's says which fields may be asked for.
        answer = self.ask("GET", self.row.listing, params=dict(query), microversion=_LISTING)
        return list(answer[self.row.plural])

    def body(self) -> dict[str, Any]:
        fields = super().body()
        if not fields.get("availability_zone"):
            fields.pop("availability_zone", None)
        return fields

    def wrapped(self, fields: Mapping[str, Any]) -> Any:
        volume = dict(fields)
        hints = volume.pop(_HINTS, None)
        return {"volume": volume} | ({_HINTS: hints} if hints else {})

    def candidates(self) -> list[Shown]:
        marked = super().candidates()
        if not self._backup:
            return marked
        restored = self.listed({"name": self.own_name})
        return [*marked, *(shown for shown in restored if shown not in marked)]

    def create(self) -> None:
        if not self._backup:
            return super().create()
        told = {"restore": {"volume_id": None, "name": self.own_name}}
        self.ask("POST", f"/backups/{self._backup}/restore", told)
        return None

    def complete(self, shown: Shown) -> Shown:
        if not self._backup:
            return shown
        path = f"{self.path()}/{self.physical_id(shown)}"
        if shown["metadata"].get(self.mark_key) != self.wanted.mark:
            told = {"metadata": {self.mark_key: self.wanted.mark}}
            self.ask("POST", f"{path}/metadata", told)
        wanted = {key: self.fields.get(key) for key in ("name", "description")}
        if any(shown.get(key) != value for key, value in wanted.items()):
            return self.update(shown, wanted)
        return shown

    def check(self, shown: Shown) -> None:
        status = self.row.status
        if status is not None and shown["status"] in status.fail:
            raise ProviderError(f"it is {shown['status']}{self._why(shown)}")
        super().check(shown)

    def finish(self, shown: Shown) -> Shown:
        flag = self.properties.get("read_only")
        if flag is not None and shown["metadata"].get("readonly") != str(flag):
            self._act(shown, "os-update_readonly_flag", {"readonly": flag})
        return self.show(self.physical_id(shown))

    def carry_out(self, shown: Shown, changes: Changes) -> None:
        """Cinder does one thing after the other."""
        self.check(shown)
        super().carry_out(shown, changes)

    def change_metadata(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        told = {"metadata": self.marked()["metadata"]}
        self.ask("PUT", f"{self.path()}/{self.physical_id(shown)}/metadata", told)

    def change_read_only(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        flag = self.properties.get("read_only")
        if flag is None or shown["metadata"].get("readonly") == str(flag):
            return
        if shown["status"] != "available":
            raise ProviderError("'read_only' cannot be changed while a server has the volume")
        self._act(shown, "os-update_readonly_flag", {"readonly": flag})

    def change_size(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        size = self.properties.get("size")
        if size is not None and size < shown["size"]:
            raise ProviderError(f"it has {shown['size']} GiB, and a volume does not shrink")
        if size is not None and size > shown["size"]:
            self._act(shown, "os-extend", {"new_size": size})
            raise ProviderError("it is being extended", Again.PENDING)

    def change_volume_type(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        kind = self.properties.get("volume_type")
        names = [shown.get("volume_type"), shown.get("volume_type_id")]
        if kind is not None and kind not in names:
            self._act(shown, "os-retype", {"new_type": kind, "migration_policy": "never"})
            raise ProviderError("its type is being changed", Again.PENDING)

    def _act(self, shown: Shown, action: str, arguments: Mapping[str, Any]) -> None:
        self.ask("POST", f"{self.path()}/{self.physical_id(shown)}/action", {action: arguments})

    def keep(self, ident: str) -> None:
        """A backup."""
        if self.show(ident)["status"] == "deleting":
            return
        mark = self.wanted.mark
        listed = self.ask("GET", "/backups/detail", params={"volume_id": ident})["backups"]
        ours = [backup for backup in listed if backup.get("name") == mark]
        if not ours:
            self.ask("POST", "/backups", {"backup": {"volume_id": ident, "name": mark}})
        status = ours[0]["status"] if ours else "creating"
        if status == "creating":
            raise ProviderError("its backup is being made", Again.PENDING)
        if status != "available":
            raise ProviderError(f"its backup is {status}: {ours[0].get('fail_reason')}")

    def attribute(self, shown: Shown, name: str) -> Any:
        if name == "metadata":
            return json.dumps(shown["metadata"])
        value = super().attribute(shown, name)
        return value if name in _PLAIN else str(value)

    def delete(self, ident: str) -> None:
        try:
            shown = self.show(ident)
        except failures.NotFound:
            return
        match shown["status"]:
            case "in-use":
                raise ProviderError("it is in use", Again.CONFLICT)
            case "error_deleting":
                raise ProviderError(f"it is error_deleting{self._why(shown)}")
            case "deleting":
                pass
            case _:
                super().delete(ident)
        raise ProviderError("it is being deleted", Again.PENDING)

    @property
    def _backup(self) -> str | None:
        return self.properties.get("backup_id")

    def _why(self, shown: Shown) -> str:
        """What Cinder tells a user of a failure."""
        query = {"resource_uuid": self.physical_id(shown)}
        try:
            messages = self.ask("GET", "/messages", params=query)["messages"]
        except ProviderError:
            return ""
        return "".join(f": {message['user_message']}" for message in messages[:1])
