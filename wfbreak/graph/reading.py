"""The picture of a stack, read from a workflow's document and what the engine tells of it.

The document says of every task which resource it is, from which line, and what it needs; the
on-clauses say which stops come before it. So a template that has been translated and an execution
that somebody else has started are read in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import networkx as nx

from wfbreak.course import stages_of
from wfbreak.engine.model import Execution, State, Workflow
from wfbreak.graph.model import Group, Kind, Node, Picture, Stop
from wfbreak.status import (
    BreakpointState,
    BreakpointStatus,
    ResourceStatus,
    StackStatus,
    build,
    document,
    order,
)
from wfbreak.translate import Translation
from wfbreak.translate.reachability import needed_edges

_NESTED = "wfbreak.nested"


def of_translation(translation: Translation) -> Picture:
    """The picture of what would be run."""
    workflow = Workflow("", translation.name, "", translation.text(), _tags(translation))
    never = datetime.fromtimestamp(0, UTC)
    execution = Execution(
        *("", translation.name, "", "", "", State.IDLE, None, never, None),
    )
    return of_stack(build(execution, workflow, {}), workflow)


def of_stack(status: StackStatus, workflow: Workflow) -> Picture:
    """The picture of an execution, with how far everything in it is."""
    body = document(workflow)["tasks"]
    has_begun = bool(status.execution.id)
    breakpoints = {b.name: b for b in status.breakpoints if _is_shown(b)}
    resources = {r.task: r for r in status.resources}
    stages = stages_of(body)
    numbers = sorted({stages[name] for name in breakpoints})
    rank = _ranks(numbers, max(stages.values(), default=0))
    paths = {
        str(task["input"]["resource"]): task["input"]
        for task in body.values()
        if task.get("action") == _NESTED
    }
    nodes: dict[str, Node] = {}
    for name in body:
        if name in breakpoints:
            node = _stop_node(breakpoints[name], rank[stages[name]], paths, has_begun)
        elif name in resources:
            is_stack = body[name]["action"] == _NESTED
            node = _resource_node(resources[name], rank[stages[name]], paths, is_stack, has_begun)
        else:
            continue
        nodes[name] = node
    execution = status.execution
    return Picture(
        status.name,
        status.mode.value,
        nodes,
        _drawn_order(order(body), nodes),
        {path: _group(path, said, paths) for path, said in paths.items()},
        tuple(
            Stop(rank[number], tuple(n for n in breakpoints if stages[n] == number))
            for number in numbers
        ),
        execution.id,
        execution.state.value if has_begun else "",
        (execution.state_info or "").split("\nTraceback", 1)[0].strip() if has_begun else "",
    )


def _ranks(numbers: list[int], last: int) -> dict[int, int]:
    """The number among the stops that are drawn, of each stop of the document."""
    found = {}
    rank = 0
    for number in range(last + 1):
        rank += number in numbers
        found[number] = rank
    return found


def _is_shown(stop: BreakpointStatus) -> bool:
    """In step mode a stop can be made at every resource; most of them only pass."""
    return stop.is_armed or bool(stop.armed_by) or stop.state is BreakpointState.STOPPED


def _stop_node(
    stop: BreakpointStatus, stage: int, paths: Mapping[str, Any], has_begun: bool
) -> Node:
    return Node(
        stop.name,
        f"{stop.resource}:{stop.hook}",
        Kind.BREAKPOINT,
        "breakpoint",
        stage,
        stop.state if has_begun else None,
        stop.source,
        _around(stop.resource, paths),
        stop.armed_by,
        stop.is_armed,
        stop.message,
        stop.condition,
    )


def _resource_node(
    resource: ResourceStatus,
    stage: int,
    paths: Mapping[str, Any],
    is_stack: bool,
    has_begun: bool,
) -> Node:
    kind = Kind.STACK if is_stack else Kind.RESOURCE
    if resource.action == "delete":
        kind = Kind.REMOVAL
    return Node(
        resource.task,
        resource.name if kind is not Kind.REMOVAL else f"{resource.name} (delete)",
        kind,
        resource.type,
        stage,
        resource.state if has_begun else None,
        resource.source,
        resource.name if is_stack else _around(resource.name, paths),
    )


def _around(name: str, paths: Mapping[str, Any]) -> str:
    """The path of the nearest stack around a resource."""
    while name:
        name = name.rpartition("/")[0]
        if name in paths:
            return name
    return ""


def _group(path: str, said: Mapping[str, Any], paths: Mapping[str, Any]) -> Group:
    return Group(path, path, str(said["type"]), _around(path, paths), str(said.get("source", "")))


def _drawn_order(whole: nx.DiGraph[str], nodes: Mapping[str, Node]) -> nx.DiGraph[str]:
    """The order of what is drawn: a path through what is not is an edge, and an edge for which a
    longer path stands is none."""
    kept = whole.copy()
    for name in [each for each in kept if each not in nodes]:
        before, after = list(kept.predecessors(name)), list(kept.successors(name))
        kept.remove_node(name)
        kept.add_edges_from((b, a) for b in before for a in after)
    found: nx.DiGraph[str] = nx.DiGraph()
    found.add_nodes_from(nodes)
    found.add_edges_from(needed_edges(kept))
    return found


def _tags(translation: Translation) -> tuple[str, ...]:
    return tuple(translation.document[translation.name]["tags"])
