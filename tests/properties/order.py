"""What exists at each stop, worked out from the order of a stack's steps alone.

A step is a resource's name with what is about it: its hook before, itself, its hook after. The
definitions are those of the modes, without the translator, which is held against them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import networkx as nx

PRE, ITSELF, POST = "pre-create", "itself", "post-create"

Step = tuple[str, str]


def name_of(stop: Step) -> str:
    """A stop's name, which is its task's."""
    return f"{stop[0]}:{stop[1]}"


@dataclass(frozen=True)
class Order:
    """``graph`` leads from what comes before to what comes after; its nodes are in such an order.

    ``stops`` are those of its steps at which the stack stops.
    """

    graph: nx.DiGraph[Step]
    stops: frozenset[Step]

    @cached_property
    def depth(self) -> dict[Step, int]:
        """The largest number of stops on a path to a step, its own included."""
        depth: dict[Step, int] = {}
        for step in self.graph:
            before = max((depth[s] for s in self.graph.predecessors(step)), default=0)
            depth[step] = before + (step in self.stops)
        return depth

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.graph}

    @property
    def chain(self) -> list[Step]:
        """Every place at which a stack in step mode can stop."""
        return [step for step in self.graph if step[1] != ITSELF]

    @property
    def pauses(self) -> int:
        return max((self.depth[stop] for stop in self.stops), default=0)

    def at(self, pause: int) -> set[Step]:
        return {stop for stop in self.stops if self.depth[stop] == pause}

    def stops_at(self, pause: int) -> set[str]:
        return {name_of(stop) for stop in self.at(pause)}

    def exist_non_stop(self, pause: int) -> set[str]:
        """Whatever fewer stops than ``pause`` come before."""
        return {name for (name, what), d in self.depth.items() if what == ITSELF and d < pause}

    def exist_all_stop(self, pause: int) -> set[str]:
        """Whatever a stop of this pause or an earlier one needs, and nothing else."""
        wanted = [s for s in self.stops if self.depth[s] <= pause]
        before = {step for stop in wanted for step in nx.ancestors(self.graph, stop)}
        return {name for name, what in before if what == ITSELF}

    def over(
        self, exist: set[str], held: Collection[Step], runs: Collection[str] = ()
    ) -> set[Step]:
        """The steps that are over where ``exist`` are there, ``held`` stand, and ``runs`` come
        into being as soon as all before them is over."""
        over: set[Step] = set()
        for step in self.graph:
            if not over.issuperset(self.graph.predecessors(step)):
                continue
            name, what = step
            passed = name in exist or name in runs if what == ITSELF else step not in held
            if passed:
                over.add(step)
        return over
