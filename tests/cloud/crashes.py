"""A provider that dies between two requests, on a real cloud.

For each request that changes something: the process dies when it is answered, and runs again. Then
there is exactly one of what was to be made, and nothing is left of it once that is deleted.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cloud.twins import WatchedProvider, patiently
from wfbreak.actions.openstack.cloud import Cloud
from wfbreak.actions.provider import Created, CreateRequest

MOST = 20
"""More requests than any resource takes."""

Place = tuple[str, str, str]
"""A service, a collection's path there, and the key of the list in the answer."""


class Crash(Exception):
    """The process is no more."""


class Dying(Cloud):
    """Dies once this number of changes has been answered; ``changes`` is how many were."""

    def __init__(self, connection: Any, at: int) -> None:
        super().__init__(connection)
        self.changes = 0
        self._at = at

    def ask(self, service: str, method: str, path: str, *args: Any, **options: Any) -> Any:
        answer = super().ask(service, method, path, *args, **options)
        if method not in ("GET", "HEAD"):
            self.changes += 1
            if self.changes == self._at:
                raise Crash
        return answer


@dataclass(frozen=True, slots=True)
class Victim:
    """A resource to be made. ``places`` are the collections in which it leaves traces."""

    connection: Any
    kind: str
    properties: Mapping[str, Any]
    places: tuple[Place, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def check(self) -> int:
        """Die at each change in turn; how many there are."""
        before = self._there()
        for at in range(1, MOST):
            request = self.request()
            dying = Dying(self.connection, at)
            try:
                created = self._made(dying, request)
                assert dying.changes < at
            except Crash:
                created = None
            again = self._made(Cloud(self.connection), request)
            assert created is None or created == again
            assert self._made(Dying(self.connection, 1), request) == again  # and changes nothing
            added = [now - was for now, was in zip(self._there(), before, strict=True)]
            maker = WatchedProvider(Cloud(self.connection)).maker(request)
            patiently(lambda maker=maker, ident=again.physical_id: maker.end(ident))
            assert self._there() == before, f"something is left after a crash at change {at}"
            assert len(added[0]) == 1, f"after a crash at change {at} there are {added[0]}"
            if created is not None:
                return at - 1
        raise AssertionError(f"it takes more than {MOST} requests")

    def request(self) -> CreateRequest:
        return CreateRequest(
            execution_id=str(uuid.uuid4()),
            stack="crash",
            resource="victim",
            type=self.kind,
            properties=self.properties,
            metadata=self.metadata,
            connect=lambda: self.connection,
        )

    def _made(self, cloud: Cloud, request: CreateRequest) -> Created:
        provider = WatchedProvider(cloud)
        return patiently(lambda: provider.create(request))

    def _there(self) -> list[frozenset[str]]:
        cloud = Cloud(self.connection)
        return [
            frozenset(str(item.get("id")) for item in cloud.get(service, path)[plural])
            for service, path, plural in self.places
        ]
