"""What stands in a property once functions are read: text, structure, and what is not known yet.

A value is folded when it is made: what the template and the environment already decide is a
:class:`Literal`, in its place in lists and maps. What remains are references to things that exist
only when the workflow runs, and calls of functions on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wfbreak.diagnostics import Position
from wfbreak.translate.nodes import Plain, ScalarValue


@dataclass(frozen=True, slots=True)
class Literal:
    """``file`` is the path of the file whose whole text the value is, if it is that."""

    value: ScalarValue
    position: Position
    file: str | None = None


@dataclass(frozen=True, slots=True)
class ListValue:
    items: tuple[Value, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class MapValue:
    """``keys`` are the positions of the keys that are written in a file."""

    entries: dict[str, Value]
    position: Position
    keys: Mapping[str, Position] = field(default_factory=dict, repr=False, compare=False)

    def with_entries(self, entries: dict[str, Value]) -> MapValue:
        """The map with other entries, of which those that were in it keep their keys' places."""
        keys = {key: position for key, position in self.keys.items() if key in entries}
        return MapValue(entries, self.position, keys)


@dataclass(frozen=True, slots=True)
class ParameterRef:
    """``get_param`` of a parameter whose value is known only when the workflow runs.

    ``scope`` is the nested stack whose parameter it is; empty for the outermost stack's.
    """

    name: str
    path: tuple[Value, ...]
    position: Position
    scope: str = ""


@dataclass(frozen=True, slots=True)
class ResourceRef:
    """``get_resource``."""

    resource: str
    position: Position


@dataclass(frozen=True, slots=True)
class AttributeRef:
    """``get_attr``; without an attribute it is the map of all of them (2015-10-15 and later)."""

    resource: str
    attribute: Value | None
    path: tuple[Value, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Call:
    """A function whose arguments are known only when the workflow runs.

    ``arguments`` are in the order that the functions of ``wfbreak.hot`` take.
    """

    function: str
    arguments: tuple[Value, ...]
    position: Position


Value = Literal | ListValue | MapValue | ParameterRef | ResourceRef | AttributeRef | Call


class Unknown(Exception):
    """The value is not known while translating; ``reference`` is what it waits for."""

    def __init__(self, reference: ParameterRef | ResourceRef | AttributeRef) -> None:
        super().__init__(str(reference.position))
        self.reference = reference


def known(value: Value) -> Plain:
    """The value as plain data.

    :raises Unknown: if it needs something that exists only when the workflow runs.
    """
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, ListValue):
        return [known(item) for item in value.items]
    if isinstance(value, MapValue):
        return {key: known(item) for key, item in value.entries.items()}
    for reference in references(value):
        raise Unknown(reference)
    raise AssertionError("a call on known arguments was not folded")


def from_plain(data: Plain, position: Position) -> Value:
    """Plain data as a value, all of it at one position."""
    if isinstance(data, dict):
        return MapValue({_key(k): from_plain(v, position) for k, v in data.items()}, position)
    if isinstance(data, list):
        return ListValue(tuple(from_plain(item, position) for item in data), position)
    return Literal(data, position)


def _key(key: Any) -> str:
    """A key as JSON has it: a function may have made one of something else than text."""
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    return str(key)


def references(value: Value) -> Iterator[ParameterRef | ResourceRef | AttributeRef]:
    """All references in a value, in the order in which they are written."""
    if isinstance(value, Literal):
        return  # by far the most
    if isinstance(value, ListValue):
        for item in value.items:
            yield from references(item)
    elif isinstance(value, MapValue):
        for item in value.entries.values():
            yield from references(item)
    elif isinstance(value, Call):
        for item in value.arguments:
            yield from references(item)
    elif isinstance(value, ParameterRef):
        yield value
        for item in value.path:
            yield from references(item)
    elif isinstance(value, AttributeRef):
        yield value
        for step in (value.attribute, *value.path):
            if step is not None:
                yield from references(step)
    elif isinstance(value, ResourceRef):
        yield value
