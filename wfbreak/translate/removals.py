"""What is taken away in an update or a deletion, and when: last made, first deleted.

Whatever exists and may have to go is a step of its own in the graph, a :class:`Removal`. What the
template has no more goes for certain; what it still has goes if the update puts another in its
place, which only the run can tell. The order is Heat's (``_compute_convg_dependencies`` in
``heat/engine/stack.py``): a thing goes after everything that was made of it has gone or has been
changed, and after its own successor is there. What a batch of a group has replaced goes before the
next batch, as in Heat, where a group is a stack that is updated once for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import networkx as nx

from wfbreak.existing import Existing, Stock
from wfbreak.translate.dependencies import Entry, Node, Removal


def add(graph: nx.DiGraph[Node], stock: Stock) -> Mapping[Removal, Existing]:
    """Put into the resource graph what exists and may go; what each of these steps takes away."""
    going = dict(_going(stock))
    rolling = _rolling(graph)
    graph.add_nodes_from(going)
    steps: dict[str, list[Removal]] = {}
    for removal in going:
        steps.setdefault(removal.resource, []).append(removal)
        if removal.is_of_present and removal.resource in graph:
            graph.add_edge(removal.resource, removal)
            if (end := _batch_end(removal.resource, rolling)) is not None:
                graph.add_edge(removal, end, inside=True)
    made_of = [*going.items()] + [
        (existing.resource, existing)
        for existing in stock.resources.values()
        if existing.resource not in steps and existing.resource in graph
    ]
    _after(
        graph,
        [
            (step, other)
            for step, existing in made_of
            for name in _needed(existing, steps, stock)
            for other in steps[name]
            if other != step
        ],
    )
    return going


def _after(graph: nx.DiGraph[Node], pairs: Sequence[tuple[Node, Removal]]) -> None:
    """Let the second of each pair come after the first, unless it is to come before it: leftovers
    of several templates may have needed each other either way, and what a batch of a group has
    replaced goes before what reads the group is dealt with."""
    every: nx.DiGraph[Node] = nx.DiGraph([*graph.edges, *pairs])
    circle = {
        node: number
        for number, nodes in enumerate(nx.strongly_connected_components(every))
        for node in nodes
    }
    for step, other in pairs:
        # Only in a circle that all edges together make can there be a way back.
        if circle[step] != circle[other] or not nx.has_path(graph, other, step):
            graph.add_edge(step, other)


def _rolling(graph: nx.DiGraph[Node]) -> dict[str, Node]:
    """Where the batch of each member ends, of groups whose members are dealt with in batches."""
    groups = {node.resource for node in graph if isinstance(node, Entry) and node.batch}
    found: dict[str, Node] = {}
    for before, after in graph.edges:
        group = after.resource if isinstance(after, Entry) else after
        if isinstance(before, str) and group in groups and before.rpartition("/")[0] == group:
            found[before] = after
    return found


def _batch_end(resource: str, rolling: Mapping[str, Node]) -> Node | None:
    """Where the batch of the member ends that a resource is, or is inside of."""
    steps = resource.split("/")
    names = ("/".join(steps[:count]) for count in range(1, len(steps) + 1))
    return next((rolling[name] for name in names if name in rolling), None)


def _going(stock: Stock) -> Iterator[tuple[Removal, Existing]]:
    for existing in stock.resources.values():
        if not existing.is_kept:
            yield Removal(existing.resource), existing
    numbers: dict[str, int] = {}
    for existing in stock.leftovers:
        if not existing.is_kept:
            numbers[existing.resource] = numbers.get(existing.resource, 0) + 1
            yield Removal(existing.resource, numbers[existing.resource]), existing


def _needed(existing: Existing, steps: Mapping[str, list[Removal]], stock: Stock) -> list[str]:
    """What goes of that which this one was made of, and of that which stays in between."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    waiting = list(existing.needs)
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        if name in steps:
            found[name] = None
        elif name in stock.resources:
            waiting += stock.resources[name].needs
    return list(found)
