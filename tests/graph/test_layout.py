"""Boxes stand apart, frames hold what is theirs, and everything goes forward."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.pictures import any_picture, example, groups
from wfbreak.graph.collapsing import collapse
from wfbreak.graph.layout import Box, Direction, Layout, lay_out
from wfbreak.graph.model import Group, Picture
from wfbreak.translate import Mode


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def holds(frame: Box, box: Box) -> bool:
    return (
        frame.x < box.x
        and frame.y < box.y
        and box.x + box.width < frame.x + frame.width
        and box.y + box.height < frame.y + frame.height
    )


def around(picture: Picture, group: str) -> list[str]:
    found = []
    while group:
        found.append(group)
        group = picture.groups[group].parent
    return found


def check(picture: Picture, layout: Layout) -> None:
    assert set(layout.boxes) == set(picture.nodes)
    page = Box("", 0, 0, layout.width, layout.height)
    for box in (*layout.boxes.values(), *layout.frames):
        assert holds(page, box)
    for one, other in itertools.combinations(layout.boxes.values(), 2):
        assert not overlap(one, other), (one, other)
    frames = {frame.id: frame for frame in layout.frames}
    for name, box in layout.boxes.items():
        own = around(picture, picture.nodes[name].group)
        for path, frame in frames.items():
            if path in own:
                assert holds(frame, box), (path, name)
            else:
                assert not overlap(frame, box), (path, name)
    for one, other in itertools.combinations(layout.frames, 2):
        parents: dict[str, Group] = picture.groups
        nested = one.id in around(picture, parents[other.id].path) or other.id in around(
            picture, parents[one.id].path
        )
        assert nested or not overlap(one, other)
    goes_right = layout.direction is Direction.RIGHT
    for line in layout.lines:
        along = [point[0 if goes_right else 1] for point in line.points]
        assert along == sorted(along)
        assert along[0] < along[-1]
    for name, box in layout.boxes.items():
        for number, stop in layout.stops.items():
            start, end = (
                (stop.x, stop.x + stop.width) if goes_right else (stop.y, stop.y + stop.height)
            )
            place = box.x if goes_right else box.y
            assert (place > start) == (picture.nodes[name].stage >= number)
            stops = next(s for s in picture.stops if s.number == number).breakpoints
            assert (start < place < end) == (name in stops)


@settings(deadline=None)
@given(any_picture(), st.sampled_from(Direction))
def test_any_picture(picture: Picture, direction: Direction) -> None:
    check(picture, lay_out(picture, direction))


@pytest.mark.parametrize("direction", [None, *Direction])
def test_real_ones(tmp_path: Path, direction: Direction | None) -> None:
    picture = example("web*:post-create")
    check(picture, lay_out(picture, direction))
    many = collapse(groups(tmp_path, 150, "web/7/server"))
    layout = lay_out(many, direction)
    check(many, layout)
    # 300 resources take no more room than a screen or two.
    assert layout.pages < 3


def test_no_line_crosses_where_none_has_to() -> None:
    import networkx as nx

    from wfbreak.graph.model import Kind, Node

    order: nx.DiGraph[str] = nx.DiGraph()
    order.add_nodes_from(["x0", "x1", "x2"])
    order.add_edges_from([("x0", "y0"), ("x2", "y0"), ("x1", "y1")])
    nodes = {name: Node(name, name, Kind.RESOURCE, "T", 0) for name in order}
    layout = lay_out(Picture("s", "non-stop", nodes, order, {}, ()), Direction.RIGHT)
    for one, other in itertools.combinations(layout.lines, 2):
        (_, start), (_, end) = one.points
        (_, other_start), (_, other_end) = other.points
        assert (start - other_start) * (end - other_end) >= 0, (one, other)


def test_what_waits_for_a_stop_stands_behind_it() -> None:
    picture = example("web1", mode=Mode.ALL_STOP)
    assert any(not picture.order.in_degree(n) and picture.nodes[n].stage for n in picture.nodes)
    check(picture, lay_out(picture))


def test_nothing_is_drawn_of_nothing() -> None:
    import networkx as nx

    layout = lay_out(Picture("s", "non-stop", {}, nx.DiGraph(), {}, ()))
    assert (layout.boxes, layout.lines) == ({}, ())
