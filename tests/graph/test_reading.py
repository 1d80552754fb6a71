"""What a picture is read from: the document of a template, before anything runs."""

from __future__ import annotations

from pathlib import Path

import networkx as nx

from graph.pictures import EXAMPLE, example, groups
from wfbreak.graph.model import Kind
from wfbreak.translate import Mode, Request, translate
from wfbreak.translate.preview import preview


def test_the_order_is_the_templates() -> None:
    picture = example()
    plan = translate(Request(str(EXAMPLE / "web.yaml"), (str(EXAMPLE / "env.yaml"),))).plan.order
    wanted = nx.transitive_closure_dag(nx.relabel_nodes(plan, lambda s: getattr(s, "name", s)))
    assert set(nx.transitive_closure_dag(picture.order).edges) == set(wanted.edges)
    assert ("app_net", "router_app") not in picture.edges  # app_subnet is between them


def test_what_stands_before_a_stop_is_what_the_plan_finds_done() -> None:
    for mode in (Mode.NON_STOP, Mode.ALL_STOP):
        breaks = ("web*:post-create", "pool")
        picture = example(*breaks, mode=mode)
        request = Request(
            str(EXAMPLE / "web.yaml"), (str(EXAMPLE / "env.yaml"),), breaks=breaks, mode=mode
        )
        stops = preview(translate(request).plan)
        assert len(stops) > 1
        assert [s.number for s in picture.stops] == [s.number for s in stops]
        for stop in stops:
            done = {
                n.id
                for n in picture.nodes.values()
                if n.stage < stop.number and n.kind is not Kind.BREAKPOINT
            }
            assert done == set(stop.done), (mode, stop.number)
            drawn = next(s for s in picture.stops if s.number == stop.number)
            assert set(drawn.breakpoints) == set(stop.held)


def test_in_step_mode_only_what_was_asked_for_is_drawn() -> None:
    picture = example("listener", mode=Mode.STEP)
    stops = [n.id for n in picture.nodes.values() if n.kind is Kind.BREAKPOINT]
    assert sorted(stops) == ["db:pre-create", "listener:pre-create"]
    assert len(picture.stops) == 2
    assert picture.nodes["db"].stage == 1 + (picture.nodes["listener"].stage < 2)


def test_a_breakpoint_has_the_line_that_set_it_and_no_state() -> None:
    stop = example().nodes["db:pre-create"]
    assert stop.armed_by == (f"{EXAMPLE / 'env.yaml'}:7:14",)
    assert stop.source.startswith(f"{EXAMPLE / 'web.yaml'}:")
    assert (stop.state, stop.said) == (None, "breakpoint")


def test_stacks_inside_are_groups(tmp_path: Path) -> None:
    picture = groups(tmp_path, 2, "web/1/server:post-create")
    assert {g.path: g.parent for g in picture.groups.values()} == {
        "web": "",
        "web/0": "web",
        "web/1": "web",
    }
    assert picture.nodes["web/0/port"].group == "web/0"
    assert picture.nodes["web/1/server:post-create"].group == "web/1"
    assert (picture.nodes["web"].group, picture.nodes["web"].kind) == ("web", Kind.STACK)
    assert picture.nodes["net"].group == ""
