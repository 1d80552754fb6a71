"""Zaqar's queues, and URLs that let who has them use one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.handlers.named import Named
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError

_PATCH: Final = "application/openstack-messaging-v2.0-json-patch"


class ZaqarMaker(Maker):
    """Zaqar wants to know which client asks; any UUID will do."""

    def ask(self, method: str, path: str, data: Any = None, **options: Any) -> Any:
        who = {"Client-ID": self.wanted.identity.uuid("client")}
        options["headers"] = {**who, **(options.get("headers") or {})}
        return super().ask(method, path, data, **options)


class QueueMaker(ZaqarMaker, Named):
    """``ZaqarQueue`` in heat/engine/resources/openstack/zaqar/queue.py.

    Zaqar shows one that is not there as one without metadata, so only the mark tells.
    """

    def known_by(self) -> Mapping[str, Any]:
        return {"name": self.properties.get("name") or self.own_name}

    def show(self, ident: str) -> Shown:
        return {"name": ident, "metadata": self.ask("GET", _path(ident)) or {}}

    def listed(self, query: Mapping[str, Any]) -> list[Shown]:
        try:
            return [self.show(query["name"])]
        except failures.NotFound:
            return []

    def create(self) -> None:
        """Of one that was there before Zaqar changes nothing then: it is changed as Heat does."""
        name, wanted = self.fields["name"], self.marked()["metadata"]
        self.ask("PUT", _path(name), wanted)
        self._describe(name, wanted, is_alone=bool(self.fields.get("metadata")))

    def change_metadata(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        self._describe(shown["name"], self.marked()["metadata"], is_alone=True)

    def _describe(self, name: str, wanted: Mapping[str, Any], *, is_alone: bool) -> None:
        """Have the queue say what is ``wanted``, and nothing else of its users' if that
        ``is_alone``."""
        there = self.show(name)["metadata"]
        changes = [
            {"op": "replace" if key in there else "add", "path": _pointer(key), "value": value}
            for key, value in wanted.items()
            if key not in there or there[key] != value
        ]
        if is_alone:
            others = [key for key in there if key not in wanted and not key.startswith("_")]
            changes += [{"op": "remove", "path": _pointer(key)} for key in others]
        if changes:
            self.ask("PATCH", _path(name), changes, headers={"Content-Type": _PATCH})

    def attribute(self, shown: Shown, name: str) -> Any:
        match name:
            case "queue_id":
                return shown["name"]
            case "href":
                return f"{self.cloud.endpoint(self.row.service)}{_path(shown['name'])}"
            case "show":
                return {"metadata": shown["metadata"]}
        return super().attribute(shown, name)


class SignedQueueURLMaker(ZaqarMaker):
    """``ZaqarSignedQueueURL``, of the same file. Zaqar keeps none, so there is nothing to find and
    nothing to delete."""

    def body(self) -> dict[str, Any]:
        fields = super().body()
        if (ttl := self.properties.get("ttl")) is not None:
            until = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(seconds=ttl)
            fields["expires"] = until.isoformat()
        return fields

    def candidates(self) -> list[Shown]:
        return []

    def made(self) -> Shown:
        shown: Shown = self.ask("POST", self.path(), self.marked())
        return shown

    def physical_id(self, shown: Shown) -> str:  # noqa: ARG002
        return self.own_name

    def show(self, ident: str) -> Shown:  # noqa: ARG002
        raise ProviderError("a signed URL is nothing that an external_id could name")

    def end(self, ident: str | None) -> None:
        """It ends by itself."""

    def attribute(self, shown: Shown, name: str) -> Any:
        match name:
            case "show":
                return None  # Heat's client has no such thing
            case "query_str":
                return urlencode(
                    {
                        "signature": shown["signature"],
                        "expires": shown["expires"],
                        "paths": ",".join(shown["paths"]),
                        "methods": ",".join(shown["methods"]),
                        "project_id": shown["project"],
                        "queue_name": self.properties["queue"],
                    }
                )
        return super().attribute(shown, name)


def _path(name: str) -> str:
    return f"/queues/{quote(name, safe='')}"


def _pointer(key: str) -> str:
    return "/metadata/" + key.replace("~", "~0").replace("/", "~1")
