"""Prove of every translation that the emitted workflow keeps the template's order.

The proof reads the document as the engine does, from its on-clauses alone, and knows nothing of
how it was made: every step of the plan is one task; where one step comes before another in the
template, a path of on-clauses leads from the one to the other and everything on it waits for all
that comes before; a breakpoint pauses, and can (Mistral ignores ``pause-before`` on a join), or
fails where that is its way to stop; what talks to a cloud has the execution's credential before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx

from wfbreak.diagnostics import Diagnostics
from wfbreak.translate.breakpoints import Breakpoint
from wfbreak.translate.reachability import unconnected
from wfbreak.translate.stages import Mode, Plan, Step


def verify(
    workflow: Mapping[str, Any], plan: Plan, tasks: Mapping[Step, str], diagnostics: Diagnostics
) -> None:
    """Add a diagnostic for each way in which ``workflow`` fails to keep the plan's order.

    ``workflow`` is the body of a Mistral v2 workflow; ``tasks`` names the task of each step.
    """
    for problem in _problems(workflow["tasks"], plan, tasks):
        diagnostics.add_own_mistake(problem)


def _problems(body: Mapping[str, Any], plan: Plan, tasks: Mapping[Step, str]) -> list[str]:
    problems = []
    flow: nx.DiGraph[str] = nx.DiGraph()
    flow.add_nodes_from(body)
    for name, task in body.items():
        for clause in task.get("on-success", ()):
            if _pauses(clause):
                continue
            if clause not in body:
                problems.append(f"the task '{name}' leads to '{clause}', which is no task")
                continue
            flow.add_edge(name, clause)
    names = [tasks[step] for step in plan.order]
    if len(set(names)) != len(names) or not set(names) <= set(body):
        problems.append("not every resource and breakpoint has a task of its own")
        return problems
    for name, task in body.items():
        if flow.in_degree(name) > 1 and task.get("join") != "all":
            problems.append(f"the task '{name}' does not wait for all that lead to it")
    for step in plan.order:
        if isinstance(step, Breakpoint):
            task = body[tasks[step]]
            aborts = plan.mode is Mode.ABORT and task["input"].get("abort")
            if not (task.get("pause-before") or aborts) or "join" in task:
                problems.append(f"the breakpoint {step.name} does not pause")
    if not nx.is_directed_acyclic_graph(flow):
        problems.append("the tasks lead to each other in a circle")
        return problems
    problems += _stop_problems(body, plan, tasks, flow)
    problems += _credential_problems(body, flow)
    pairs = ((tasks[earlier], tasks[later]) for earlier, later in plan.order.edges)
    problems += [
        f"'{later}' does not wait for '{earlier}'" for earlier, later in unconnected(flow, pairs)
    ]
    return problems


def _credential_problems(body: Mapping[str, Any], flow: nx.DiGraph[str]) -> list[str]:
    """Which tasks talk to a cloud before the one task that makes the execution's credential."""
    real = [name for name, task in body.items() if "provider" in task.get("input", {})]
    makers = [name for name, task in body.items() if task["action"] == "wfbreak.credential"]
    if len(makers) != bool(real):
        return [f"{len(makers)} tasks make a credential for {len(real)} that need it"]
    return [
        f"'{name}' does not wait for '{maker}'"
        for maker, name in unconnected(flow, ((maker, name) for maker in makers for name in real))
    ]


def _stop_problems(
    body: Mapping[str, Any], plan: Plan, tasks: Mapping[Step, str], flow: nx.DiGraph[str]
) -> list[str]:
    """How stops fail to be safe ones: one task pauses and starts all the breakpoints of a stop,
    after all of the intervals before it, and before all of its own.

    Of the intervals before a stop only the last is looked at: what belongs to the others comes
    before an earlier stop, and that one's breakpoints are of the last interval or before it.
    """
    problems = []
    pausing: dict[str, int] = {}
    stop_of: dict[str, int] = {}
    for number, stage in enumerate(plan.stages, 1):
        stops = [tasks[stop] for stop in stage]
        barriers = {barrier for stop in stops for barrier in flow.predecessors(stop)}
        if len(barriers) != 1 or any(not flow.in_degree(stop) for stop in stops):
            problems.append(f"the breakpoints of stop {number} do not start together")
            continue
        (barrier,) = barriers
        if barrier in pausing:
            problems.append(f"one task pauses for the stops {pausing[barrier]} and {number}")
            continue
        pausing[barrier] = number
        stop_of |= dict.fromkeys(stops, number)
        pauses = any(_pauses(clause) for clause in body[barrier].get("on-success", ()))
        if not pauses and plan.mode is not Mode.ABORT:
            problems.append(f"nothing pauses the execution at stop {number}")
    if len(pausing) < len(plan.stages):
        return problems  # where the stops are not clear, nor is what comes before and after them
    order = list(nx.topological_sort(flow))
    next_stop: dict[str, int] = {}
    """Of the stops whose pausing task comes after a task, or is it, the first."""
    for task in reversed(order):
        after = [next_stop[later] for later in flow.successors(task)]
        next_stop[task] = min([*after, pausing.get(task, len(plan.stages) + 1)])
    last_stop: dict[str, int] = {}
    """Of the stops of which a breakpoint comes before a task, or is it, the last."""
    for task in order:
        before = [last_stop[earlier] for earlier in flow.predecessors(task)]
        last_stop[task] = max([*before, stop_of.get(task, 0)])
    for step, interval in plan.interval.items():
        task = tasks[step]
        if next_stop[task] > interval + 1:
            problems.append(f"'{task}' may be in flight at stop {interval + 1}")
        if last_stop[task] < interval:
            problems.append(f"'{task}' does not wait for stop {interval}")
    return problems


def _pauses(clause: Any) -> bool:
    """Whether a clause is the engine's command to pause: ``{"pause msg=…": CONDITION}``."""
    return isinstance(clause, Mapping) and next(iter(clause)).startswith("pause ")
