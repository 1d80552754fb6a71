"""What was run twice has one result."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from wfbreak.engine import once


def action(at: int, state: str, accepted: bool = False, is_sync: bool = True) -> Any:
    return SimpleNamespace(created_at=at, state=state, accepted=accepted, is_sync=is_sync)


def kept(*actions: Any) -> tuple[list[bool], list[str]]:
    once.keep_one(reversed(actions))
    return [each.accepted for each in actions], [each.state for each in actions]


def test_the_first_that_ended_well_counts() -> None:
    assert kept(action(1, "ERROR"), action(2, "SUCCESS", True), action(3, "SUCCESS", True)) == (
        [False, True, False],
        ["ERROR", "SUCCESS", "SUCCESS"],
    )
    assert kept(action(1, "ERROR", True), action(2, "SUCCESS", True))[0] == [False, True]


def test_of_failures_the_last_counts() -> None:
    assert kept(action(1, "ERROR", True), action(2, "ERROR", True))[0] == [False, True]


def test_what_still_runs_is_heard_no_more() -> None:
    assert kept(action(1, "RUNNING"), action(2, "SUCCESS", True)) == (
        [False, True],
        ["CANCELLED", "SUCCESS"],
    )
    assert kept(action(1, "RUNNING"), action(2, "ERROR", True))[1] == ["CANCELLED", "ERROR"]


def test_a_breakpoint_that_is_held_stays() -> None:
    assert kept(action(1, "RUNNING", is_sync=False), action(2, "SUCCESS", True))[1][0] == "RUNNING"


def test_one_is_left_as_it_is() -> None:
    assert kept(action(1, "SUCCESS", True)) == ([True], ["SUCCESS"])
    assert kept() == ([], [])
