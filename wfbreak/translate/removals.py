"""What is taken away in an update or a deletion, and when: last made, first deleted.

Whatever exists and may have to go is a step of its own in the graph, a :class:`Removal`. What the
template has no more goes for certain; what it still has goes if the update puts another in its
place, which only the run can tell. The order is Heat's (``_compute_convg_dependencies`` in
``heat/engine/stack.py``): a thing goes after everything that was made of it has gone or has been
changed, and after its own successor is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import networkx as nx

from wfbreak.existing import Existing, Stock
from wfbreak.translate.dependencies import Node, Removal


def add(graph: nx.DiGraph[Node], stock: Stock) -> Mapping[Removal, Existing]:
    """Put into the resource graph what exists and may go; what each of these steps takes away."""
    going = dict(_going(stock))
    graph.add_nodes_from(going)
    steps: dict[str, list[Removal]] = {}
    for removal in going:
        steps.setdefault(removal.resource, []).append(removal)
        if removal.is_of_present and removal.resource in graph:
            graph.add_edge(removal.resource, removal)
    for removal, existing in going.items():
        for name in _needed(existing, steps, stock):
            for other in steps[name]:
                # Leftovers of several templates may have needed each other either way.
                if other != removal and not nx.has_path(graph, other, removal):
                    graph.add_edge(removal, other)
    for existing in stock.resources.values():
        if existing.resource in steps or existing.resource not in graph:
            continue
        for name in _needed(existing, steps, stock):
            graph.add_edges_from((existing.resource, other) for other in steps[name])
    return going


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
