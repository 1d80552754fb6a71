"""Which nodes of a graph come before which: for whole graphs, in little time and memory.

networkx answers this a node at a time; its transitive reduction of a template of 1,000 resources
takes seconds. Here a set of nodes is one number, a bit for each node.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

import networkx as nx

N = TypeVar("N")


class Before(Generic[N]):
    """The ancestors of every node of an acyclic graph."""

    def __init__(self, graph: nx.DiGraph[N]) -> None:
        self._graph = graph
        self._bit = {node: 1 << index for index, node in enumerate(graph)}
        self._before: dict[N, int] = {}
        for node in nx.topological_sort(graph):
            bits = 0
            for earlier in graph.predecessors(node):
                bits |= self._before[earlier] | self._bit[earlier]
            self._before[node] = bits

    def __call__(self, earlier: N, later: N) -> bool:
        """Whether a path leads from ``earlier`` to ``later``."""
        return bool(self._before[later] & self._bit[earlier])

    def needed_edges(self) -> Iterator[tuple[N, N]]:
        """The edges of the transitive reduction: those that no longer path stands for."""
        for node in self._graph:
            implied = 0
            for earlier in self._graph.predecessors(node):
                implied |= self._before[earlier]
            for earlier in self._graph.predecessors(node):
                if not implied & self._bit[earlier]:
                    yield earlier, node
