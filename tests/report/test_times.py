"""Pauses are told as they were; on the axis they take little of the width."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfbreak.audit import Event
from wfbreak.report.times import Pause, _Axis, iso, length, pauses

START = datetime(2026, 1, 31, 23, 59, 58, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def event(seconds: float, what: str, *names: str, who: str = "", why: str = "") -> Event:
    return Event(iso(at(seconds)), what, who, why, names)


def test_from_a_stop_to_what_ends_it() -> None:
    trail = [
        event(0, "run", who="ann"),
        event(5, "stopped", "a:pre-create", "b:pre-create"),
        event(6, "break", who="bob"),
        event(7, "signal", who="bob"),
        event(3600, "resume", "a:pre-create", who="bob", why="looks fine"),
        event(3700, "stopped", "b:pre-create"),
        event(3800, "resume", "b:pre-create", who="(another client)"),
        event(3900, "error"),
    ]
    assert pauses(trail) == [
        Pause(at(5), at(3600), ("a:pre-create", "b:pre-create"), "resume", "bob", "looks fine"),
        Pause(at(3700), at(3800), ("b:pre-create",), "resume", "(another client)", ""),
        Pause(at(3900), None, ()),
    ]


def test_one_that_lasts() -> None:
    assert pauses([event(0, "run"), event(5, "stopped", "a:pre-create")]) == [
        Pause(at(5), None, ("a:pre-create",))
    ]
    assert pauses([event(0, "run"), event(5, "success")]) == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "less than 1 s"),
        (59, "59 s"),
        (61, "1 min 1 s"),
        (7200, "2 h"),
        (7265, "2 h 1 min"),
        (400_000, "4 d 15 h"),
    ],
)
def test_how_long(seconds: float, said: str) -> None:
    assert length(at(0), at(seconds)) == said


def test_times_are_utc() -> None:
    east = START.astimezone(datetime.strptime("+0530", "%z").tzinfo)
    assert iso(east) == "2026-01-31T23:59:58Z"


@given(
    st.lists(st.tuples(st.floats(0.5, 100), st.floats(0, 1e7)), min_size=1, max_size=6),
    st.lists(st.floats(0, 1), min_size=2, max_size=10),
)
def test_the_axis_keeps_the_order(spans: list[tuple[float, float]], parts: list[float]) -> None:
    listed = []
    now = 0.0
    for running, paused in spans:
        listed.append(Pause(at(now + running), at(now + running + paused), ()))
        now += running + paused
    end = now + 1
    axis = _Axis(at(0), at(end), listed)
    moments = sorted(part * end for part in parts)
    places = [axis.place(at(moment)) for moment in moments]
    assert places == pytest.approx(sorted(places), abs=1e-3)
    assert axis.place(at(0)) == 0
    assert axis.place(at(end)) == pytest.approx(100)
    for pause in listed:
        assert axis.place(pause.end or START) - axis.place(pause.start) < 19


def test_without_pauses_it_is_a_ruler() -> None:
    axis = _Axis(at(0), at(10), [])
    assert [axis.place(at(n)) for n in (0, 5, 10)] == [0, 50, 100]
