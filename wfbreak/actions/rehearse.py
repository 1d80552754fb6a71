"""The provider without a cloud: what a template does can be walked through before anything exists.

Each resource "exists" as soon as its action ran: with the id that its execution and its name give
it, and with attributes of the right shape. What Heat computes by itself is computed for real. How
long a resource takes and whether it fails can be told from outside (:class:`Rehearsal`), to see
what the workflow does then.

A wait is a sleep in the executor's thread, so that as many resources wait at once as the executor
has threads (64 by default), and for an hour at most. It keeps nothing between runs: after a crash
the engine runs the action again and the wait begins anew.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Final

from wfbreak.actions import references, rehearse_waiting
from wfbreak.actions.computed import Chance, Computed, compute
from wfbreak.actions.identity import Identity
from wfbreak.actions.provider import (
    ALL_ATTRIBUTES,
    Created,
    CreateRequest,
    DeleteRequest,
    ProviderError,
    Rehearsal,
    ReplaceNeeded,
    Updated,
    UpdateRequest,
)
from wfbreak.actions.rehearse_attributes import Attributes
from wfbreak.types.changes import Change
from wfbreak.types.schema import find

LONGEST_WAIT: Final = 3600.0
"""Seconds; Heat's own limit for a whole stack is as long by default."""

_NO_ATTRIBUTES = frozenset({"OS::Heat::None"})


class RehearseProvider:
    """Makes nothing. The failures that ``fail_times`` counts are counted per process."""

    def __init__(self) -> None:
        self._failures: dict[tuple[str, str, str], int] = {}
        self._lock = threading.Lock()

    def create(self, request: CreateRequest) -> Created:
        """Wait, fail or answer as the type, its properties and the rehearsal's options say.

        :raises ProviderError: when the rehearsal says so, a test resource's ``fail`` is true, or
            Heat would refuse the properties.
        """
        return self._made(request, request.external_id)

    def update(self, request: UpdateRequest) -> Updated:
        """Compare by the type's rules, and answer as for what was made so from the beginning; its
        id stays.

        :raises ReplaceNeeded: if the rules say so. A type that nobody knows has none, and no
            property that may change.
        :raises ProviderError: as :meth:`create`; if something differs that must not.
        """
        change = self._change(request)
        if change is Change.REPLACED:
            raise ReplaceNeeded("what differs cannot be changed in place")
        wanted = request.wanted
        if change is Change.UPDATED:
            request.refuse_if_restricted()
        else:  # there is nothing to wait for, or to fail
            wanted = replace(wanted, rehearsal=Rehearsal(attributes=wanted.rehearsal.attributes))
        return Updated(self._made(wanted, request.physical_id), change)

    def _change(self, request: UpdateRequest) -> Change:
        known = find(request.wanted.type)
        if known is not None and not known.any_property:
            change = request.difference(known).change
        else:
            before = (request.before, request.attempted)
            is_same = all(each in (None, request.wanted.properties) for each in before)
            change = Change.UNCHANGED if is_same else Change.REPLACED
        if change is Change.UNCHANGED and request.before_metadata != request.wanted.metadata:
            return Change.UPDATED
        return change

    def _made(self, request: CreateRequest, known_id: str | None) -> Created:
        identity = Identity(request.execution_id, request.stack, request.resource, request.type)
        chance = Chance(identity, lambda: identity.random("random string"))
        found = rehearse_waiting.compute(request, identity) or compute(
            request.type, request.properties, chance
        )
        computed = found or Computed()
        time.sleep(max(0.0, min(request.rehearsal.seconds + computed.seconds, LONGEST_WAIT)))
        if computed.failure is not None:
            raise ProviderError(computed.failure)
        self._fail_as_told(request)
        physical = known_id or references.physical_id(request.type, identity, request.properties)
        known = {**computed.attributes, **request.rehearsal.attributes}
        names = {str(path[0]) for path in request.attributes}
        if request.type in _NO_ATTRIBUTES:
            attributes = {name: known.get(name) for name in names - {ALL_ATTRIBUTES}}
        else:
            # All attributes of a type that is computed are those that are computed.
            had = {*known, *([ALL_ATTRIBUTES] if found else [])}
            wanted = [path for path in request.attributes if path[0] not in had]
            made = Attributes(identity, request.type, request.properties, physical).values(wanted)
            everything = ALL_ATTRIBUTES in names
            given = {name: known[name] for name in known if everything or name in names}
            attributes = {**made, **given}
        ref = references.reference(request.type, identity, physical, known)
        return Created(ref, physical, attributes)

    def delete(self, request: DeleteRequest) -> None:
        """Nothing was made, so nothing is deleted; it takes its time and fails as it is told to.

        :raises ProviderError: when the rehearsal says so.
        """
        time.sleep(max(0.0, min(request.rehearsal.seconds, LONGEST_WAIT)))
        self._fail_as_told(request)

    def _fail_as_told(self, request: CreateRequest | DeleteRequest) -> None:
        options = request.rehearsal
        if options.fail is None:
            return
        key = (type(request).__name__, request.execution_id, request.resource)
        with self._lock:
            failed = self._failures.get(key, 0)
            if options.fail_times is not None and failed >= options.fail_times:
                return
            self._failures[key] = failed + 1
        raise ProviderError(options.fail)
