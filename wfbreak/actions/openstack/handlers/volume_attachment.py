"""A volume that is attached to a server: Nova does it, and Cinder says when it is done."""

from __future__ import annotations

from typing import Any, Final

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again

_ATTACHING: Final = ("available", "attaching", "reserved")
_DETACHING: Final = ("in-use", "detaching", "reserved")


class VolumeAttachmentMaker(Maker):
    """``BaseVolumeAttachment`` in heat/engine/resources/volume_base.py."""

    def path(self) -> str:
        return f"/servers/{self.properties['instance_uuid']}/os-volume_attachments"

    def body(self) -> dict[str, Any]:
        return {key: value for key, value in super().body().items() if value}

    def candidates(self) -> list[Shown]:
        return [shown for shown in self.listed({}) if self.is_same(shown)]

    def check(self, shown: Shown) -> None:  # noqa: ARG002
        status = self._volume()["status"]
        if status in _ATTACHING:
            raise ProviderError(f"the volume is {status}", Again.PENDING)
        if status != "in-use":
            raise ProviderError(f"the volume is {status}")

    def change(self, changes: Changes) -> Shown:
        """It is taken from where it was, and then attached where it shall be."""
        changes.refuse(self.row)
        self.fields = self.body()
        wanted = (self.properties["instance_uuid"], self.properties["volume_id"])
        for before in changes.before:
            server, volume = before["instance_uuid"], before["volume_id"]
            if (server, volume) != wanted:
                self._take(server, volume)
        if not self.candidates():
            self.create()
        shown = self.show(wanted[1])
        self.check(shown)
        return shown

    def _take(self, server: str, volume: str) -> None:
        """Detach a volume from the server that had it.

        :raises ProviderError: if that is not done yet (``again``).
        """
        path = f"/servers/{server}/os-volume_attachments"
        try:
            attached = self.ask("GET", path)[self.row.plural]
            if all(each["volumeId"] != volume for each in attached):
                return
            self.ask("DELETE", f"{path}/{volume}")
        except failures.NotFound:
            return
        raise ProviderError("it is being detached", Again.PENDING)

    def attribute(self, shown: Shown, name: str) -> Any:  # noqa: ARG002
        return None  # "show": the service has no such thing by this id alone

    def delete(self, ident: str) -> None:
        super().delete(ident)
        try:
            volume = self._volume()
        except failures.NotFound:
            return
        servers = [each.get("server_id") for each in volume["attachments"]]
        is_attached = self.properties["instance_uuid"] in servers
        if is_attached and volume["status"] in _DETACHING:
            raise ProviderError(f"the volume is {volume['status']}", Again.PENDING)
        if is_attached and volume["status"] not in ("available", "deleting"):
            raise ProviderError(f"it is not detached: the volume is {volume['status']}")
        try:
            self.show(ident)
        except failures.NotFound:
            return
        raise ProviderError("Nova still has it", Again.PENDING)

    def _volume(self) -> Shown:
        path = f"/volumes/{self.properties['volume_id']}"
        volume: Shown = self.cloud.get("block_storage", path)["volume"]
        return volume
