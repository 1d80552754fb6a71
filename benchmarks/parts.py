"""A graph cut into convex parts, and a workflow as sub-workflows, one for each part.

wfbreak itself makes one workflow of a stack; this is what it could do instead, for
``benchmarks.partition`` to measure. A part is convex: no path leaves it and comes back, so that the
parts' own graph has no circle and a part can be one task. The parts are blocks of a topological
order, bettered by moves that keep every edge within its part or towards a later one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import networkx as nx

from benchmarks.shapes import Graph, name

_PASSES = 10
_SPARE = 1.2
"""How much larger than asked for a part may become by the moves."""

Cut = list[list[int]]


def needs(graph: Graph) -> nx.DiGraph[int]:
    """What needs what, without the edges that a longer path stands for."""
    whole: nx.DiGraph[int] = nx.DiGraph()
    whole.add_nodes_from(range(len(graph.needs)))
    whole.add_edges_from((n, after) for after, found in enumerate(graph.needs) for n in found)
    return nx.transitive_reduction(whole)


def cut(graph: nx.DiGraph[int], size: int) -> Cut:
    """Convex parts of about ``size`` nodes, in an order in which they may run: of several cuts the
    one whose parts have to wait least for each other, then the one with the fewest edges across."""
    return min(
        (_bettered(graph, _blocks(order, size), size) for order in _orders(graph)),
        key=lambda parts: (round(depth(graph, parts), 1), len(list(crossing(graph, parts)))),
    )


def crossing(graph: nx.DiGraph[int], parts: Cut) -> Iterator[tuple[int, int]]:
    """The edges from one part to another."""
    where = _where(parts)
    return ((one, other) for one, other in graph.edges if where[one] != where[other])


def quotient(graph: nx.DiGraph[int], parts: Cut) -> nx.DiGraph[int]:
    """The parts' own graph, without the edges that a longer path stands for.

    :raises ValueError: if it has a circle: then a part is not convex.
    """
    where = _where(parts)
    found: nx.DiGraph[int] = nx.DiGraph()
    found.add_nodes_from(range(len(parts)))
    found.add_edges_from((where[one], where[other]) for one, other in crossing(graph, parts))
    if not nx.is_directed_acyclic_graph(found):
        raise ValueError("a part is not convex")
    return nx.transitive_reduction(found)


def depth(graph: nx.DiGraph[int], parts: Cut) -> float:
    """How many tasks come after one another at least, as a multiple of the whole graph's: what is
    lost of the parallel work if a part begins only when those before it are done."""
    found = quotient(graph, parts)
    long = [nx.dag_longest_path_length(graph.subgraph(part)) + 1 for part in parts]
    ends: dict[int, int] = {}
    for part in nx.topological_sort(found):
        before = (ends[other] for other in found.predecessors(part))
        ends[part] = long[part] + max(before, default=0)
    return float(max(ends.values()) / (nx.dag_longest_path_length(graph) + 1))


def parted(
    document: Mapping[str, Any], graph: nx.DiGraph[int], parts: Cut, *, values: bool
) -> dict[str, Any]:
    """A document of wfbreak's with its tasks in sub-workflows: the first workflow runs the others.

    A task keeps all that it says. What another part's task gives is an input of the part, and an
    output of the part that it comes from, as it would be with values that are read; without
    ``values`` nothing is handed on.
    """
    title = next(key for key in document if key != "version")
    whole = document[title]
    where = _where(parts)
    read: list[dict[int, None]] = [{} for _ in parts]
    given: list[dict[int, None]] = [{} for _ in parts]
    for one, other in sorted(crossing(graph, parts)) if values else ():
        read[where[other]][one] = None
        given[where[one]][one] = None
    order = quotient(graph, parts)
    # What is read comes from any part before, not only from those right before.
    root = {
        f"part{number}": {"workflow": f"{title}.part{number}"}
        | _filled("input", {name(n): _result(f"part{where[n]}", name(n)) for n in read[number]})
        | ({"join": "all"} if order.in_degree(number) > 1 else {})
        | _filled("on-success", [f"part{after}" for after in order.successors(number)])
        for number in range(len(parts))
    }
    defaults = whole["task-defaults"]
    found: dict[str, Any] = {"version": "2.0", title: {**whole, "tasks": root}}
    for number, part in enumerate(parts):
        inside = graph.subgraph(part)
        found[f"{title}.part{number}"] = (
            _filled("input", [name(n) for n in read[number]])
            | _filled("output", {name(n): _result(name(n)) for n in given[number]})
            | {"task-defaults": defaults}
            | {"tasks": {name(n): _inner(whole["tasks"][name(n)], n, inside) for n in part}}
        )
    return found


def _inner(task: Mapping[str, Any], number: int, inside: nx.DiGraph[int]) -> dict[str, Any]:
    own = {key: value for key, value in task.items() if key not in ("join", "on-success")}
    return (
        own
        | ({"join": "all"} if inside.in_degree(number) > 1 else {})
        | _filled("on-success", [name(after) for after in sorted(inside.successors(number))])
    )


def _result(task: str, *path: str) -> str:
    return f"<% {'.'.join([f'task({task}).result', *path])} %>"


def _filled(key: str, value: Any) -> dict[str, Any]:
    return {key: value} if value else {}


def _where(parts: Iterable[Iterable[int]]) -> dict[int, int]:
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


def _blocks(order: Sequence[int], size: int) -> Cut:
    count = max(1, round(len(order) / size))
    bounds = [round(number * len(order) / count) for number in range(count + 1)]
    return [list(order[a:b]) for a, b in itertools.pairwise(bounds)]


def _bettered(graph: nx.DiGraph[int], parts: Cut, size: int) -> Cut:
    """With nodes moved to where more of their neighbours are, as long as that takes edges away."""
    where = _where(parts)
    counts = [len(part) for part in parts]
    for _ in range(_PASSES):
        moved = False
        for node in graph:
            at = where[node]
            before = [where[n] for n in graph.predecessors(node)]
            after = [where[n] for n in graph.successors(node)]
            near = before + after
            allowed = {
                part
                for part in near
                if max(before, default=part) <= part <= min(after, default=part)
                and counts[part] < size * _SPARE
            }
            best = max(sorted(allowed), key=near.count, default=at)
            if near.count(best) > near.count(at) and counts[at] > 1:
                where[node] = best
                counts[at] -= 1
                counts[best] += 1
                moved = True
        if not moved:
            break
    rank = {node: number for number, node in enumerate(nx.topological_sort(graph))}
    found: Cut = [[] for _ in parts]
    for node, part in where.items():
        found[part].append(node)
    return [sorted(part, key=rank.__getitem__) for part in found if part]
