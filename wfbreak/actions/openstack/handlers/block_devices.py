"""A server's disks, in Nova's words: volumes, snapshots, images, swap and empty disks.

The template's two forms, ``block_device_mapping`` and ``block_device_mapping_v2``, are two forms of
Nova's. The meaning is that of heat/engine/resources/openstack/nova/server.py (the functions
``_build_block_device_mapping_v2`` and ``_validate_block_device_mapping``) and of novaclient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wfbreak.actions.provider import ProviderError

Device = Mapping[str, Any]

_SOURCES = ("volume_id", "snapshot_id", "image", "swap_size")
_EPHEMERAL = ("ephemeral_size", "ephemeral_format")
_SAME = ("device_type", "disk_bus", "boot_index", "volume_size", "delete_on_termination")


def older(devices: Sequence[Device]) -> list[dict[str, Any]]:
    """The request's ``block_device_mapping``."""
    return [_older(device) for device in devices]


def _older(device: Device) -> dict[str, Any]:
    kind = "snapshot_id" if device.get("snapshot_id") else "volume_id"
    request = {"device_name": device["device_name"], kind: device[kind]}
    if device.get("volume_size"):
        request["volume_size"] = str(device["volume_size"])
    if device.get("delete_on_termination"):
        request["delete_on_termination"] = True
    return request


def newer(
    devices: Sequence[Device], image: str | None, find_image: Callable[[str], str]
) -> list[dict[str, Any]]:
    """The request's ``block_device_mapping_v2``; ``image`` is the id of the server's own."""
    own: dict[str, Any] = {
        "uuid": image,
        "source_type": "image",
        "destination_type": "local",
        "boot_index": 0,
        "delete_on_termination": True,
    }
    found = [_newer(device, find_image) for device in devices]
    return [own, *found] if image else found


def _newer(device: Device, find_image: Callable[[str], str]) -> dict[str, Any]:
    request = _source(device, find_image)
    if device.get("device_name"):
        request["device_name"] = device["device_name"]
    for name in (*_SAME, "volume_type"):
        if device.get(name) is not None:
            request[name] = device[name]
    return request


def _source(device: Device, find_image: Callable[[str], str]) -> dict[str, Any]:
    for name, kind in (("volume_id", "volume"), ("snapshot_id", "snapshot"), ("image", "image")):
        if value := device.get(name):
            return {
                "uuid": find_image(value) if kind == "image" else value,
                "source_type": kind,
                "destination_type": "volume",
                "boot_index": 0,
                "delete_on_termination": False,
            }
    blank: dict[str, Any] = {
        "source_type": "blank",
        "destination_type": "local",
        "boot_index": -1,
        "delete_on_termination": True,
    }
    if size := device.get("swap_size"):
        return {**blank, "guest_format": "swap", "volume_size": size}
    if size := device.get("ephemeral_size"):
        blank["volume_size"] = size
    if form := device.get("ephemeral_format"):
        blank["guest_format"] = form
    return blank


def check(older: Sequence[Device], newer: Sequence[Device], image: str | None) -> None:
    """Refuse devices that do not go together.

    :raises ProviderError: if a device has no source or several, or the server would not boot.
    """
    if older and newer:
        raise ProviderError(
            "of 'block_device_mapping' and 'block_device_mapping_v2' only one may be given"
        )
    for device in older:
        if sum(bool(device.get(name)) for name in ("volume_id", "snapshot_id")) != 1:
            raise ProviderError(
                f"the device {device['device_name']} must have either 'volume_id' or 'snapshot_id'"
            )
    bootable = [image] if image is not None else []
    for number, device in enumerate(newer):
        given = [name for name in _SOURCES if device.get(name) is not None]
        if any(device.get(name) for name in _EPHEMERAL):
            given.append("ephemeral_size or ephemeral_format")
        if len(given) != 1:
            raise ProviderError(
                f"block_device_mapping_v2[{number}] must have one of {', '.join(_SOURCES)}, "
                f"ephemeral_size and ephemeral_format, and has {', '.join(given) or 'none'}"
            )
        if given[0] != "swap_size" and given[0] in _SOURCES and not device.get("boot_index"):
            bootable.append(device[given[0]])
    if newer and len(bootable) > 1:
        raise ProviderError("there is more than one source to boot from")
    if not bootable and not any(device["device_name"] == "vda" for device in older):
        raise ProviderError("there is neither an image nor a volume to boot from")
