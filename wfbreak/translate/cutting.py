"""A graph cut into convex parts of some size, with few edges across and little parallel work lost.

A part is convex: no path leaves it and comes back, so that the parts' own graph has no circle and a
part can be one task. The parts are blocks of a topological order, bettered by moves that keep every
edge within its part or towards a later one; of several orders the one counts whose parts have to
wait least for each other.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import networkx as nx

N = TypeVar("N")

_PASSES = 10
_SPARE = 1.2
"""How much larger than asked for a part may become by the moves."""


def cut(graph: nx.DiGraph[N], size: int) -> list[list[N]]:
    """Convex parts of about ``size`` nodes of an acyclic graph, in an order in which they may run,
    each with its nodes in such an order, too."""
    names = list(nx.topological_sort(graph))
    numbers = {name: number for number, name in enumerate(names)}
    numbered: nx.DiGraph[int] = nx.DiGraph()
    numbered.add_nodes_from(range(len(names)))
    numbered.add_edges_from((numbers[one], numbers[other]) for one, other in graph.edges)
    found = min(
        (_bettered(numbered, _blocks(order, size), size) for order in _orders(numbered)),
        key=lambda parts: (round(depth(numbered, parts), 1), len(list(crossing(numbered, parts)))),
    )
    return [[names[number] for number in part] for part in found]


def crossing(graph: nx.DiGraph[N], parts: Iterable[Iterable[N]]) -> Iterator[tuple[N, N]]:
    """The edges from one part to another."""
    where = _where(parts)
    return ((one, other) for one, other in graph.edges if where[one] != where[other])


def depth(graph: nx.DiGraph[N], parts: Sequence[Sequence[N]]) -> float:
    """How many tasks come after one another at least, as a multiple of the whole graph's: what is
    lost of the parallel work, since a part begins only when those before it are done.

    :raises ValueError: if a part is not convex.
    """
    where = _where(parts)
    quotient: nx.DiGraph[int] = nx.DiGraph()
    quotient.add_nodes_from(range(len(parts)))
    quotient.add_edges_from((where[one], where[other]) for one, other in crossing(graph, parts))
    if not nx.is_directed_acyclic_graph(quotient):
        raise ValueError("a part is not convex")
    long = [nx.dag_longest_path_length(graph.subgraph(part)) + 1 for part in parts]
    ends: dict[int, int] = {}
    for part in nx.topological_sort(quotient):
        before = (ends[other] for other in quotient.predecessors(part))
        ends[part] = long[part] + max(before, default=0)
    return float(max(ends.values()) / (nx.dag_longest_path_length(graph) + 1))


def _where(parts: Iterable[Iterable[N]]) -> dict[N, int]:
    return {node: number for number, part in enumerate(parts) for node in part}


def _orders(graph: nx.DiGraph[int]) -> Iterator[list[int]]:
    yield list(nx.lexicographical_topological_sort(graph))
    yield [node for level in nx.topological_generations(graph) for node in level]
    yield _in_depth(graph, min)
    yield _in_depth(graph, max)


def _in_depth(graph: nx.DiGraph[int], first: Callable[[Iterable[int]], int]) -> list[int]:
    """A topological order in which what a node lets go comes as soon as it can."""
    missing = dict(graph.in_degree)
    ready = sorted((n for n, count in missing.items() if not count), reverse=first is min)
    found = []
    while ready:
        node = ready.pop()
        found.append(node)
        for after in sorted(graph.successors(node), reverse=first is min):
            missing[after] -= 1
            if not missing[after]:
                ready.append(after)
    return found


def _blocks(order: Sequence[int], size: int) -> list[list[int]]:
    count = max(1, round(len(order) / size))
    bounds = [round(number * len(order) / count) for number in range(count + 1)]
    return [list(order[a:b]) for a, b in itertools.pairwise(bounds)]


def _bettered(graph: nx.DiGraph[int], parts: list[list[int]], size: int) -> list[list[int]]:
    """With nodes moved to where more of their neighbours are, as long as that takes edges away."""
    where = _where(parts)
    counts = [len(part) for part in parts]
    for _ in range(_PASSES):
        moved = False
        for node in graph:
            at = where[node]
            before = [where[n] for n in graph.predecessors(node)]
            after = [where[n] for n in graph.successors(node)]
            near = Counter(before + after)
            low, high = max(before, default=0), min(after, default=len(parts))
            allowed = (p for p in sorted(near) if low <= p <= high and counts[p] < size * _SPARE)
            best = max(allowed, key=near.__getitem__, default=at)
            if near[best] > near[at] and counts[at] > 1:
                where[node] = best
                counts[at] -= 1
                counts[best] += 1
                moved = True
        if not moved:
            break
    rank = {node: number for number, node in enumerate(nx.topological_sort(graph))}
    found: list[list[int]] = [[] for _ in parts]
    for node, part in where.items():
        found[part].append(node)
    return [sorted(part, key=rank.__getitem__) for part in found if part]
