"""Pass 4: which resource needs which, as a graph; a circle is shown by the lines that close it.

A resource needs those in its ``depends_on`` and those that ``get_resource`` and ``get_attr`` name
anywhere in its properties and metadata (heat/engine/rsrc_defn.py), and those that its type asks
for. One that exists already (``external_id``) needs nothing.

Stacks inside of resources stand in the same graph. Such a resource is two nodes: its
:class:`Entry`, which waits for all that it needs and comes before all that is inside, and itself,
which comes after.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import networkx as nx

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.translate import type_dependencies
from wfbreak.translate.template import Nested, Resource, Template
from wfbreak.translate.values import ParameterRef, references


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a resource that is a stack begins; for ``batch`` *k* > 0, where its batch *k* is done
    and the next one begins, ``pause`` seconds later."""

    resource: str
    batch: int = 0
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Removal:
    """Where something that exists under a resource's name is taken away: for ``number`` 0 what the
    stack has there now, else one of those that are left over."""

    resource: str
    number: int = 0

    @property
    def is_of_present(self) -> bool:
        return self.number == 0


Node = str | Entry | Removal
"""A resource by its whole name, where a stack inside of one begins, or where one ends."""


@dataclass(frozen=True, slots=True)
class Need:
    """``resource`` needs ``target``, as the template says at ``position``."""

    resource: str
    target: str
    position: Position


def build(template: Template, diagnostics: Diagnostics) -> nx.DiGraph[Node]:
    """The graph of the resources: an edge leads from what is needed to what needs it.

    Nodes stand in the template's order. An edge that a need makes has the ``position`` that made
    it, and whether it is there ``by_type`` only; one that nesting makes has ``inside``.
    """
    graph: nx.DiGraph[Node] = nx.DiGraph()
    _add_level(graph, template)
    _report_cycle(graph, diagnostics)
    return graph


def needs(graph: nx.DiGraph[Node], *, by_type: bool = True) -> dict[str, set[str]]:
    """What each resource needs among those of its own stack, as Heat's ``requires`` says it.

    Without ``by_type``: as the template says, without the edges of types.
    """
    found: dict[str, set[str]] = {name: set() for name in graph if isinstance(name, str)}
    for before, after, data in graph.edges(data=True):
        if "inside" not in data and (by_type or not data["by_type"]):
            assert isinstance(before, str)
            assert not isinstance(after, Removal)
            found[after.resource if isinstance(after, Entry) else after].add(before)
    return found


def _add_level(graph: nx.DiGraph[Node], template: Template) -> None:
    for resource in template.resources.values():
        if resource.nested is not None:
            graph.add_node(Entry(resource.name))
            _add_inside(graph, resource.name, resource.nested)
        graph.add_node(resource.name)
    known: dict[str, list[str]] = {name: [] for name in template.resources}
    for resource in template.resources.values():
        for need in _needs(resource):
            if need.target in template.resources and need.target not in known[resource.name]:
                known[resource.name].append(need.target)
                _add(graph, resource, need, by_type=False)
    neighbours = type_dependencies.Neighbours(template.resources)
    for resource in template.resources.values():
        for target in type_dependencies.needs(resource, neighbours, known[resource.name]):
            if target not in known[resource.name]:
                _add(graph, resource, Need(resource.name, target, resource.position), by_type=True)


def _add_inside(graph: nx.DiGraph[Node], name: str, nested: Nested) -> None:
    _add_level(graph, nested.template)
    entry = Entry(name)
    graph.add_edge(entry, name, inside=True)
    batches = nested.batches or (tuple(nested.template.resources),)
    ends: list[Node] = [*batch_ends(name, nested), name]
    for batch, begin, end in zip(batches, [entry, *ends], ends, strict=False):
        for member in batch:
            graph.add_edge(begin, _first(nested.template.resources[member]), inside=True)
            graph.add_edge(member, end, inside=True)


def batch_ends(name: str, nested: Nested) -> list[Entry]:
    """Where each batch of a group's members but the last is done."""
    return [Entry(name, number, nested.pause) for number in range(1, len(nested.batches))]


def _first(resource: Resource) -> Node:
    return resource.name if resource.nested is None else Entry(resource.name)


def _add(graph: nx.DiGraph[Node], resource: Resource, need: Need, *, by_type: bool) -> None:
    graph.add_edge(need.target, _first(resource), position=need.position, by_type=by_type)


def _needs(resource: Resource) -> Iterator[Need]:
    if resource.external_id is not None:
        return
    for dependency in resource.depends_on:
        yield Need(resource.name, dependency.resource, dependency.position)
    for value in (resource.properties, resource.metadata):
        for reference in references(value):
            if not isinstance(reference, ParameterRef):
                yield Need(resource.name, reference.resource, reference.position)


def _report_cycle(graph: nx.DiGraph[Node], diagnostics: Diagnostics) -> None:
    if nx.is_directed_acyclic_graph(graph):
        return  # the search for a circle takes much longer to find none
    edges = nx.find_cycle(graph)
    # find_cycle follows the edges, from the needed to the needing; people read it the other way.
    found = []
    for needed, needing in reversed([(edge[0], edge[1]) for edge in edges]):
        data = graph.edges[needed, needing]
        if "inside" not in data:
            name = needing.resource if isinstance(needing, Entry) else needing
            found.append(Need(name, str(needed), data["position"]))
    names = " -> ".join([*(need.resource for need in found), found[0].resource])
    steps = "; ".join(f"{n.resource} needs {n.target} at {n.position}" for n in found)
    diagnostics.add(
        Code.CYCLE, f"resources need each other in a circle: {names}", found[0].position, hint=steps
    )
