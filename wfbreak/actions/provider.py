"""What an action asks of the side that makes resources, whichever that is.

``wfbreak.create`` knows the engine (inputs, sealing, results); a provider knows a cloud, or in a
rehearsal pretends to be one. Between them lies this interface, in plain data. A provider is
level-triggered: asked twice for the same resource of the same execution, it gives the same answer
and makes one resource, because the engine repeats an action whose end it did not see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from wfbreak.again import RESTRICTED, Again
from wfbreak.types.changes import Change, Difference, ImmutableError, compare
from wfbreak.types.schema import TypeSchema
from wfbreak.types.values import PropertyError, resolve

AttributePath = tuple[str | int, ...]
"""An attribute's name and the path into its value, as a template's ``get_attr`` gives them."""

ALL_ATTRIBUTES: Final = "*"
"""In place of an attribute's name: all attributes (``get_attr`` with the resource only)."""


class ProviderError(Exception):
    """The resource could not be made. The text is one line for a person.

    ``again`` says in which way it may pass; ``None`` means that it will not.
    """

    def __init__(self, text: str, again: Again | None = None) -> None:
        super().__init__(text)
        self.again = again


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How a rehearsed resource shall behave, beyond what its type and properties say.

    ``seconds``: how long its creation takes. ``fail``: the text with which it fails.
    ``fail_times``: after so many failures it succeeds (None: never). ``attributes``: values that
    it shall report.
    """

    seconds: float = 0.0
    fail: str | None = None
    fail_times: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """One resource to be made; properties and metadata are resolved and in the clear.

    ``execution_id`` with ``resource`` is its identity. ``attributes`` are those that the template
    reads: nothing else need be found out. With an ``external_id`` the resource exists already, and
    is found by it. ``connect`` gives an ``openstack.connection.Connection`` to the cloud, with the
    rights that the execution has there; ``makes_trusts=True`` one for what makes trusts, like Heat
    (:mod:`wfbreak.actions.openstack.connection`).

    What only some types are told by the engine: ``since`` when it has been tried, ``signals`` that
    have come, by handles, and the id of the ``signal_workflow`` by which a machine sends one.
    ``derive`` gives 32 secret bytes for a purpose, the execution's own, and the same each time
    (:meth:`wfbreak.secrets.Box.derive`).
    """

    execution_id: str
    stack: str
    resource: str
    type: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    attributes: tuple[AttributePath, ...] = ()
    external_id: str | None = None
    rehearsal: Rehearsal = Rehearsal()
    connect: Callable[..., Any] | None = field(default=None, repr=False)
    since: datetime | None = None
    signals: Mapping[str, Any] = field(default_factory=dict)
    signal_workflow: str | None = None
    derive: Callable[[bytes], bytes] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DeleteRequest:
    """One resource to be deleted, which the execution ``execution_id`` has made.

    Without a ``physical_id`` it is not known whether it was: it is looked for by its mark.
    ``properties`` are those that it was made with, without what is sealed. ``keeps`` asks for a
    snapshot of it first (the deletion policy ``Snapshot``), of what has a ``physical_id``.
    """

    execution_id: str
    stack: str
    resource: str
    type: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    physical_id: str | None = None
    rehearsal: Rehearsal = Rehearsal()
    connect: Callable[..., Any] | None = field(default=None, repr=False)
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """A resource that exists and shall be as a newer definition says, in place.

    ``wanted`` is the newer definition; its ``execution_id`` is that of the execution that *made*
    the resource, so that its mark and all that follows from its identity stay the same.
    ``before`` and ``before_metadata`` are what it was last made or changed with, in the clear. An
    update that is tried again, or that comes after one that failed midway, may find some of the
    changes done: ``attempted`` are the properties that the failed one was to set. If it
    ``is_restricted`` nothing may be changed: then a change that would be one is refused.
    """

    wanted: CreateRequest
    physical_id: str
    before: Mapping[str, Any] = field(default_factory=dict)
    before_metadata: Mapping[str, Any] = field(default_factory=dict)
    attempted: Mapping[str, Any] | None = None
    is_restricted: bool = False

    def difference(self, known: TypeSchema) -> Difference:
        """What differs from what it was last made with, or half changed to.

        :raises ProviderError: if the properties are not the type's, or one differs that must not.
        """
        try:
            after = resolve(known, self.wanted.properties)
            return compare(known, after, *self.read_before(known))
        except (PropertyError, ImmutableError) as error:
            raise ProviderError(str(error)) from None

    def read_before(self, known: TypeSchema) -> tuple[Mapping[str, Any], ...]:
        """What it was last made with, and what it may be half changed to, as the type reads it.

        :raises PropertyError: if it is not the type's.
        """
        before = (each for each in (self.before, self.attempted) if each is not None)
        return tuple(resolve(known, each) for each in before)

    def refuse_if_restricted(self) -> None:
        """Call it before anything is changed.

        :raises ProviderError: if nothing may be.
        """
        if self.is_restricted:
            raise ProviderError(f"it may not be updated {RESTRICTED}")


class ReplaceNeeded(Exception):
    """The resource cannot become what is wanted, or is gone: another has to take its place. The
    text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Created:
    """A resource that exists. ``ref`` is what Heat's ``get_resource`` gives for it."""

    ref: str
    physical_id: str
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Updated:
    """A resource that is as the newer definition says. ``change`` says what was to be done."""

    created: Created
    change: Change


class Provider(Protocol):
    def create(self, request: CreateRequest) -> Created:
        """Make the resource, or find it made.

        :raises ProviderError: if it cannot be made.
        """
        ...

    def update(self, request: UpdateRequest) -> Updated:
        """Change what exists into what is wanted; it may have been done before.

        :raises ReplaceNeeded: if that takes a new resource; nothing has been changed then.
        :raises ProviderError: if it cannot be changed, or is not ready yet (``again``).
        """
        ...

    def delete(self, request: DeleteRequest) -> None:
        """Delete the resource; what is gone already is well.

        :raises ProviderError: if it cannot be deleted, or is not gone yet (``again``).
        """
        ...
