"""A parsed file as a tree whose every node knows its place.

Everything later in the compiler can say where a thing came from because nothing is taken out of
these nodes without its position.
"""

from __future__ import annotations

from dataclasses import dataclass

from wfbreak.diagnostics import Position

ScalarValue = str | int | float | bool | None
"""What YAML 1.1 makes of a scalar in a Heat template: dates stay text."""


@dataclass(frozen=True, slots=True)
class Scalar:
    value: ScalarValue
    position: Position


@dataclass(frozen=True, slots=True)
class ListNode:
    items: tuple[Node, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping in the file's order. ``keys`` holds the position of each key itself."""

    entries: dict[str, Node]
    keys: dict[str, Position]
    position: Position


Node = Scalar | ListNode | MapNode

Plain = ScalarValue | list["Plain"] | dict[str, "Plain"]
"""A node without its positions."""


def plain(node: Node) -> Plain:
    """The node's value as plain Python data."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.entries.items()}


def kind(node: Node) -> str:
    """The node's kind in a person's words."""
    if isinstance(node, MapNode):
        return "a map"
    if isinstance(node, ListNode):
        return "a list"
    if node.value is None:
        return "nothing (null)"
    if isinstance(node.value, bool):
        return "a boolean"
    if isinstance(node.value, str):
        return "text"
    return "a number"
