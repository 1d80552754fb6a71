"""Images that Glance downloads from the web by itself."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again

_PATCH: Final = "application/openstack-images-v2.1-json-patch"
_NULL: Final = ("kernel_id", "ramdisk_id", "owner")
"""What an image has in any case, be it null."""

_LEGACY: Final = ("ami", "ari", "aki")


class WebImageMaker(Maker):
    """``heat/engine/resources/openstack/glance/image.py``.

    Glance takes an id with the request, so one that follows from the execution is as good as a
    mark.
    """

    def refuse(self) -> None:
        super().refuse()
        given = self.properties
        form = given["container_format"]
        if form in _LEGACY and given["disk_format"] != form:
            raise ProviderError(f"'disk_format' must be {form}, as 'container_format' is")
        if given.get("members") and given["visibility"] != "shared":
            raise ProviderError("'members' are of an image only whose visibility is shared")

    def body(self) -> dict[str, Any]:
        fields = super().body()
        if self.properties.get("name") is None:
            del fields["name"]  # Heat gives it none
        if not self._has_own_id:
            fields[self.mark_key] = self.wanted.mark
        return {**fields, **self.known_by()}

    def show(self, ident: str) -> Shown:
        # Heat's client leaves it out (glanceclient/v2/images.py).
        return {name: value for name, value in super().show(ident).items() if name != "self"}

    def known_by(self) -> Mapping[str, Any]:
        return {"id": self.properties.get("id") or self.wanted.identity.uuid("image")}

    def candidates(self) -> list[Shown]:
        try:
            found = self.show(self.fields["id"])
        except failures.NotFound:
            return []
        is_ours = self._has_own_id or found.get(self.mark_key) == self.wanted.mark
        return [found] if is_ours else []

    def complete(self, shown: Shown) -> Shown:
        path = f"{self.path()}/{self.physical_id(shown)}"
        if shown["status"] == "queued" and not self._is_importing(path):
            method = {"name": "web-download", "uri": self.properties["location"]}
            self.ask("POST", f"{path}/import", {"method": method})
        if members := self.properties.get("members"):
            has = {each["member_id"] for each in self.ask("GET", f"{path}/members")["members"]}
            for member in members:
                if member not in has:
                    self.ask("POST", f"{path}/members", {"member": member})
        changes = [
            {"op": "replace" if name in shown else "add", "path": f"/{name}", "value": value}
            for name, value in self.properties["extra_properties"].items()
            if shown.get(name) != value
        ]
        if changes:
            self.ask("PATCH", path, changes, headers={"Content-Type": _PATCH})
        return self.show(self.physical_id(shown))

    def check(self, shown: Shown) -> None:
        status = shown["status"]
        if status in ("killed", "deleted", "pending_delete"):
            raise ProviderError(f"it is {status}")
        is_there = status == "active" or (status == "deactivated" and not self._is_active)
        if not is_there:
            raise ProviderError(f"it is {status}", Again.PENDING)

    def finish(self, shown: Shown) -> Shown:
        if self._is_active or shown["status"] == "deactivated":
            return shown
        self.ask("POST", f"{self.path()}/{self.physical_id(shown)}/actions/deactivate")
        return self.show(self.physical_id(shown))

    def update(self, shown: Shown, changes: Mapping[str, Any]) -> Shown:
        told = []
        for name, value in changes.items():
            if value is None and name not in _NULL:
                told += [{"op": "remove", "path": f"/{name}"}] if name in shown else []
            else:
                op = "replace" if name in shown else "add"
                told.append({"op": op, "path": f"/{name}", "value": value})
        if told:
            path = f"{self.path()}/{self.physical_id(shown)}"
            self.ask("PATCH", path, told, headers={"Content-Type": _PATCH})
        return shown

    def change_tags(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        path, wanted = f"{self.path()}/{self.physical_id(shown)}/tags", self.fields.get("tags")
        has = {*shown["tags"]}
        for tag in sorted({*(wanted or ())} - has):
            self.ask("PUT", f"{path}/{quote(tag, safe='')}")
        for tag in sorted(has - {*(wanted or ())}):
            with suppress(failures.NotFound):
                self.ask("DELETE", f"{path}/{quote(tag, safe='')}")

    def change_extra_properties(self, shown: Shown, changes: Changes) -> None:
        wanted = dict(self.properties.get("extra_properties") or {})
        was = {key for each in changes.was("extra_properties") for key in each}
        gone = dict.fromkeys((was & {*shown}) - {*wanted})
        self.update(shown, {k: v for k, v in wanted.items() if shown.get(k) != v} | gone)

    def change_members(self, shown: Shown, changes: Changes) -> None:
        path = f"{self.path()}/{self.physical_id(shown)}/members"
        has = {str(each["member_id"]) for each in self.ask("GET", path)["members"]}
        wanted = {*(self.properties.get("members") or ())}
        for member in sorted(wanted - has):
            self.ask("POST", path, {"member": member})
        was = {member for each in changes.was("members") for member in each}
        for member in sorted((was & has) - wanted):
            with suppress(failures.NotFound):
                self.ask("DELETE", f"{path}/{quote(member, safe='')}")

    def change_active(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        is_active = shown["status"] == "active"
        if is_active != self._is_active:
            action = "reactivate" if self._is_active else "deactivate"
            self.ask("POST", f"{self.path()}/{self.physical_id(shown)}/actions/{action}")

    def _is_importing(self, path: str) -> bool:
        """Whether Glance is at it. What failed puts the image back among those that wait.

        :raises ProviderError: with Glance's reason, if it has failed.
        """
        for task in self.ask("GET", f"{path}/tasks").get("tasks") or ():
            if task["status"] in ("pending", "processing"):
                return True
            if task["status"] == "failure":
                raise ProviderError(f"its download failed: {task.get('message')}")
        return False

    @property
    def _has_own_id(self) -> bool:
        return not self.properties.get("id")

    @property
    def _is_active(self) -> bool:
        return bool(self.properties["active"])
