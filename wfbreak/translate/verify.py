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

from wfbreak.diagnostics import Code, Diagnostics
from wfbreak.translate.breakpoints import Breakpoint
from wfbreak.translate.reachability import Before
from wfbreak.translate.stages import Mode, Plan, Step


def verify(
    workflow: Mapping[str, Any], plan: Plan, tasks: Mapping[Step, str], diagnostics: Diagnostics
) -> None:
    """Add a diagnostic for each way in which ``workflow`` fails to keep the plan's order.

    ``workflow`` is the body of a Mistral v2 workflow; ``tasks`` names the task of each step.
    """
    for problem in _problems(workflow["tasks"], plan, tasks):
        diagnostics.add(
            Code.ORDER,
            problem,
            hint="this is a mistake of wfbreak's: please report it with the template",
        )


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
    before: Before[str] = Before(flow)
    for number in range(1, len(plan.stages) + 1):
        problems += _stop_problems(number, body, plan, tasks, flow, before)
    problems += _credential_problems(body, before)
    for earlier, later in plan.order.edges:
        if not before(tasks[earlier], tasks[later]):
            problems.append(f"'{tasks[later]}' does not wait for '{tasks[earlier]}'")
    return problems


def _credential_problems(body: Mapping[str, Any], before: Before[str]) -> list[str]:
    """Which tasks talk to a cloud before the one task that makes the execution's credential."""
    real = [name for name, task in body.items() if "provider" in task.get("input", {})]
    makers = [name for name, task in body.items() if task["action"] == "wfbreak.credential"]
    if len(makers) != bool(real):
        return [f"{len(makers)} tasks make a credential for {len(real)} that need it"]
    return [
        f"'{name}' does not wait for '{maker}'"
        for maker in makers
        for name in real
        if not before(maker, name)
    ]


def _stop_problems(
    number: int,
    body: Mapping[str, Any],
    plan: Plan,
    tasks: Mapping[Step, str],
    flow: nx.DiGraph[str],
    before: Before[str],
) -> list[str]:
    """How a stop fails to be the safe one: one task pauses and starts all its breakpoints, after
    all of the intervals before it, and before all of its own."""
    stops = [tasks[stop] for stop in plan.stages[number - 1]]
    barriers = {barrier for stop in stops for barrier in flow.predecessors(stop)}
    if len(barriers) != 1 or any(not flow.in_degree(stop) for stop in stops):
        return [f"the breakpoints of stop {number} do not start together"]
    (barrier,) = barriers
    problems = []
    pauses = any(_pauses(clause) for clause in body[barrier].get("on-success", ()))
    if not pauses and plan.mode is not Mode.ABORT:
        problems.append(f"nothing pauses the execution at stop {number}")
    for step, interval in plan.interval.items():
        task = tasks[step]
        if interval < number and task != barrier and not before(task, barrier):
            problems.append(f"'{task}' may be in flight at stop {number}")
        if interval == number and not any(stop == task or before(stop, task) for stop in stops):
            problems.append(f"'{task}' does not wait for stop {number}")
    return problems


def _pauses(clause: Any) -> bool:
    """Whether a clause is the engine's command to pause: ``{"pause msg=…": CONDITION}``."""
    return isinstance(clause, Mapping) and next(iter(clause)).startswith("pause ")
