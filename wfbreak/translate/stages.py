"""Pass 5: which breakpoints stop together, and what is settled before each stop.

A pause of the real engine is safe only while nothing is in flight, so a stop comes after a
barrier: everything that the stop does not block has come to its end. What that is follows from
the template alone:

- **non-stop**: a stage's breakpoints, and all that depends on them, wait; all else goes on.
- **all-stop**: only what the stage's breakpoints need is created before the pause.
- **step**: one thing after the other in a stable order, and a breakpoint before and after every
  resource, armed or not: a chain has no joins, so each of them may stop or not as the env says.
- **abort**: as non-stop, but the breakpoints fail instead of pausing.

Steps are the resources and the breakpoints: ``needs -> pre-create -> resource -> post-create ->
dependents``. A breakpoint's stage is the largest number of breakpoints on a path to it, its own
included. Every step runs in one interval: interval 0 before the first pause, interval *k* between
the pauses *k* and *k + 1*.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from wfbreak.diagnostics import Code, Diagnostics
from wfbreak.translate.breakpoints import Breakpoint
from wfbreak.translate.dependencies import Entry, Node
from wfbreak.translate.places import Place

Step = Node | Breakpoint
"""A resource by its name, where the inside of one begins, or a breakpoint."""


class Mode(enum.Enum):
    """What goes on while the stack is stopped."""

    NON_STOP = "non-stop"
    ALL_STOP = "all-stop"
    STEP = "step"
    ABORT = "abort"


@dataclass(frozen=True, slots=True)
class Plan:
    """When everything runs. ``order`` is the graph of the steps, ``interval`` of each the interval.

    ``stages[k]`` are the breakpoints of pause *k + 1*; they end interval *k*. In step mode every
    breakpoint is a stage of its own, armed or not, and ``interval`` has the order of the chain.
    """

    order: nx.DiGraph[Step]
    stages: tuple[tuple[Breakpoint, ...], ...]
    interval: Mapping[Step, int]
    mode: Mode = Mode.NON_STOP

    def created_before(self, pause: int) -> list[str]:
        """The resources that exist at the pause with this number, counted from 1."""
        return [s for s, i in self.interval.items() if isinstance(s, str) and i < pause]


def plan(
    graph: nx.DiGraph[Node],
    breakpoints: Sequence[Breakpoint],
    mode: Mode,
    places: Sequence[Place] = (),
    tasks: Collection[Entry] = (),
) -> Plan:
    """Put every step of the (acyclic) resource graph into its interval.

    ``places`` are where a step ends in step mode. ``tasks`` are the entries that have something to
    do; another one is a step only where it saves edges.
    """
    if mode is Mode.STEP:
        breakpoints = _everywhere(places, breakpoints)
    order = _steps(graph, breakpoints)
    _skip_entries(order, tasks)
    ranks = _ranks(graph, breakpoints)
    sequence = list(nx.lexicographical_topological_sort(order, key=ranks.__getitem__))
    if mode is Mode.STEP:
        return _chain(order, sequence)
    depth: dict[Step, int] = {}
    for step in sequence:
        before = max((depth[p] for p in order.predecessors(step)), default=0)
        depth[step] = before + isinstance(step, Breakpoint)
    stages: list[list[Breakpoint]] = [[] for _ in range(max(depth.values(), default=0))]
    for breakpoint_ in breakpoints:
        stages[depth[breakpoint_] - 1].append(breakpoint_)
    if mode is Mode.ALL_STOP:
        interval = _on_demand(order, sequence, depth, len(stages))
    else:
        interval = depth
    return Plan(order, tuple(map(tuple, stages)), {step: interval[step] for step in sequence}, mode)


def order(graph: nx.DiGraph[Node]) -> list[str]:
    """The resources in the order in which one after the other would be created."""
    ranks = _ranks(graph, ())
    found = nx.lexicographical_topological_sort(graph, key=lambda node: ranks.get(node, -1))
    return [node for node in found if isinstance(node, str)]


def check_conditions(plan: Plan, diagnostics: Diagnostics) -> None:
    """A condition can read only what exists whenever the stack comes to the breakpoint."""
    for number, stage in enumerate(plan.stages, 1):
        for condition in (c for stop in stage for c in stop.conditions):
            for name in condition.reads:
                if plan.interval[name] >= number:
                    diagnostics.add(
                        Code.BREAKPOINT_FILE,
                        f"the condition reads '{name}', which is not created before this stop",
                        condition.position,
                        hint="all-stop creates only what the breakpoint needs"
                        if plan.mode is Mode.ALL_STOP
                        else "a condition reads what came before",
                    )


def _everywhere(places: Sequence[Place], breakpoints: Sequence[Breakpoint]) -> list[Breakpoint]:
    """A breakpoint before and after every resource: those there are, and unarmed ones."""
    found = {(b.node, b.hook): b for b in breakpoints}
    every = [
        Breakpoint(place.resource, hook, removes=place.removes, batch=place.batch)
        for place in places
        for hook in place.hooks
    ]
    return [found.get((b.node, b.hook), b) for b in every]


def _chain(order: nx.DiGraph[Step], sequence: Sequence[Step]) -> Plan:
    """Step mode: every breakpoint ends the interval of what stands before it in the sequence."""
    interval: dict[Step, int] = {}
    count = 0
    for step in sequence:
        count += isinstance(step, Breakpoint)
        interval[step] = count
    stages = tuple((step,) for step in sequence if isinstance(step, Breakpoint))
    return Plan(order, stages, interval, Mode.STEP)


def _steps(graph: nx.DiGraph[Node], breakpoints: Sequence[Breakpoint]) -> nx.DiGraph[Step]:
    """The resource graph with the breakpoints in their places."""
    first: dict[Node, Step] = {}
    last: dict[Node, Step] = {}
    for breakpoint_ in breakpoints:
        (first if breakpoint_.hook.is_before else last)[breakpoint_.node] = breakpoint_
    order: nx.DiGraph[Step] = nx.DiGraph()
    for node in graph:
        order.add_node(node)
        # A stop before a stack inside of a resource is a stop before all that is in it.
        begin = Entry(node) if isinstance(node, str) and Entry(node) in graph else node
        if node in first:
            order.add_edge(first[node], begin)
        if node in last:
            order.add_edge(node, last[node])
    for needed, needing, data in graph.edges(data=True):
        after = last.get(needed, needed)
        name = needing.resource if isinstance(needing, Entry) else needing
        is_begin = "inside" not in data or (isinstance(needed, Entry) and needed.resource != name)
        order.add_edge(after, first.get(name, needing) if is_begin else needing)
    return order


def _skip_entries(order: nx.DiGraph[Step], tasks: Collection[Entry]) -> None:
    """Take out the entries that nothing needs: what comes before leads to what comes after."""
    idle = [s for s in order if isinstance(s, Entry) and s not in tasks and not s.pause]
    for entry in idle:
        before, after = list(order.predecessors(entry)), list(order.successors(entry))
        if len(before) * len(after) > len(before) + len(after):
            continue
        order.remove_node(entry)
        order.add_edges_from((b, a) for b in before for a in after)


def _ranks(graph: nx.DiGraph[Node], breakpoints: Sequence[Breakpoint]) -> dict[Step, int]:
    """The template's order, so that the same template always gives the same workflow."""
    ranks: dict[Step, int] = {name: 2 * index for index, name in enumerate(graph)}
    return ranks | {b: ranks[b.node] + 1 for b in breakpoints}


def _on_demand(
    order: nx.DiGraph[Step], sequence: Sequence[Step], depth: Mapping[Step, int], stages: int
) -> dict[Step, int]:
    """All-stop: a resource runs just before the first stage that needs it, or after the last."""
    needed_by: dict[Step, int] = {}
    interval: dict[Step, int] = {}
    for step in reversed(sequence):
        later = [needed_by[s] for s in order.successors(step)]
        stage = min(later, default=stages + 1)
        if isinstance(step, Breakpoint):
            interval[step] = depth[step]
            needed_by[step] = depth[step]
        else:
            interval[step] = stage - 1
            needed_by[step] = stage
    return interval
