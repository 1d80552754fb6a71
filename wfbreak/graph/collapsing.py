"""Draw many things as few, so that three hundred resources read as well as five.

What is the same is drawn once with a number: boxes of one kind, type and state that stand equally
deep in the graph, in one group. They are the same by name (``web/*/server``) or, if that does not
make the picture small, by type alone; a chain of such boxes becomes one box, too. Boxes that are
put together are equally deep or one behind the other with nothing beside them, so the picture has
no circle that the graph has not. What differs in its state is never put together: a stop, a failure
or a straggler is seen.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace

import networkx as nx

from wfbreak.graph.model import Group, Kind, Node, Picture, Stop

READABLE = 60
"""How many boxes a person takes in without being told to."""

_FEW = 3
"""Fewer than so many stay by themselves."""

_LONG = 12
"""Boxes behind each other that still are read one by one."""


class Collapse(enum.Enum):
    """What is drawn as one."""

    AUTO = "auto"
    """As little as makes the picture readable."""
    NONE = "none"
    NAMES = "names"
    """What differs in the numbers of its name only."""
    TYPES = "types"
    """What is of one type; and chains."""


def collapse(picture: Picture, how: Collapse = Collapse.AUTO) -> Picture:
    """The picture with what is the same drawn once."""
    if how is Collapse.NONE or (how is Collapse.AUTO and _reads(picture)):
        return picture
    small = _merged(picture, _by_name)
    if how is Collapse.NAMES or (how is Collapse.AUTO and _reads(small)):
        return small
    return _chains_merged(_merged(picture, _by_type))


def pattern(name: str) -> str:
    """A name with each of its numbers as a star."""
    return re.sub(r"\d+", "*", name)


def _reads(picture: Picture) -> bool:
    if not picture.nodes:
        return True
    return (
        len(picture.nodes) <= READABLE
        and nx.dag_longest_path_length(picture.order, default_weight=1) <= _LONG * 2
    )


def _by_name(node: Node) -> Hashable:
    return pattern(node.label)


def _by_type(node: Node) -> Hashable:
    return node.label.rpartition(":")[2] if node.kind is Kind.BREAKPOINT else node.type


def _merged(picture: Picture, key: Callable[[Node], Hashable]) -> Picture:
    depth: dict[str, int] = {}
    for name in nx.topological_sort(picture.order):
        before = (depth[earlier] for earlier in picture.order.predecessors(name))
        depth[name] = max(before, default=-1) + 1
    classes: dict[Hashable, list[Node]] = {}
    for node in picture.nodes.values():
        group = pattern(node.group)
        state = (node.kind, node.state, node.stage, depth[node.id], node.is_armed)
        classes.setdefault((key(node), group, *state), []).append(node)
    return _rebuilt(picture, classes.values(), pattern)


def _chains_merged(picture: Picture) -> Picture:
    """The picture with each long row of boxes, of which each is before the next alone, as one."""
    order = picture.order
    rows: list[list[Node]] = []
    placed: set[str] = set()
    for name in nx.topological_sort(order):
        if name in placed:
            continue
        row = [name]
        while len(nexts := list(order.successors(row[-1]))) == 1:
            (following,) = nexts
            if order.in_degree(following) != 1 or not _alike(picture, row[0], following):
                break
            row.append(following)
        if len(row) <= _LONG:
            row = row[:1]
        placed.update(row)
        rows.append([picture.nodes[each] for each in row])
    return _rebuilt(picture, rows, lambda path: path)


def _alike(picture: Picture, one: str, other: str) -> bool:
    a, b = picture.nodes[one], picture.nodes[other]
    return (a.kind, a.state, a.stage, a.group) == (b.kind, b.state, b.stage, b.group)


def _rebuilt(
    picture: Picture, classes: Iterable[list[Node]], path: Callable[[str], str]
) -> Picture:
    nodes: dict[str, Node] = {}
    home: dict[str, str] = {}
    for alike in classes:
        if len(alike) < _FEW:
            made = [replace(node, group=path(node.group)) for node in alike]
        else:
            made = [_bundle(alike, path)]
        for node in made:
            nodes[node.id] = node
        if len(made) == 1:
            home |= {node.id: made[0].id for node in alike}
        else:
            home |= {node.id: node.id for node in alike}
    order: nx.DiGraph[str] = nx.DiGraph()
    order.add_nodes_from(nodes)
    order.add_edges_from((home[a], home[b]) for a, b in picture.order.edges if home[a] != home[b])
    groups: dict[str, Group] = {}
    for group in picture.groups.values():
        to = path(group.path)
        known = groups.get(to)
        count = group.count + (known.count if known else 0)
        groups[to] = replace(group, path=to, label=to, parent=path(group.parent), count=count)
    stops = tuple(
        Stop(stop.number, tuple(dict.fromkeys(home[name] for name in stop.breakpoints)))
        for stop in picture.stops
    )
    return replace(picture, nodes=nodes, order=order, groups=groups, stops=stops, _homes={})


def _bundle(alike: list[Node], path: Callable[[str], str]) -> Node:
    members = tuple(each for node in alike for each in node.walk())
    names = {pattern(node.label) for node in alike}
    types = {node.type for node in alike}
    first = alike[0]
    if len(names) == 1:
        label = names.pop()
    elif first.kind is Kind.BREAKPOINT:
        label = f"*:{first.label.rpartition(':')[2]}"
    else:
        label = f"{first.label} … {alike[-1].label}"
    return replace(
        first,
        label=label,
        type=types.pop() if len(types) == 1 else f"{len(types)} types",
        group=path(first.group),
        armed_by=tuple(dict.fromkeys(by for node in alike for by in node.armed_by)),
        members=members,
    )
