"""Whatever keys are pressed and whatever happens meanwhile, the window of ``top`` holds."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from wfbreak.cli.top_view import Key, Sort, View, age, urgent_first
from wfbreak.engine.model import Execution, State
from wfbreak.overview import Entry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATES = (State.PAUSED, State.RUNNING, State.ERROR, State.SUCCESS, State.CANCELLED)


def entry(number: int, state: State, minutes: int = 0, info: str | None = None) -> Entry:
    at = NOW - timedelta(minutes=minutes)
    name = f"stack{number}"
    return Entry(
        Execution(f"{number:08d}-aaaa", name, "", "w", "", state, info, at, at, ("wfbreak",))
    )


def screen(view: View, width: int, height: int) -> list[str]:
    stream = io.StringIO()
    console = Console(file=stream, width=width, markup=False, highlight=False)
    console.print(view.draw(width, height, NOW), end="")
    return stream.getvalue().splitlines()


def chosen(lines: list[str]) -> str | None:
    return next((line.split()[1] for line in lines if line.startswith("▸ ")), None)


entries = st.dictionaries(
    st.integers(0, 40), st.tuples(st.sampled_from(STATES), st.integers(0, 5000)), max_size=40
).map(lambda found: [entry(n, state, minutes) for n, (state, minutes) in found.items()])
keys = st.one_of(st.sampled_from(Key), st.sampled_from("jkgGs/ 1"))


@settings(deadline=None)
@given(
    st.lists(st.one_of(entries, keys), max_size=30),
    st.sampled_from([30, 80, 200]),
    st.integers(9, 40),
)
def test_the_window_holds(steps: list[Any], width: int, height: int) -> None:
    view = View()
    for step in steps:
        view.take(step) if isinstance(step, list) else view.press(step)
        lines = screen(view, width, height)
        assert len(lines) <= height
        if view.opened is None:
            assert len(lines) == height
            # If there are rows, one of them is chosen, and on the screen.
            assert (chosen(lines) is None) == (not view.visible)


def test_what_is_chosen_stays_chosen_wherever_it_goes() -> None:
    view = View()
    view.take([entry(1, State.PAUSED, 9), entry(2, State.PAUSED, 5), entry(3, State.RUNNING)])
    screen(view, 80, 24)
    view.press("j")
    assert chosen(screen(view, 80, 24)) == "stack2"
    view.take([entry(1, State.PAUSED, 9), entry(2, State.SUCCESS), entry(3, State.RUNNING)])
    lines = screen(view, 80, 24)
    assert chosen(lines) == "stack2"
    assert [line.split()[-3][:6] for line in lines[3:6]]
    view.take([entry(1, State.PAUSED, 9), entry(3, State.RUNNING)])
    assert chosen(screen(view, 80, 24)) is not None


def test_only_what_is_on_the_screen_is_asked_for() -> None:
    view = View()
    view.take(entry(n, State.RUNNING, n) for n in range(300))
    screen(view, 80, 24)
    assert len(view.visible) == 17
    view.press("G")
    screen(view, 80, 24)
    assert "00000299-aaaa" in view.visible
    assert len(view.visible) == 17
    view.press(Key.ENTER)
    assert view.visible == [view.opened] == ["00000299-aaaa"]


def test_what_waits_longest_is_first() -> None:
    found = urgent_first(
        [
            entry(1, State.SUCCESS, 1),
            entry(2, State.RUNNING, 2),
            entry(3, State.PAUSED, 3),
            entry(4, State.ERROR, 4),
            entry(5, State.PAUSED, 5),
            entry(6, State.SUCCESS, 0),
        ]
    )
    assert [e.execution.workflow_name[-1] for e in found] == ["5", "3", "4", "2", "6", "1"]


def test_every_order_has_all() -> None:
    view = View()
    view.take(entry(n, STATES[n % 5], n) for n in range(9))
    for sort in Sort:
        lines = screen(view, 80, 24)
        assert f"by {sort.value}" in lines[1]
        assert len({line.split()[-3] for line in lines[3:12]}) > 1
        view.press("s")
    assert "by what waits first" in screen(view, 80, 24)[1]


def test_what_others_write_moves_no_cursor() -> None:
    view = View()
    view.take([entry(1, State.PAUSED, 1, "gone\x1b[2J\x07\nsecond line")])
    text = "\n".join(screen(view, 200, 24))
    assert "gone [2J" in text
    assert "\x1b" not in text
    assert "second line" not in text


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "1 h"), (90000, "1 d"), (864000, "10 d")],
)
def test_ages(seconds: int, said: str) -> None:
    assert age(NOW - timedelta(seconds=seconds), NOW) == said
