"""From the plan to tasks: barriers, gates, and the edges that the engine has to follow.

The shape is the one that the real engine pauses safely (tests/engine): a stage's breakpoints are
reached from their barrier alone, so they are no joins and ``pause-before`` works; the barrier
comes after all that the stage does not block, so nothing is in flight at the pause. An edge that
a barrier implies is left out, and so is one that other edges imply: joins are what tasks cost.
In step mode all is one chain.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

import networkx as nx

from wfbreak.translate.breakpoints import Breakpoint
from wfbreak.translate.reachability import needed_edges
from wfbreak.translate.stages import Mode, Plan, Step


class Role(enum.Enum):
    PARAMETERS = "parameters"
    CREDENTIAL = "credential"
    BEGIN = "begin"
    SETTLED = "settled"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Helper:
    """A task that is neither a resource nor a breakpoint.

    ``PARAMETERS`` checks the inputs; ``CREDENTIAL`` makes the execution's own rights in a cloud;
    ``BEGIN`` comes before a chain's first stop; ``SETTLED`` is the barrier of the stage
    ``number``; ``RELEASED`` comes after its breakpoints where several of them let several others
    go.
    """

    role: Role
    number: int = 0


FlowTask = Step | Helper


def build(
    plan: Plan, *, check_parameters: bool, make_credential: bool = False
) -> nx.DiGraph[FlowTask]:
    """The graph of the tasks, in the order in which they should be written."""
    flow: nx.DiGraph[FlowTask] = nx.DiGraph()
    # Parameters first: what is refused there leaves nothing behind in the cloud.
    first: list[FlowTask] = [Helper(Role.PARAMETERS)] if check_parameters else []
    if make_credential:
        first.append(Helper(Role.CREDENTIAL))
    if plan.mode is Mode.STEP:
        chain = [*(first or [Helper(Role.BEGIN)]), *plan.interval] if plan.interval else first
        flow.add_nodes_from(chain)
        nx.add_path(flow, chain)
        return flow
    flow.add_nodes_from(first)
    nx.add_path(flow, first)
    start = first[-1:]
    intervals: list[list[Step]] = [[] for _ in range(len(plan.stages) + 1)]
    for step, number in plan.interval.items():
        intervals[number].append(step)
    for number, steps in enumerate(intervals):
        entry = start
        if number:
            barrier = Helper(Role.SETTLED, number)
            flow.add_node(barrier)
            sinks = _sinks(flow, intervals[number - 1]) or start
            flow.add_edges_from((sink, barrier) for sink in sinks)
            entry = [barrier]
        _add_interval(flow, plan, number, steps, entry)
    return flow


def _add_interval(
    flow: nx.DiGraph[FlowTask],
    plan: Plan,
    number: int,
    steps: list[Step],
    entry: list[FlowTask],
) -> None:
    flow.add_nodes_from(steps)
    inside: nx.DiGraph[FlowTask] = nx.DiGraph()
    inside.add_nodes_from(steps)  # in their order: a subgraph of networkx's has none
    inside.add_edges_from(
        (step, after) for step in steps for after in plan.order.successors(step) if after in inside
    )
    flow.add_edges_from(needed_edges(inside))
    free = [step for step in steps if not inside.in_degree(step)]
    if not number:
        flow.add_edges_from((task, step) for task in entry for step in free)
        return
    stops = [step for step in free if isinstance(step, Breakpoint)]
    # All-stop only: what no breakpoint blocks waits for the stop all the same.
    deferred = [step for step in free if not isinstance(step, Breakpoint)]
    flow.add_edges_from((task, stop) for task in entry for stop in stops)
    if len(stops) > 1 and len(deferred) > 1:
        gate = Helper(Role.RELEASED, number)
        flow.add_edges_from((stop, gate) for stop in stops)
        flow.add_edges_from((gate, step) for step in deferred)
    else:
        flow.add_edges_from((stop, step) for stop in stops for step in deferred)


def _sinks(flow: nx.DiGraph[FlowTask], steps: Iterable[Step]) -> list[FlowTask]:
    return [step for step in steps if not flow.out_degree(step)]
