"""What exists of a stack, as one execution of it hands it on to the next.

Nobody keeps a record of a stack's resources but the engine: an execution's tasks tell what each
has made, and the next execution's document says it again, in the inputs of the tasks that update or
delete it. So whoever can read the newest execution knows all that exists, whatever became of those
before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wfbreak.providers import Provider


class ExistingError(ValueError):
    """What is said of a resource that exists is of another form. The text is one line."""


@dataclass(frozen=True, slots=True)
class Existing:
    """A resource that an execution has made, or may have made.

    ``created_by`` is the id of the execution that made it, from which and from the ``resource``'s
    name its mark follows; empty for what was adopted, which has no mark. Without a ``physical_id``
    it is not known whether it exists: its creation was begun and not seen to end. ``properties``
    are those that it was last made or changed with, ``attempted`` those that a change which failed
    was to bring; like ``metadata``, ``ref`` and the id itself they may hold sealed values.
    ``unknown`` are the properties of which nobody knows what it was made with: they count as
    unchanged. ``needs`` are the resources that it was made after. ``is_kept``: it outlives the
    stack (it existed before, or its deletion policy says so).
    """

    resource: str
    type: str
    created_by: str
    stack: str = "stack"
    provider: Provider = Provider.REHEARSE
    physical_id: Any = None
    ref: Any = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    attempted: Mapping[str, Any] | None = None
    needs: tuple[str, ...] = ()
    deletion_policy: str | None = None
    external: bool = False
    source: str | None = None
    unknown: tuple[str, ...] = ()

    @property
    def is_kept(self) -> bool:
        return self.external or self.deletion_policy == "Retain"

    def to_plain(self) -> dict[str, Any]:
        """As it stands in a task's input."""
        return {
            name: value
            for name in self.__dataclass_fields__
            if (value := _plain(getattr(self, name))) not in (None, {}, [], False)
        }

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Existing:
        """What :meth:`to_plain` gave.

        :raises ExistingError: if it is of another form.
        """
        try:
            given = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
            given["provider"] = Provider(data.get("provider", Provider.REHEARSE.value))
            for names in ("needs", "unknown"):
                given[names] = tuple(map(str, data.get(names, ())))
            return cls(**given)
        except (TypeError, ValueError, AttributeError) as error:
            raise ExistingError(f"it does not say what exists: {error}") from None


def _plain(value: Any) -> Any:
    if isinstance(value, Provider):
        return value.value
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Stock:
    """All that exists of a stack: ``resources`` by their names, as its template has them;
    ``leftovers`` are what is to be deleted beside these: others have taken its place, the template
    has it no more, or its creation did not end. ``skipped`` are, by groups, the names that these do
    not give to members any more."""

    resources: Mapping[str, Existing] = field(default_factory=dict)
    leftovers: tuple[Existing, ...] = ()
    skipped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
