"""A picture has as many lines as there is room for, and what somebody has to look at is in them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from graph.pictures import any_picture, example, groups
from wfbreak.graph import terminal
from wfbreak.graph.collapsing import Collapse
from wfbreak.graph.fitting import Fitted, fit
from wfbreak.graph.model import TIMES, Kind, Picture


def printed(fitted: Fitted, width: int) -> list[str]:
    stream = io.StringIO()
    table = terminal.table(fitted.lines, is_folded=False)
    Console(file=stream, width=width, markup=False, highlight=False).print(table)
    return stream.getvalue().splitlines()


def counted(picture: Picture, fitted: Fitted) -> int:
    return sum(sum(line.counts.values()) for line in fitted.lines)


def test_where_there_is_room_nothing_is_put_together() -> None:
    picture = example()
    fitted = fit(picture, 40)
    assert (fitted.how, fitted.is_whole) == (Collapse.NONE, True)
    assert len(fitted.lines) == len(picture.nodes) + len(picture.stops)


def test_as_little_as_is_needed_is_put_together(tmp_path: Path) -> None:
    picture = groups(tmp_path, 100, "web/50/server")
    fitted = fit(picture, 16)
    assert (fitted.how, fitted.is_whole) == (Collapse.NAMES, False)
    text = "\n".join(printed(fitted, 100))
    assert f"web/*/port {TIMES}100" in text
    assert "web/50/server:pre-create" in text


def test_what_is_too_long_is_cut_around_what_stands() -> None:
    picture = example("*", "*:post-create")
    fitted = fit(picture, 10)
    assert len(fitted.lines) <= 10
    text = "\n".join(printed(fitted, 100))
    assert "stops" in text
    assert "to do" in text


def test_once_collapsed_it_stays_so() -> None:
    assert fit(example(), 100, Collapse.TYPES).how is Collapse.TYPES


@settings(deadline=None)
@given(any_picture(), st.integers(1, 30), st.sampled_from([20, 40, 80, 200]))
def test_any_picture_fits(picture: Picture, room: int, width: int) -> None:
    fitted = fit(picture, room)
    lines = printed(fitted, width)
    assert len(lines) == len(fitted.lines) <= room
    resources = sum(n.kind is not Kind.BREAKPOINT for n in picture.nodes.values())
    # Each resource is on one line, or counted on one.
    assert counted(picture, fitted) == resources


@settings(deadline=None)
@given(any_picture(), st.integers(5, 30))
def test_what_has_failed_or_stands_is_there(picture: Picture, room: int) -> None:
    alarms = {"failed", "stopped", "held"}
    wanted = {node.said for node in picture.nodes.values()} & alarms
    shown = {state for line in fit(picture, room).lines for state in line.states}
    assert not wanted or shown & alarms


@pytest.mark.parametrize("room", [0, -3])
def test_where_there_is_no_room_one_line_counts_all(room: int) -> None:
    (line,) = fit(example(), room).lines
    assert sum(line.counts.values()) == 20
