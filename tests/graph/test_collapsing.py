"""What is the same is drawn once, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.pictures import any_picture, example, groups
from wfbreak.graph.collapsing import READABLE, Collapse, collapse
from wfbreak.graph.model import Kind, Picture


@settings(deadline=None)
@given(any_picture(), st.sampled_from(Collapse))
def test_it_is_the_same_graph(whole: Picture, how: Collapse) -> None:
    small = collapse(whole, how)
    assert nx.is_directed_acyclic_graph(small.order)
    assert set(small.order) == set(small.nodes)
    drawn = [each.id for node in small.nodes.values() for each in node.walk()]
    assert sorted(drawn) == sorted(whole.nodes)
    for before, after in whole.edges:
        one, other = small.home(before), small.home(after)
        assert one == other or nx.has_path(small.order, one, other)
    for before, after in small.edges:
        members = {each.id for each in small.nodes[before].walk()}
        later = {each.id for each in small.nodes[after].walk()}
        assert any((a, b) in whole.order.edges for a in members for b in later)
    assert small.counts == whole.counts
    assert {b for stop in small.stops for b in stop.breakpoints} == {
        n.id for n in small.nodes.values() if n.kind is Kind.BREAKPOINT
    }


@settings(deadline=None)
@given(any_picture(), st.sampled_from(Collapse))
def test_states_are_not_mixed(whole: Picture, how: Collapse) -> None:
    for node in collapse(whole, how).nodes.values():
        assert {(each.kind, each.state, each.stage) for each in node.walk()} == {
            (node.kind, node.state, node.stage)
        }


def test_a_small_one_is_drawn_as_it_is() -> None:
    picture = example()
    assert collapse(picture) is picture


def test_a_group_of_many_is_drawn_as_one(tmp_path: Path) -> None:
    small = collapse(groups(tmp_path, 100, "web/7/server"))
    assert len(small.nodes) < READABLE
    titles = {node.title for node in small.nodes.values()}
    times = "\N{MULTIPLICATION SIGN}"
    assert {f"web/*/port {times}100", f"web/*/server {times}99", "web/7/server"} <= titles
    assert small.groups["web/*"].count == 100
    assert small.home("web/31/port") == small.home("web/99/port") != small.home("net")


@pytest.mark.parametrize(("how", "count"), [(Collapse.NAMES, 1), (Collapse.TYPES, 1)])
def test_one_can_ask_for_it(tmp_path: Path, how: Collapse, count: int) -> None:
    small = collapse(groups(tmp_path, 3), how)
    servers = [n for n in small.nodes.values() if n.type == "OS::Nova::Server"]
    assert [n.count for n in servers] == [3]


def test_a_long_chain_is_drawn_as_one() -> None:
    from wfbreak.graph.model import Node

    order: nx.DiGraph[str] = nx.path_graph(100, create_using=nx.DiGraph)
    order = nx.relabel_nodes(order, str)
    nodes = {n: Node(n, f"r{chr(97 + int(n) % 26)}", Kind.RESOURCE, "T", 0) for n in order}
    small = collapse(Picture("s", "non-stop", nodes, order, {}, ()))
    assert [node.count for node in small.nodes.values()] == [100]
