"""Pass 4: which resource needs which, as a graph; a circle is shown by the lines that close it.

A resource needs those in its ``depends_on`` and those that ``get_resource`` and ``get_attr`` name
anywhere in its properties and metadata (heat/engine/rsrc_defn.py), and those that its type asks
for. One that exists already (``external_id``) needs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import networkx as nx

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.translate import type_dependencies
from wfbreak.translate.template import Resource, Template
from wfbreak.translate.values import ParameterRef, references


@dataclass(frozen=True, slots=True)
class Need:
    """``resource`` needs ``target``, as the template says at ``position``."""

    resource: str
    target: str
    position: Position


def build(template: Template, diagnostics: Diagnostics) -> nx.DiGraph[str]:
    """The graph of the resources: an edge leads from what is needed to what needs it.

    Nodes stand in the template's order. Each edge has the ``position`` that made it, and whether
    it is there ``by_type`` only.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(template.resources)
    for resource in template.resources.values():
        for need in _needs(resource):
            if need.target in template.resources:
                _add(graph, need, by_type=False)
    neighbours = type_dependencies.Neighbours(template.resources)
    for resource in template.resources.values():
        known = list(graph.predecessors(resource.name))
        for target in type_dependencies.needs(resource, neighbours, known):
            _add(graph, Need(resource.name, target, resource.position), by_type=True)
    _report_cycle(graph, diagnostics)
    return graph


def explicit(graph: nx.DiGraph[str]) -> dict[str, set[str]]:
    """What each resource needs as the template says, without its type's own edges."""
    return {
        name: {n for n in graph.predecessors(name) if not graph.edges[n, name]["by_type"]}
        for name in graph
    }


def _add(graph: nx.DiGraph[str], need: Need, *, by_type: bool) -> None:
    if not graph.has_edge(need.target, need.resource):
        graph.add_edge(need.target, need.resource, position=need.position, by_type=by_type)


def _needs(resource: Resource) -> Iterator[Need]:
    if resource.external_id is not None:
        return
    for dependency in resource.depends_on:
        yield Need(resource.name, dependency.resource, dependency.position)
    for value in (resource.properties, resource.metadata):
        for reference in references(value):
            if not isinstance(reference, ParameterRef):
                yield Need(resource.name, reference.resource, reference.position)


def _report_cycle(graph: nx.DiGraph[str], diagnostics: Diagnostics) -> None:
    try:
        edges = nx.find_cycle(graph)
    except nx.NetworkXNoCycle:
        return
    # find_cycle follows the edges, from the needed to the needing; people read it the other way.
    needs = [
        Need(needing, needed, graph.edges[needed, needing]["position"])
        for needed, needing in reversed([(edge[0], edge[1]) for edge in edges])
    ]
    names = " -> ".join([*(need.resource for need in needs), needs[0].resource])
    steps = "; ".join(f"{n.resource} needs {n.target} at {n.position}" for n in needs)
    diagnostics.add(
        Code.CYCLE, f"resources need each other in a circle: {names}", needs[0].position, hint=steps
    )
