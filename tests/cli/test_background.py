"""An engine in the background: found by later commands, ended by one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.process import EngineProcess

from .command import run_example, wfbreak

pytestmark = pytest.mark.engine


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "state"
    yield folder
    wfbreak("engine", "--stop", "--state", folder)


def test_it_stays_for_later_commands_until_it_is_told_to_end(state: Path) -> None:
    begun = wfbreak("engine", "--background", "--state", state)
    assert (begun.status, begun.err) == (0, "")
    told = json.loads((state / "engine.json").read_text())
    assert told["url"] in begun.out
    assert run_example(state).status == 5
    again = wfbreak("engine", "--background", "--state", state)
    assert (again.status, again.out) == (0, begun.out)
    assert json.loads((state / "engine.json").read_text()) == told
    ended = wfbreak("engine", "--stop", "--state", state)
    assert (ended.status, ended.out) == (0, "ended\n")
    assert not (state / "engine.json").exists()
    assert "no engine" in wfbreak("engine", "--stop", "--state", state).out
    # What it did is there for the next one.
    assert "PAUSED" in wfbreak("list", "--state", state).out


def test_why_it_does_not_come_up_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    answer = wfbreak("engine", "--background", "--state", tmp_path / "state")
    assert answer.status == 6
    assert "cannot be used" in answer.err


def test_a_port_that_is_taken(state: Path, tmp_path: Path) -> None:
    with EngineProcess(tmp_path / "other") as other:
        port = other.client.url.rpartition(":")[2].partition("/")[0]
        answer = wfbreak("engine", "--background", "--port", port, "--state", state)
    assert answer.status == 6
    assert "cannot listen" in answer.err


def test_what_runs_in_the_background_keeps_its_files_to_its_user(state: Path) -> None:
    wfbreak("engine", "--background", "--state", state)
    assert {path.stat().st_mode & 0o077 for path in state.iterdir()} == {0}
