"""What Nova is asked for where a server that exists shall be another, or kept as an image.

A resize and a rebuild take their time and pass through states of their own. Each try looks at the
state and at what the server is made of, and asks for the next step: none is asked for twice.
"""

from __future__ import annotations

from typing import Any, Final

from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again

_RESIZED: Final = "VERIFY_RESIZE"
_KEPT_NOT: Final = ("killed", "deleted", "pending_delete", "deactivated")
_STEADY: Final = ("ACTIVE", "SHUTOFF")


def settle(server: Maker, shown: Shown) -> None:
    """Let what is under way come to its end.

    :raises ProviderError: as long as it has not, or if the server has failed.
    """
    if shown["status"] == _RESIZED:
        act(server, shown, "confirmResize", None)
        raise ProviderError("its resize is being confirmed", Again.PENDING)
    if shown["status"] not in _STEADY:
        server.check(shown)
    if task := shown.get("OS-EXT-STS:task_state"):
        raise ProviderError(f"it is {task}", Again.PENDING)


def resize(server: Maker, shown: Shown, flavor: str) -> None:
    """Give it another flavor; Nova shows a server's flavor by its name."""
    found = server.ask("GET", f"/flavors/{flavor}")["flavor"]
    if (shown.get("flavor") or {}).get("original_name") != found["name"]:
        act(server, shown, "resize", {"flavorRef": flavor})
        raise ProviderError("it is being resized", Again.PENDING)


def rebuild(server: Maker, shown: Shown, image: str, arguments: dict[str, Any]) -> None:
    """Give it another image.

    :raises ProviderError: if it boots from no image.
    """
    if not shown.get("image") or not image:
        raise ProviderError("'image' cannot be changed where a server boots from a volume")
    if shown["image"]["id"] != image:
        act(server, shown, "rebuild", {"imageRef": image, **arguments})
        raise ProviderError("it is being rebuilt", Again.PENDING)


def describe(server: Maker, shown: Shown, metadata: dict[str, Any]) -> None:
    """Give it these metadata and no others."""
    path = f"{server.path()}/{server.physical_id(shown)}/metadata"
    for key in sorted({*shown["metadata"]} - {*metadata}):
        server.ask("DELETE", f"{path}/{key}")
    if not metadata.items() <= shown["metadata"].items():
        server.ask("POST", path, {"metadata": metadata})


def keep(server: Maker, shown: Shown) -> None:
    """Have an image made of it, which is known by the server's mark."""
    task = shown.get("OS-EXT-STS:task_state")
    if shown["status"] == "SOFT_DELETED" or task == "deleting":
        return
    mark = {server.mark_key: server.wanted.mark}
    listed = server.cloud.get("image", "/images", params=mark)["images"]
    found = [image for image in listed if mark.items() <= image.items()]
    if not found and not task:
        act(server, shown, "createImage", {"name": server.own_name, "metadata": mark})
    status = found[0]["status"] if found else "queued"
    if status in _KEPT_NOT:
        raise ProviderError(f"its image is {status}")
    if status != "active":
        raise ProviderError("its image is being made", Again.PENDING)


def act(server: Maker, shown: Shown, action: str, arguments: Any) -> None:
    path = f"{server.path()}/{server.physical_id(shown)}/action"
    server.ask("POST", path, {action: arguments})
