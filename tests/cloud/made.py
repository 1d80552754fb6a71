"""Resources that a test makes by the provider itself, without an engine."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cloud.twins import WatchedProvider, patiently
from wfbreak.actions.openstack.cloud import Cloud
from wfbreak.actions.openstack.maker import Maker
from wfbreak.actions.provider import Created, CreateRequest


@dataclass(frozen=True, slots=True)
class Wish:
    """A resource, to be made as often as one likes."""

    connection: Any
    request: CreateRequest

    def maker(self) -> Maker:
        return WatchedProvider(Cloud(self.connection)).maker(self.request)

    def once(self) -> Created:
        """One run of the action.

        :raises ProviderError: if it is not ready, too.
        """
        return WatchedProvider(Cloud(self.connection)).create(self.request)

    def made(self) -> Created:
        """As often as the engine would run it."""
        return patiently(self.once)

    def end(self) -> None:
        patiently(lambda: self.maker().end(None))


@contextmanager
def wish(
    connection: Any, kind: str, properties: Mapping[str, Any], *attributes: str
) -> Iterator[Wish]:
    """A resource of that type; it is deleted at the end."""
    request = CreateRequest(
        execution_id=str(uuid.uuid4()),
        stack="wish",
        resource="one",
        type=kind,
        properties=properties,
        attributes=tuple((name,) for name in attributes),
        connect=lambda: connection,
    )
    own = Wish(connection, request)
    try:
        yield own
    finally:
        own.end()
