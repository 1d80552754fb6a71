"""A large stack as a workflow of parts, each a workflow of its own with some of the tasks.

What is cut are the resources between two stops, so that a stop lies between parts and never inside
of one: at a pause no part has begun that is not done. Of these only what waits for the same
breakpoints is put together: where one of a stop's breakpoints is let go and another is held, what
can go on goes on as in one workflow. Breakpoints, what leads to them, and what comes first of all
stay in the stack's own workflow. A part begins when all that it needs is done, so a resource may
wait for one that it does not need. Nothing else changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import networkx as nx

from wfbreak.translate.breakpoints import Breakpoint
from wfbreak.translate.cutting import cut
from wfbreak.translate.emit import Emitted
from wfbreak.translate.flow import FlowTask, Helper, Role
from wfbreak.translate.parted import parted
from wfbreak.translate.stages import Plan


@dataclass(frozen=True, slots=True)
class Partition:
    """How finely a stack is cut: into parts of about ``size`` tasks; 0 is not at all, and ``None``
    what has been measured to be best."""

    size: int | None = None

    def of(self, tasks: int) -> int:
        """The size of the parts of a stack of so many tasks; 0 for none."""
        if self.size is not None:
            return self.size
        return _BEST if tasks >= _LARGE else 0


AUTO: Final = Partition()

OFF: Final = Partition(0)

_LARGE, _BEST = 5_000, 100
"""As ``python -m benchmarks.partition`` has shown (docs/speed.md): up to 1,000 tasks parts cost
some hundredths more, on an embedded engine and on a cluster; at 3,000 as much, at 10,000 a seventh
less. (Parts of 400 cost 4 % less still; but what such a part gives others may be more than Mistral
keeps, ``execution_field_size_limit_kb``.)"""


def apply(
    emitted: Emitted, stack: str, plan: Plan, flow: nx.DiGraph[FlowTask], partition: Partition
) -> Emitted:
    """The document in parts; as it is where there are to be none, or there is nothing to cut."""
    size = partition.of(len(flow))
    if not size:
        return emitted
    pieces = [
        [emitted.tasks[task] for task in piece]
        for region in _regions(plan, flow)
        if len(region) >= max(2, size / 2)
        for piece in cut(_inside(flow, region), size)
        if len(piece) > 1
    ]
    if not pieces:
        return emitted
    edges = [(emitted.tasks[one], emitted.tasks[other]) for one, other in flow.edges]
    return replace(emitted, document=parted(emitted.document, stack, edges, pieces))


def _regions(plan: Plan, flow: nx.DiGraph[FlowTask]) -> Iterable[list[FlowTask]]:
    """The tasks that lie between the same stops and wait for the same breakpoints of the first."""
    stops = (task for task in flow if isinstance(task, Breakpoint))
    bits: dict[FlowTask, int] = {stop: 1 << number for number, stop in enumerate(stops)}
    waits: dict[FlowTask, int] = {}
    """For which breakpoints since the last barrier: a bit for each."""
    found: dict[tuple[int, int], list[FlowTask]] = {}
    for task in nx.topological_sort(flow):
        waits[task] = bits.get(task, 0)
        if not (isinstance(task, Helper) and task.role is Role.SETTLED):
            for before in flow.predecessors(task):
                waits[task] |= waits[before]
        if not isinstance(task, Helper | Breakpoint) and not _leads_to_stop(flow, task):
            found.setdefault((plan.interval[task], waits[task]), []).append(task)
    return found.values()


def _leads_to_stop(flow: nx.DiGraph[FlowTask], task: FlowTask) -> bool:
    """Whether a task decides what stops the stack: where there is no barrier (step mode)."""
    return any(isinstance(after, Breakpoint) for after in flow.successors(task))


def _inside(flow: nx.DiGraph[FlowTask], region: Iterable[FlowTask]) -> nx.DiGraph[FlowTask]:
    within: nx.DiGraph[FlowTask] = nx.DiGraph()
    within.add_nodes_from(region)  # in their order: a subgraph of networkx's has none
    within.add_edges_from(
        (task, after) for task in within for after in flow.successors(task) if after in within
    )
    return within
