"""Which nodes of a graph come before which: for whole graphs, in little time and memory.

networkx answers this a node at a time; its transitive reduction of a template of 1,000 resources
takes seconds. Here a set of nodes is one number, a bit for each node that is asked for; there is
no such bit for a node whose edges no other path can stand for, which in a chain are all of them.
The bits are dealt with in blocks, so that what a node takes does not grow with the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import networkx as nx

N = TypeVar("N")

_BLOCK = 4096
"""How many nodes are asked for at a time: half a kibibyte for each node of the graph."""


def needed_edges(graph: nx.DiGraph[N]) -> Iterator[tuple[N, N]]:
    """The edges of the transitive reduction of an acyclic graph: those that no longer path stands
    for."""
    forks = {node for node, count in graph.out_degree() if count > 1}
    joins = {node for node, count in graph.in_degree() if count > 1}
    doubtful = {
        (earlier, later)
        for later in joins
        for earlier in graph.predecessors(later)
        if earlier in forks
    }
    implied: set[tuple[N, N]] = set()
    for bits, before in _blocks(graph, (earlier for earlier, _ in doubtful)):
        for later in joins:
            around = 0
            for earlier in graph.predecessors(later):
                around |= before[earlier]
            if around:
                implied.update(
                    (earlier, later)
                    for earlier in graph.predecessors(later)
                    if around & bits.get(earlier, 0)
                )
    for later in graph:
        for earlier in graph.predecessors(later):
            if (earlier, later) not in implied:
                yield earlier, later


def unconnected(graph: nx.DiGraph[N], pairs: Iterable[tuple[N, N]]) -> list[tuple[N, N]]:
    """Those of the pairs from the first of which no path of an acyclic graph leads to the second,
    in their order."""
    pairs = list(pairs)
    asked: dict[N, list[N]] = {}
    for earlier, later in pairs:
        if not graph.has_edge(earlier, later):
            asked.setdefault(earlier, []).append(later)
    lost: set[tuple[N, N]] = set()
    for bits, before in _blocks(graph, asked):
        lost.update(
            (earlier, later)
            for earlier, bit in bits.items()
            for later in asked[earlier]
            if not before[later] & bit
        )
    return [pair for pair in pairs if pair in lost]


def _blocks(
    graph: nx.DiGraph[N], asked: Iterable[N]
) -> Iterator[tuple[Mapping[N, int], Mapping[N, int]]]:
    """For a block of the nodes that are asked for at a time: the bit of each, and for every node
    of the graph the bits of those that come before it."""
    wanted = set(asked)
    if not wanted:
        return
    order = list(nx.topological_sort(graph))
    listed = [node for node in order if node in wanted]
    for start in range(0, len(listed), _BLOCK):
        bits = {node: 1 << index for index, node in enumerate(listed[start : start + _BLOCK])}
        before: dict[N, int] = {}
        for node in order:
            found = 0
            for earlier in graph.predecessors(node):
                found |= before[earlier] | bits.get(earlier, 0)
            before[node] = found
        yield bits, before
