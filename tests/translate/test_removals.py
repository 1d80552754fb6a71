"""In which order things go: last made first, and never in a circle."""

from __future__ import annotations

import itertools

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from wfbreak.existing import Existing, Stock
from wfbreak.translate import removals
from wfbreak.translate.dependencies import Node, Removal


def existing(name: str, *needs: str, retained: bool = False) -> Existing:
    policy = "Retain" if retained else None
    return Existing(name, "T", "e", needs=needs, deletion_policy=policy, physical_id=name)


def graph_of(*names: str) -> nx.DiGraph[Node]:
    graph: nx.DiGraph[Node] = nx.DiGraph()
    graph.add_nodes_from(names)
    return graph


def stock(*resources: Existing, leftovers: tuple[Existing, ...] = ()) -> Stock:
    return Stock({each.resource: each for each in resources}, leftovers)


def test_the_last_goes_first_through_what_stays() -> None:
    graph = graph_of()
    kept = existing("b", "a", retained=True)
    going = removals.add(graph, stock(existing("a"), kept, existing("c", "b")))
    assert set(going) == {Removal("a"), Removal("c")}
    assert set(graph.edges) == {(Removal("c"), Removal("a"))}


def test_what_is_replaced_goes_after_its_successor_and_after_whatever_reads_it() -> None:
    graph = graph_of("a", "b")
    graph.add_edge("a", "b")
    removals.add(graph, stock(existing("a"), existing("b", "a")))
    assert nx.has_path(graph, "a", Removal("a"))
    assert nx.has_path(graph, "b", Removal("a"))


def test_what_is_left_over_goes_after_what_was_made_of_it() -> None:
    graph = graph_of("b")
    going = removals.add(graph, stock(existing("b", "a"), leftovers=(existing("a"),)))
    assert Removal("a", 1) in going
    assert nx.has_path(graph, "b", Removal("a", 1))


NAMES = st.sampled_from("abcd")


@given(
    st.lists(NAMES, unique=True),
    st.dictionaries(NAMES, st.tuples(st.lists(NAMES, max_size=2), st.booleans())),
    st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=2))),
)
def test_there_is_no_circle(
    new: list[str],
    old: dict[str, tuple[list[str], bool]],
    left: list[tuple[str, list[str]]],
) -> None:
    order = sorted(old)
    resources = [
        # What was made together had no circle.
        existing(name, *(n for n in needs if n in order[: order.index(name)]), retained=retained)
        for name, (needs, retained) in old.items()
    ]
    leftovers = tuple(existing(name, *needs) for name, needs in left)
    graph = graph_of(*new)
    graph.add_edges_from(itertools.pairwise(new))
    going = removals.add(graph, stock(*resources, leftovers=leftovers))
    assert nx.is_directed_acyclic_graph(graph)
    assert len(going) == sum(not r.is_kept for r in resources) + len(leftovers)
    for name in set(new) & {removal.resource for removal in going if removal.is_of_present}:
        assert graph.has_edge(name, Removal(name))
