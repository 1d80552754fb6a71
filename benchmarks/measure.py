"""What a peer is to the command, and what all peers' runs have in common."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Protocol

from benchmarks.cases import Ending, Run
from benchmarks.shapes import Graph, Shape

WARM_UP = Graph.of(Shape.CHAIN, 3)
"""What every process makes before it is measured: the first stack takes seconds more, for imports,
connections and the like, at each peer."""

STALLED = 45.0
"""Seconds without any resource's end after which a run is said to hang. Where it was waited for
longer, nothing came after much shorter times."""


class Unfinished(Exception):
    """A run did not come to its end."""

    def __init__(self, ending: Ending, note: str) -> None:
        super().__init__(note)
        self.ending = ending
        self.note = note


class Bench(Protocol):
    """A peer, ready to make one graph after another."""

    def run(self, graph: Graph, limit: float) -> Run:
        """Make a graph, with the peer's processes started anew and warmed up.

        :raises Unfinished: if it is not done within ``limit`` seconds, or fails.
        """
        ...

    def close(self) -> None:
        """End whatever was started."""
        ...


def looks(limit: float, pause: float = 0.02) -> Iterator[float]:
    """The seconds gone by, at each moment at which to look whether something is done.

    A hundredth of the time that it has taken so far lies between two looks: they take little, and
    the figure is right to a hundredth. It ends after ``limit`` seconds. Without a ``pause`` the
    looks themselves wait.
    """
    began = time.monotonic()
    while (gone := time.monotonic() - began) < limit:
        yield gone
        if pause:
            time.sleep(min(1.0, max(pause, gone / 100)))
