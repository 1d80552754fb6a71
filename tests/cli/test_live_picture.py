"""What a person sees who follows a stack: the picture on a terminal, and lines anywhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.process import EngineProcess
from graph.pictures import GROUPS, MEMBER

from cli.command import PASSWORD, wfbreak
from cli.screen import Terminal
from wfbreak.graph.model import TIMES

pytestmark = pytest.mark.engine

WEB = ("web.yaml", "-e", "env.yaml", "-P", f"db_password={PASSWORD}")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with EngineProcess(tmp_path_factory.mktemp("live") / "state") as engine:
        yield engine.state


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One with a template of 300 resources."""
    (tmp_path / "member.yaml").write_text(MEMBER)
    (tmp_path / "groups.yaml").write_text(GROUPS.replace("COUNT", "99"))
    return tmp_path


def is_whole(terminal: Terminal) -> None:
    """The picture is on the screen once, from its head to its end, and nowhere above it."""
    heads = [n for n, line in enumerate(terminal.lines) if line.startswith("stack ")]
    assert len(heads) == 1, terminal.text
    assert not [line for line in terminal.history if line.startswith(("stack ", "done ", "⋮"))]


def test_a_stop_is_on_the_screen(state: Path) -> None:
    with Terminal("run", *WEB, "--name", "seen", "--state", state, lines=40) as terminal:
        assert terminal.end() == 5
        is_whole(terminal)
        text = terminal.text
        assert "14 of 20 done, 6 blocked" in text
        assert "stands at db:pre-create" in text
        assert "── stop 1 (stopped)" in text
        assert re.search(r"^stopped +db:pre-create +breakpoint +set by env.yaml:7:14$", text, re.M)
        assert re.search(r"^blocked +db +Nova::Server", text, re.M)
        assert "go on with: wfbreak resume" in text
        assert PASSWORD not in terminal.raw.decode()


def test_each_command_that_follows_draws(state: Path) -> None:
    name = ("--name", "each", "--state", state)
    assert wfbreak("run", *WEB, *name, "--break", "member1:post-create").status == 5
    with Terminal("wait", "each", "--state", state, lines=40) as terminal:
        assert terminal.end() == 5
        is_whole(terminal)
        assert "stands at db:pre-create" in terminal.text
    with Terminal("resume", "each", "--state", state, lines=40) as terminal:
        assert terminal.end() == 5
        is_whole(terminal)
        assert "stands at member1:post-create" in terminal.text
    with Terminal("resume", "each", "--state", state, lines=40) as terminal:
        assert terminal.end() == 0
        is_whole(terminal)
        assert "20 of 20 done" in terminal.text
        assert re.search(r"^output +database ", terminal.text, re.M)
    with Terminal("delete", "each", "--state", state, lines=40) as terminal:
        assert terminal.end() == 0
        is_whole(terminal)
        assert "20 of 20 done" in terminal.text


def test_why_something_has_failed_is_said(state: Path) -> None:
    fails = ("--rehearse", "app_net:fail=no network is left in the pool")
    with Terminal("run", *WEB, "--name", "fails", *fails, "--state", state) as terminal:
        assert terminal.end() == 4
        is_whole(terminal)
        assert "no network is left" in " ".join(terminal.text.split())
        assert terminal.text.count("failed: app_net, OS::Neutron::Net (web.yaml:38:3)") == 2
        assert re.search(r"^failed +app_net +Neutron::Net", terminal.text, re.M)


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (40, 12), (132, 50)])
def test_three_hundred_resources_fit_any_screen(
    state: Path, folder: Path, columns: int, lines: int
) -> None:
    name = f"fit{columns}"
    arguments = ("groups.yaml", "--name", name, "--break", "web/3/server", "--state", state)
    size = {"columns": columns, "lines": lines}
    with Terminal("run", *arguments, cwd=folder, **size) as terminal:  # type: ignore[arg-type]
        assert terminal.end() == 5
        is_whole(terminal)
        assert "296 of 300 done"[: columns - 14] in terminal.text
        assert "stands at web/3/server:pre-create" in terminal.text
        assert ("296 done" if lines < 24 else f"web/*/port {TIMES}99") in terminal.text


def test_the_window_changes_its_size(state: Path, folder: Path) -> None:
    slow = ("--rehearse", "web/3/server:seconds=3600", "--state", state)
    arguments = ("groups.yaml", "--name", "resized", *slow)
    with Terminal("run", *arguments, cwd=folder, columns=132, lines=50) as terminal:
        terminal.until("296 of 300 done, 1 running, 3 waiting")
        is_whole(terminal)
        for columns, lines in ((60, 12), (100, 30)):
            terminal.resize(columns, lines)
            terminal.until(
                lambda text: (
                    text.startswith("stack resized")
                    and re.search(r"^running +web/3/server", text, re.M) is not None
                )
            )
            is_whole(terminal)
        terminal.interrupt()
        assert terminal.end() == 130
        assert "the stack is in the engine: wfbreak wait" in terminal.text
    assert wfbreak("cancel", "resized", "--state", state).status == 0


def test_colours_only_where_they_are_wanted(state: Path) -> None:
    arguments = ("wait", "coloured", "--state", state)
    assert wfbreak("run", *WEB, "--name", "coloured", "--state", state).status == 5
    with Terminal(*arguments) as terminal:
        assert terminal.end() == 5
        assert {"green", "brown"} <= terminal.colours
    with Terminal(*arguments, NO_COLOR="1") as terminal:
        assert terminal.end() == 5
        assert terminal.colours == {"default"}
        assert "stands at db:pre-create" in terminal.text


def test_lines_alone_where_nothing_can_be_drawn_over(state: Path) -> None:
    assert wfbreak("run", *WEB, "--name", "plain", "--state", state).status == 5
    arguments = ("wait", "plain", "--state", state)
    piped = wfbreak(*arguments)
    assert piped.status == 5
    assert re.search(r"^stack plain  execution \S+  PAUSED  14 done, 6 blocked$", piped.out, re.M)
    assert "stands at" not in piped.out + piped.err
    assert piped.err.startswith("go on with: wfbreak resume ")
    with Terminal(*arguments, TERM="dumb", lines=50) as terminal:
        assert terminal.end() == 5
        assert b"\x1b" not in terminal.raw
        said = "".join(terminal.text.split())
        assert said.startswith("stackplainexecution")
        assert "stands at" not in terminal.text
        assert terminal.text.count("blocked  ") == piped.out.count("blocked  ") == 6
    with Terminal("--quiet", *arguments, lines=50) as terminal:
        assert terminal.end() == 5
        assert "stands at" not in terminal.text
        assert "go on with" in terminal.text


def test_what_is_for_a_program_is_not_drawn(state: Path) -> None:
    assert wfbreak("run", *WEB, "--name", "program", "--state", state).status == 5
    with Terminal("wait", "program", "-f", "value", "-c", "state", "--state", state) as terminal:
        assert terminal.end() == 5
        assert terminal.lines[0] == "PAUSED"
        assert "stands at" not in terminal.text
