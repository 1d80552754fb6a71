"""The graphs that every peer is given: the same resources with the same needs, in each one's words.

All resources are empty (``OS::Heat::None``, ``std.noop``), so that what is measured is the engine.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

import yaml


class Shape(enum.Enum):
    """How the resources need each other."""

    INDEPENDENT = "independent"
    CHAIN = "chain"
    LAYERED = "layered"
    FAN_IN = "fan-in"

    @property
    def meaning(self) -> str:
        """One clause for the report."""
        return _MEANINGS[self]


@dataclass(frozen=True, slots=True)
class Graph:
    """``needs[n]`` are the numbers of the resources that number ``n`` needs, all below ``n``."""

    needs: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, shape: Shape, size: int) -> Graph:
        rule = _RULES[shape]
        return cls(tuple(rule(number, size) for number in range(size)))

    @property
    def needed_by(self) -> tuple[tuple[int, ...], ...]:
        """The same edges, the other way round."""
        found: list[list[int]] = [[] for _ in self.needs]
        for number, needed in enumerate(self.needs):
            for other in needed:
                found[other].append(number)
        return tuple(map(tuple, found))

    @property
    def last(self) -> str:
        """The name of the last resource: no other needs it."""
        return name(len(self.needs) - 1)

    def template(self) -> str:
        """As a HOT template."""
        return _dump(
            {
                "heat_template_version": "2021-04-16",
                "resources": {
                    name(number): {"type": "OS::Heat::None"} | _listed("depends_on", needed)
                    for number, needed in enumerate(self.needs)
                },
            }
        )

    def workflow(self, title: str) -> str:
        """As one would write it for Mistral by hand: a task for each resource, a join where
        several are waited for."""
        tasks = {}
        for number, (needed, needing) in enumerate(zip(self.needs, self.needed_by, strict=True)):
            join = {"join": "all"} if len(needed) > 1 else {}
            tasks[name(number)] = {"action": "std.noop"} | join | _listed("on-success", needing)
        return _dump({"version": "2.0", title: {"type": "direct", "tasks": tasks}})


def name(number: int) -> str:
    """The name of a resource."""
    return f"r{number}"


def _listed(key: str, numbers: tuple[int, ...]) -> dict[str, object]:
    return {key: [name(number) for number in numbers]} if numbers else {}


def _dump(document: object) -> str:
    return str(yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False))


def _independent(_number: int, _size: int) -> tuple[int, ...]:
    return ()


def _chain(number: int, _size: int) -> tuple[int, ...]:
    return (number - 1,) if number else ()


_STEPS = (11, 7, 3)


def _layered(number: int, _size: int) -> tuple[int, ...]:
    return tuple(number - step for step in _STEPS) if number >= max(_STEPS) else ()


def _fan_in(number: int, size: int) -> tuple[int, ...]:
    return tuple(range(number)) if number == size - 1 else ()


_RULES: dict[Shape, Callable[[int, int], tuple[int, ...]]] = {
    Shape.INDEPENDENT: _independent,
    Shape.CHAIN: _chain,
    Shape.LAYERED: _layered,
    Shape.FAN_IN: _fan_in,
}

_MEANINGS = {
    Shape.INDEPENDENT: "no resource needs another",
    Shape.CHAIN: "each needs the one before it",
    Shape.LAYERED: "each needs three of those before it; the first eleven need nothing, so that of "
    "ten resources none needs another",
    Shape.FAN_IN: "the last one needs all others",
}
