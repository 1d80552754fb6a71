"""Swift's containers, which are made, described and shown by headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.handlers.named import Named
from wfbreak.actions.openstack.maker import Shown
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again

_MARK: Final = "X-Container-Meta-Wfbreak"
_PAGE: Final = 100
"""How many objects a try deletes."""

_NAME: Final = re.compile(r"[!-9;-~]+")
_LINE: Final = re.compile(r"\S[^\r\n]*|")
"""What a header can be called, and hold."""

_NUMBERS: Final = {
    "ObjectCount": "x-container-object-count",
    "BytesUsed": "x-container-bytes-used",
}
"""Heat shows these as the texts that Swift sends."""


class ContainerMaker(Named):
    """``heat/engine/resources/openstack/swift/container.py``."""

    def body(self) -> dict[str, Any]:
        fields = super().body()
        name = fields.pop("name")
        _lines(_meta("Account", self.properties.get("X-Account-Meta")))  # refused in time
        meta = _meta("Container", self.properties.get("X-Container-Meta"))
        return {"name": name, **_lines(fields | meta)}

    def known_by(self) -> Mapping[str, Any]:
        return {"name": self.properties.get("name") or self.own_name}

    def candidates(self) -> list[Shown]:
        try:
            found = self.show(self.fields["name"])
        except failures.NotFound:
            return []
        return [found] if found["headers"].get(_MARK.lower()) == self.wanted.mark else []

    def create(self) -> None:
        headers = {name: value for name, value in self.fields.items() if name != "name"}
        headers[_MARK] = self.wanted.mark
        self._tell("PUT", _path(self.fields["name"]), headers)

    def finish(self, shown: Shown) -> Shown:
        wanted = _lines(_meta("Account", self.properties.get("X-Account-Meta")))
        if wanted:
            there = self.cloud.headers(self.row.service, "HEAD", "")
            # Swift keeps none without a value.
            if any(there.get(k.lower(), "") != v for k, v in _sent(wanted).items()):
                self._tell("POST", "", wanted)
        return shown

    def show(self, ident: str) -> Shown:
        headers = self.cloud.headers(self.row.service, "HEAD", _path(ident))
        return {"name": ident, "headers": {_read(k): _read(v) for k, v in headers.items()}}

    def unmarked(self, shown: Shown) -> Shown:
        headers = {k: v for k, v in shown["headers"].items() if k != _MARK.lower()}
        return {**shown, "headers": headers}

    def attribute(self, shown: Shown, name: str) -> Any:
        if name in ("show", "HeadContainer"):
            return shown["headers"]
        if name in _NUMBERS:
            return shown["headers"].get(_NUMBERS[name])
        url = self.cloud.endpoint(self.row.service)
        match name:
            case "DomainName":
                return urlsplit(url).netloc.split(":")[0]
            case "WebsiteURL":
                return f"{url}/{shown['name']}"
            case "RootURL":
                return url
        return super().attribute(shown, name)

    def _tell(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        self.cloud.headers(self.row.service, method, path, _sent(headers))

    def delete(self, ident: str) -> None:
        """Objects go with it only if the template says so."""
        path = _path(ident)
        try:
            query = {"format": "json", "limit": _PAGE}
            objects = self.ask("GET", path, params=query) or []
        except failures.NotFound:
            return
        if objects and not self.properties.get("PurgeOnDelete"):
            raise ProviderError("it is not empty, and 'PurgeOnDelete' is false")
        for each in objects:
            try:
                self.ask("DELETE", f"{path}{_path(each['name'])}")
            except failures.NotFound:
                continue
        if len(objects) == _PAGE:
            raise ProviderError("its objects are being deleted", Again.PENDING)
        super().delete(ident)


def _path(name: str) -> str:
    return f"/{quote(name, safe='')}"


def _meta(kind: str, entries: Mapping[str, Any] | None) -> dict[str, Any]:
    """The headers for a map of metadata, as Heat's ``_build_meta_headers`` names them. Without a
    value nobody sends one."""
    return {f"X-{kind}-Meta-{k}": v for k, v in (entries or {}).items() if v is not None}


def _lines(headers: Mapping[str, Any]) -> dict[str, str]:
    """Headers as texts.

    :raises ProviderError: if one is none that can be sent.
    """
    for name, value in headers.items():
        is_line = isinstance(value, (str, int, float)) and _LINE.fullmatch(str(value))
        if not is_line or not _NAME.fullmatch(name):
            raise ProviderError(f"'{name}' with its value is no header, which is all Swift takes")
    return {name: str(value) for name, value in headers.items()}


def _sent(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers in UTF-8, which Swift reads: each byte as the letter that stands for it."""
    return {name: value.encode().decode("latin-1") for name, value in headers.items()}


def _read(text: str) -> str:
    """A header as Heat's client reads it (``parse_header_string`` in swiftclient/client.py)."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text
