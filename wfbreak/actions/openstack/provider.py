"""The provider that makes resources in a cloud, by its services' own APIs.

Which request a type becomes stands in the table (:mod:`wfbreak.types.table`); what is too much for
the table, in a handler.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from wfbreak.actions.identity import Identity
from wfbreak.actions.openstack import failures, handlers
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.cloud import Cloud
from wfbreak.actions.openstack.handlers.own import OwnMaker
from wfbreak.actions.openstack.maker import Maker, Shown, Wanted
from wfbreak.actions.provider import (
    ALL_ATTRIBUTES,
    Created,
    CreateRequest,
    DeleteRequest,
    ProviderError,
    ReplaceNeeded,
    Updated,
    UpdateRequest,
)
from wfbreak.types import schema, values
from wfbreak.types.changes import Change
from wfbreak.types.table import cloud_type


class OpenStackProvider:
    """Makes each resource by its row of the table."""

    def create(self, request: CreateRequest) -> Created:
        """Make the resource, or find it made.

        :raises ProviderError: if it cannot be made, or is not ready yet (``again``).
        """
        maker = self.maker(request)
        if request.external_id is not None:
            shown = maker.show(request.external_id)
        else:
            shown = maker.unmarked(maker.make())
        return self._created(maker, shown, request)

    def _created(self, maker: Maker, shown: Shown, request: CreateRequest) -> Created:
        names = {str(path[0]) for path in request.attributes}
        if ALL_ATTRIBUTES in names:
            known = schema.find(request.type)
            # Not "show": Heat leaves it out of all attributes (heat/engine/stk_defn.py).
            names |= {*(known.attributes if known else ())} - {"show"}
        attributes = {n: maker.attribute(shown, n) for n in sorted(names - {ALL_ATTRIBUTES})}
        return Created(maker.reference(shown), maker.physical_id(shown), attributes)

    def update(self, request: UpdateRequest) -> Updated:
        """Change the resource in place, as its type's rules and its row allow.

        :raises ReplaceNeeded: if they do not.
        :raises ProviderError: if it cannot be changed, or is not ready yet (``again``).
        """
        wanted = request.wanted
        maker = self.maker(wanted)
        differing = self._differing(request)
        change = Change.UPDATED if differing else Change.UNCHANGED
        if request.before_metadata != wanted.metadata:
            change = Change.UPDATED
        if change is Change.UPDATED:
            request.refuse_if_restricted()
        try:
            if isinstance(maker, OwnMaker):
                shown = maker.make()
            elif differing:
                shown = maker.unmarked(maker.change(_changes(request, differing)))
            else:
                shown = maker.unmarked(maker.show(request.physical_id))
        except failures.NotFound:
            raise ReplaceNeeded("it is gone") from None
        return Updated(self._created(maker, shown, wanted), change)

    def _differing(self, request: UpdateRequest) -> tuple[str, ...]:
        """The properties that are to be changed in place.

        :raises ReplaceNeeded: if something differs that cannot be.
        :raises ProviderError: if one differs that must not.
        """
        wanted = request.wanted
        if wanted.external_id is not None:
            if wanted.external_id != request.physical_id:
                raise ReplaceNeeded("another one is to be taken")
            return ()
        known = schema.find(wanted.type)
        assert known is not None  # its maker has been found
        found = request.difference(known)
        if found.change is Change.REPLACED:
            raise ReplaceNeeded(f"{', '.join(found.properties)} cannot be changed in place")
        return found.properties

    def delete(self, request: DeleteRequest) -> None:
        """Delete the resource.

        :raises ProviderError: if it cannot be deleted, or is not gone yet (``again``).
        """
        maker = self.maker(
            CreateRequest(
                request.execution_id,
                request.stack,
                request.resource,
                request.type,
                request.properties,
                connect=request.connect,
            ),
            # Without an id it is looked for by what it is, of which nothing may be missing then.
            is_whole=request.physical_id is None,
        )
        if request.keeps and request.physical_id is not None:
            with suppress(failures.NotFound):
                maker.keep(request.physical_id)
        maker.end(request.physical_id)

    def maker(self, request: CreateRequest, *, is_whole: bool = True) -> Maker:
        """What makes a resource, or ends it: of its properties those that were secret may be
        missing then (``is_whole``).

        :raises ProviderError: if the table has no such type, or the properties are not its.
        """
        row = cloud_type(request.type)
        known = schema.find(request.type)
        if row is None or known is None:
            raise ProviderError(
                f"the openstack provider does not know this type: --provider '{request.type}=heat' "
                "has the cloud's Heat make it"
            )
        try:
            # Of what exists already the properties are not given.
            resolve = values.resolve if is_whole else values.resolve_rest
            given = {} if request.external_id else resolve(known, request.properties)
        except values.PropertyError as error:
            raise ProviderError(str(error)) from None
        identity = Identity(request.execution_id, request.stack, request.resource, request.type)
        wanted = Wanted(request.resource, identity, given, request.metadata)
        made: Callable[..., Any] = handlers.HANDLERS.get(row.handler or "", Maker)
        if made is OwnMaker:
            return OwnMaker(request, row, wanted)
        if request.connect is None:
            raise ProviderError("there is no cloud to make it in")
        connection = request.connect(makes_trusts=True) if row.makes_trusts else request.connect()
        maker: Maker = made(Cloud(connection), row, wanted)
        return maker


def _changes(request: UpdateRequest, differing: tuple[str, ...]) -> Changes:
    known = schema.find(request.wanted.type)
    assert known is not None  # its maker has been found
    return Changes(request.physical_id, differing, request.read_before(known))
