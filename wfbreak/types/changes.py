"""What an update does with a resource: nothing, change it in place, or make another in its place.

The rule is Heat's (``heat/engine/resource.py``, ``update_template_diff_properties``, of
openstack-heat 27.0.1): the properties are compared as the type reads them; one that the type says
can change is changed in place, any other change makes a new resource, and some may not change at
all. What a type says beyond that stands in :mod:`wfbreak.types.replacing`.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from wfbreak.types.replacing import is_replaced
from wfbreak.types.schema import TypeSchema


class Change(enum.Enum):
    """What becomes of a resource."""

    UNCHANGED = "unchanged"
    UPDATED = "updated"
    REPLACED = "replaced"


class ImmutableError(ValueError):
    """A property differs that must not. The text is one line."""


@dataclass(frozen=True, slots=True)
class Difference:
    """``properties`` are the names of those that differ."""

    change: Change
    properties: tuple[str, ...] = ()


def compare(schema: TypeSchema, after: Mapping[str, Any], *before: Mapping[str, Any]) -> Difference:
    """The difference between properties as :func:`wfbreak.types.values.resolve` gives them. There
    are several ``before`` where it is not known which of them hold.

    :raises ImmutableError: if one differs that the type says cannot change.
    """
    differing = tuple(
        name
        for name in schema.properties
        if any(each.get(name) != after.get(name) for each in before)
    )
    change = of(schema, differing)
    if is_replaced(schema.name, differing, after, *before):
        change = Change.REPLACED
    return Difference(change, differing)


def of(schema: TypeSchema, differing: Collection[str]) -> Change:
    """What is done where the properties with these names differ.

    :raises ImmutableError: if one of them cannot change.
    """
    if fixed := [name for name in differing if schema.properties[name].immutable]:
        names = ", ".join(f"'{name}'" for name in fixed)
        raise ImmutableError(f"{names} of a resource of this type cannot be changed")
    if not differing:
        return Change.UNCHANGED
    allowed = all(schema.properties[name].update_allowed for name in differing)
    return Change.UPDATED if allowed else Change.REPLACED
