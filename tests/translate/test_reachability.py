"""Which nodes come before which: as networkx says it, whatever the size of a block."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfbreak.translate import reachability
from wfbreak.translate.reachability import needed_edges, unconnected


@st.composite
def graphs(draw: st.DrawFn) -> nx.DiGraph[int]:
    """Acyclic graphs whose nodes stand in any order."""
    nodes = draw(st.permutations(range(draw(st.integers(0, 12)))))
    pairs = [(a, b) for a in nodes for b in nodes if a < b]
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(draw(st.lists(st.sampled_from(pairs))) if pairs else ())
    return graph


@pytest.fixture(params=[1, 3, 4096], scope="module", autouse=True)
def block(request: pytest.FixtureRequest) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reachability, "_BLOCK", request.param)
        yield


@given(graphs())
def test_the_edges_that_are_needed(graph: nx.DiGraph[int]) -> None:
    found = list(needed_edges(graph))
    assert set(found) == set(nx.transitive_reduction(graph).edges)
    assert found == [edge for node in graph for edge in graph.in_edges(node) if edge in found]


@given(graphs(), st.data())
def test_what_no_path_connects(graph: nx.DiGraph[int], data: st.DataObject) -> None:
    every = [(a, b) for a in graph for b in graph if a != b]
    pairs = data.draw(st.lists(st.sampled_from(every))) if every else []
    assert unconnected(graph, pairs) == [pair for pair in pairs if not nx.has_path(graph, *pair)]
