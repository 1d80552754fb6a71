"""A volume that is attached to a server: Nova does it, and Cinder says when it is done."""

from __future__ import annotations

from typing import Any, Final

from wfbreak.actions.openstack import failures
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
