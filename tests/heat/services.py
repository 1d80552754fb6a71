"""OpenStack services as small as can be, on loopback: they keep what they are told, and record it.

The test cloud has not every service. Where it has none, Heat's own code and wfbreak's are given the
same little service, one after the other, and what they ask of it is compared: ``both_make``. So
nothing here decides what is right; it answers as a service does, and knows neither of the two.
"""

from __future__ import annotations

import copy
import json
import re
import threading
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

PROJECT = "0" * 32
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_IDS = uuid.UUID("0a4c8a3e-54e5-4c0e-a52f-1f0d3a8f7b11")

_LASTS = 2


Items = dict[str, dict[str, dict[str, Any]]]
Query = Mapping[str, str]
Answer = tuple[int, Any] | None


@dataclass(frozen=True)
class Headers:
    """An answer that says all in its headers."""

    headers: Mapping[str, str]


class Missing(Exception):
    """There is no such thing: 404."""


@dataclass(frozen=True)
class Collection:
    """Where a service keeps its things of a kind.

    ``path`` is below the service's endpoint, with ``*`` for the id of what they lie inside of.
    ``key`` wraps one in a body, ``plural`` many; an empty ``key`` wraps nothing. ``id`` is the
    field that identifies one, and with ``named`` it comes with the request. ``shows`` is what the
    service adds to what it is told; until it has been shown once, there is ``making`` in it. With
    ``ending`` it is shown twice more after it was deleted, with that in it. With ``puts``, PUT
    makes what there is not. With ``uuids``, an id that is none is refused. No more
    than ``page`` are shown at once, from the ``offset`` on that is asked for.
    """

    path: str
    key: str
    plural: str
    id: str = "id"
    named: bool = False
    puts: bool = False
    uuids: bool = False
    page: int | None = None
    shows: Mapping[str, Any] = field(default_factory=dict)
    making: Mapping[str, Any] = field(default_factory=dict)
    ending: Mapping[str, Any] = field(default_factory=dict)

    def made(self, told: dict[str, Any], ident: str, url: str) -> dict[str, Any]:
        """What is kept of a request to make one; ``url`` is where it will be found."""
        return {**self.shows, **told, self.id: ident}

    def made_answer(self, item: dict[str, Any]) -> Any:
        """The answer to that request."""
        return self.one(item)

    def one(self, item: dict[str, Any]) -> Any:
        return {self.key: item} if self.key else item

    def many(self, items: list[dict[str, Any]]) -> Any:
        return {self.plural: items}

    def part(self, item: dict[str, Any], path: str) -> str | bytes | dict[str, Any]:
        """What GET finds below one, at a path that begins with a slash."""
        raise Missing

    def told(self, body: Any) -> dict[str, Any]:
        told: dict[str, Any] = body[self.key] if self.key else body
        return told


@dataclass(frozen=True)
class Service:
    """A service by its type in the catalogue, and its API's version (empty: it has none in its
    URLs). ``microversions`` are the oldest and the newest. ``is_versioned``: the catalogue has the
    version in the URL."""

    type: str
    version: str
    collections: tuple[Collection, ...]
    microversions: tuple[str, str] | None = None
    is_versioned: bool = False

    @property
    def place(self) -> str:
        """Where it is, below the cloud's URL, as the catalogue says."""
        return f"{self.type}/{self.version}" if self.is_versioned else self.type

    def below(self, path: str) -> str:
        """The path that stands for this one."""
        return path

    def said(self, headers: Mapping[str, str], body: Any) -> Any:
        """What of a request is recorded as its body."""
        return body

    def changes(self, method: str, said: Any) -> bool:
        """Whether a request is one that would change something."""
        return method not in ("GET", "HEAD")

    def special(self, items: Items, method: str, path: str, query: Query, said: Any) -> Answer:
        """The answer to what no collection answers; ``None`` for the rest. ``path`` is below the
        endpoint, ``items`` is what is kept, by the whole paths of the collections."""
        return None

    def document(self, url: str) -> dict[str, Any]:
        """What it answers at its root."""
        version: dict[str, Any] = {
            "id": self.version or "v1",
            "status": "CURRENT",
            "links": [{"rel": "self", "href": f"{url}/{self.version}"}],
        }
        if self.microversions:
            version["min_version"], version["max_version"] = self.microversions
            version["version"] = version["max_version"]
        return {"versions": [version]}


@dataclass(frozen=True)
class Asked:
    """A request that would change something. ``path`` begins with the service's type, and has no
    slash at its end."""

    method: str
    path: str
    body: Any


@dataclass(frozen=True)
class Refusal:
    """How the service answers the next request of a method, which it does not follow."""

    method: str
    status: int
    body: Any


@dataclass(frozen=True)
class Seed:
    """What is there before: ``path`` is the collection's, with the service's type and version."""

    path: str
    item: Mapping[str, Any]


class Cloud:
    """The services and a Keystone for them; to be used with ``with``."""

    def __init__(self, services: Iterable[Service]) -> None:
        self.services = {service.type: service for service in services}
        self.asked: list[Asked] = []
        self._items: dict[str, dict[str, dict[str, Any]]] = {}
        self._passing: dict[str, Mapping[str, Any]] = {}
        self._ending: dict[str, int] = {}
        self._refusals: list[Refusal] = []
        self._cut: int | None = None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Cloud:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def begin(self, seeds: Iterable[Seed] = (), refusals: Iterable[Refusal] = ()) -> None:
        """Forget everything but these; refuse as is said, each once."""
        with self._lock:
            self._items, self._passing, self._ending = {}, {}, {}
            self._refusals = list(refusals)
            self._cut = None
            for seed in seeds:
                collection, _, ident, _ = self._place(f"/{seed.path}/x")
                assert ident == "x", seed.path
                item = {**collection.shows, **seed.item}
                self._items.setdefault(f"/{seed.path}", {})[_last(item[collection.id])] = item
            self.asked = []

    def things(self) -> set[str]:
        """The paths of all that there is, without what a service keeps for itself."""
        with self._lock:
            return {
                f"{where}/{ident}"
                for where, items in self._items.items()
                if where.startswith("/")
                for ident in items
            }

    def state(self) -> dict[str, Any]:
        """All that there is, as it is kept."""
        with self._lock:
            return copy.deepcopy({where: items for where, items in self._items.items() if items})

    def cut_after(self, number: int) -> None:
        """Follow so many requests from now on, and answer the last one as if it had failed."""
        with self._lock:
            self._cut = len(self.asked) + number

    def answer(
        self, method: str, path: str, query: Query, headers: Mapping[str, str], body: Any
    ) -> tuple[int, Any]:
        """The status and the body of an answer; a body of bytes or text is sent as it is."""
        with self._lock:
            status, answer = self._answered(method, path, query, headers, body)
            if self._cut is not None and len(self.asked) == self._cut:
                self._cut = None
                return 500, {"error": {"code": 500, "message": "cut off"}}
            return status, answer

    def _answered(
        self, method: str, path: str, query: Query, headers: Mapping[str, str], body: Any
    ) -> tuple[int, Any]:
        if path.startswith("/identity") and (answer := self._keystone(method, path)):
            return answer
        kind = path.split("/")[1]
        service = self.services.get(kind)
        if service is None:
            raise Missing
        if method == "GET" and path.rstrip("/") in (f"/{kind}", f"/{kind}/{service.version}"):
            return 200, service.document(f"{self.url}/{kind}")
        said = service.said(headers, body)
        if service.changes(method, said):
            self.asked.append(Asked(method, path.strip("/"), said))
        for refusal in self._refusals:
            if refusal.method == method:
                self._refusals.remove(refusal)
                return refusal.status, refusal.body
        below = path.removeprefix(f"/{kind}")
        special = service.special(self._items, method, below, query, said)
        if special is not None:
            return special
        return self._kept(method, f"/{kind}{service.below(below)}", query, body)

    def _kept(self, method: str, path: str, query: Query, body: Any) -> tuple[int, Any]:
        collection, where, ident, rest = self._place(path)
        items = self._items.setdefault(where, {})
        if ident is not None and collection.uuids and not _UUID.fullmatch(ident):
            return 400, {"message": f"Invalid UUID: {ident}"}
        match method, ident:
            case "GET", None:
                found = [name for name, item in items.items() if _matches(item, query)]
                if collection.page is not None:
                    start = int(query.get("offset", "0"))
                    found = found[start : start + collection.page]
                return 200, collection.many([self._shown(where, name) for name in found])
            case "POST", None:
                told = collection.told(body)
                name = str(uuid.uuid5(_IDS, f"{where}/{len(items)}"))
                name = str(told[collection.id]) if collection.named else name
                made = collection.made(told, name, f"{self.url}{where}/{name}")
                items[name] = made
                self._passing[f"{where}/{name}"] = collection.making
                return 201, collection.made_answer({**made, **collection.making})
            case "PUT", str() if collection.puts and ident not in items:
                items[ident] = {**collection.shows, **collection.told(body)}
                return 200, collection.one(items[ident])
        if ident is None or ident not in items:
            raise Missing
        match method:
            case "GET" if rest:
                return 200, collection.part(items[ident], rest)
            case "GET":
                return 200, collection.one(self._shown(where, ident))
            case "PUT" | "PATCH":
                items[ident] |= collection.told(body)
                return 200, collection.one(items[ident])
            case "DELETE" if collection.ending:
                self._passing[f"{where}/{ident}"] = collection.ending
                self._ending.setdefault(f"{where}/{ident}", _LASTS)
                return 204, b""
            case "DELETE":
                del items[ident]
                return 204, b""
        return 405, {"error": method}

    def _shown(self, where: str, ident: str) -> dict[str, Any]:
        """One, as it is shown now; what passes has passed when it is shown again."""
        item, place = self._items[where][ident], f"{where}/{ident}"
        if place not in self._ending:
            return {**item, **self._passing.pop(place, {})}
        self._ending[place] -= 1
        if not self._ending[place]:
            del self._ending[place], self._items[where][ident]
        return {**item, **self._passing[place]}

    def _place(self, path: str) -> tuple[Collection, str, str | None, str]:
        """The collection, its whole path, the id of one in it, and what of the path is left."""
        service = self.services[path.split("/")[1]]
        base = f"/{service.type}/{service.version}".rstrip("/")
        for collection in sorted(service.collections, key=lambda c: -c.path.count("/")):
            pattern = re.escape(f"{base}{collection.path}").replace(r"\*", "[^/]+")
            if found := re.fullmatch(rf"({pattern})(?:/([^/]+)(/.*)?)?/?", path):
                ident = found[2]
                return collection, found[1], ident and unquote(ident), found[3] or ""
        raise Missing

    def _keystone(self, method: str, path: str) -> tuple[int, Any] | None:
        """Keystone, as far as it takes to find the other services; what else a service named
        "identity" keeps is kept as any."""
        url = f"{self.url}/identity/v3"
        if method == "POST" and path == "/identity/v3/auth/tokens":
            return 201, {"token": self._token()}
        if method == "GET" and path.rstrip("/") in ("/identity", "/identity/v3"):
            version = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": url}]}
            is_root = path.rstrip("/") == "/identity"
            return 200, {"versions": {"values": [version]}} if is_root else {"version": version}
        return None

    def _token(self) -> dict[str, Any]:
        def entry(kind: str, url: str) -> dict[str, Any]:
            ends = [
                {"id": f"{kind}-{face}", "interface": face, "region": "here", "region_id": "here",
                 "url": url}
                for face in ("public", "internal", "admin")
            ]  # fmt: skip
            return {"id": kind, "type": kind, "name": kind, "endpoints": ends}

        domain = {"id": "default", "name": "Default"}
        catalog = [
            entry(kind, f"{self.url}/{service.place}")
            for kind, service in self.services.items()
            if kind != "identity"
        ]
        return {
            "methods": ["password"],
            "user": {"id": "user", "name": "user", "domain": domain},
            "project": {"id": PROJECT, "name": "project", "domain": domain},
            "roles": [{"id": "admin", "name": "admin"}],
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "expires_at": "2096-01-01T00:00:00.000000Z",
            "catalog": [*catalog, entry("identity", f"{self.url}/identity/v3")],
        }


def _matches(item: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    """Whether a service that filters by the fields that it knows would show it."""
    for key, value in query.items():
        own = item.get(key, value)
        if value not in own if isinstance(own, list) else str(own) != value:
            return False
    return True


def _last(ident: object) -> str:
    """The id at the end of a reference that is a URL."""
    return str(ident).rpartition("/")[2]


def _handler(cloud: Cloud) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = urlsplit(self.path)
            try:
                body: Any = json.loads(raw) if raw else None
            except ValueError:
                body = raw.decode(errors="replace")
            try:
                status, answer = cloud.answer(
                    self.command, url.path, dict(parse_qsl(url.query)), self.headers, body
                )
            except Missing:
                status, answer = 404, {"error": {"code": 404, "message": f"no {url.path}"}}
            more: Mapping[str, str] = {}
            if isinstance(answer, Headers):
                more, answer = answer.headers, b""
            is_raw = isinstance(answer, (bytes, str))
            sent = answer if isinstance(answer, bytes) else (
                answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            )  # fmt: skip
            self.send_response(status)
            kind = self.headers.get("Accept", "*/*") if is_raw else "application/json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(sent)))
            self.send_header("X-Subject-Token", "token")
            for name, value in more.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(sent)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
