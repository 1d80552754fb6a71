"""What is drawn: boxes, the lines between them, the groups around them, the stops.

A picture knows nothing of how it is drawn. It is made from a workflow's document, which is the same
for a template that nobody has run and for an execution; only an execution has states.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field

import networkx as nx

from wfbreak.status import BreakpointState, ResourceState

TIMES = "\N{MULTIPLICATION SIGN}"


class Kind(enum.Enum):
    """What a box stands for."""

    RESOURCE = "resource"
    STACK = "stack"
    """The end of a stack inside of a resource: all that is in it is there."""
    REMOVAL = "removal"
    """Something that is taken away."""
    BREAKPOINT = "breakpoint"


@dataclass(frozen=True, slots=True)
class Node:
    """A box. ``id`` is its task's name, ``stage`` the number of stops before it (its own included).

    ``source`` is its line in the template; ``armed_by`` are the lines that set a breakpoint.
    ``state`` is ``None`` before anything runs. ``group`` is the path of the stack around it, and
    ``members`` are the boxes for which this one stands, if it stands for several.
    """

    id: str
    label: str
    kind: Kind
    type: str
    stage: int
    state: ResourceState | BreakpointState | None = None
    source: str = ""
    group: str = ""
    armed_by: tuple[str, ...] = ()
    is_armed: bool = True
    message: str | None = None
    condition: str | None = None
    members: tuple[Node, ...] = ()

    @property
    def count(self) -> int:
        return len(self.members) or 1

    @property
    def title(self) -> str:
        """The label, with the number for which it stands."""
        return f"{self.label} {TIMES}{self.count}" if self.members else self.label

    @property
    def said(self) -> str:
        """The state in a word, also that of what has none yet."""
        if self.state is not None:
            return str(self.state.value)
        if self.kind is Kind.BREAKPOINT:
            return "breakpoint"
        return "to do"

    def walk(self) -> Iterator[Node]:
        """The boxes for which it stands; itself, if it stands for itself."""
        if self.members:
            yield from self.members
        else:
            yield self


@dataclass(frozen=True, slots=True)
class Group:
    """A stack inside of a resource: a frame around what is in it. ``parent`` is the one around it;
    of several that are drawn as one there is a ``count``."""

    path: str
    label: str
    type: str
    parent: str = ""
    source: str = ""
    count: int = 1

    @property
    def title(self) -> str:
        """The label, with the number for which it stands."""
        return f"{self.label} {TIMES}{self.count}" if self.count > 1 else self.label


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the stack stops: its number among those that are drawn, and its breakpoints' ids."""

    number: int
    breakpoints: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """``order`` has the nodes' ids, and an edge where one comes right before another.

    ``execution`` and ``state`` are those of the execution, if there is one.
    """

    stack: str
    mode: str
    nodes: dict[str, Node]
    order: nx.DiGraph[str]
    groups: dict[str, Group]
    stops: tuple[Stop, ...]
    execution: str = ""
    state: str = ""
    reason: str = ""
    _homes: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def edges(self) -> list[tuple[str, str]]:
        return list(self.order.edges)

    @property
    def counts(self) -> dict[str, int]:
        """How many resources are in which state, in the states' order."""
        found: dict[str, int] = {}
        for node in self.nodes.values():
            if node.kind is not Kind.BREAKPOINT:
                found[node.said] = found.get(node.said, 0) + node.count
        order = [state.value for state in ResourceState]
        return dict(sorted(found.items(), key=lambda i: order.index(i[0]) if i[0] in order else -1))

    def home(self, member: str) -> str:
        """The id of the box in which a task is drawn."""
        if not self._homes:
            for node in self.nodes.values():
                self._homes.update({each.id: node.id for each in node.walk()})
        return self._homes[member]
