"""``wfbreak top``: all executions of an engine on a terminal, with its keys, and as a table."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.process import EngineProcess

from cli.command import EXAMPLE, PASSWORD, environment, wfbreak
from cli.screen import Terminal

pytestmark = pytest.mark.engine

WEB = ("web.yaml", "-e", "env.yaml", "-P", f"db_password={PASSWORD}")
MESSAGE = "look at the quota first"
FOUND = [
    ("alpha", "PAUSED", 14),
    ("beta", "PAUSED", 7),
    ("gamma", "ERROR", 7),
    ("slow", "RUNNING", 10),
    ("delta", "SUCCESS", 20),
]
"""What there is, in the order in which it wants somebody; with the number of resources done."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    folder = tmp_path_factory.mktemp("top")
    (folder / "quota.yaml").write_text(
        f"breakpoints:\n  - resource: app_net\n    message: {MESSAGE}\n"
    )
    with EngineProcess(folder / "state") as engine:
        state = ("--state", engine.state)
        assert wfbreak("run", *WEB, *state, "--name", "alpha").status == 5
        quota = ("--break-file", folder / "quota.yaml")
        assert wfbreak("run", *WEB, *state, "--name", "beta", *quota).status == 5
        fails = ("--rehearse", "app_net:fail=no network is left")
        assert wfbreak("run", *WEB, *state, "--name", "gamma", *fails).status == 4
        assert wfbreak("run", *WEB, *state, "--name", "delta", "--no-break", "db").status == 0
        slow = ("--name", "slow", "--rehearse", "db_net:seconds=3600")
        following = subprocess.Popen(
            [sys.executable, "-m", "wfbreak", "run", *map(str, (*WEB, *state, *slow))],
            cwd=EXAMPLE,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with Terminal("top", *state, "--interval", "0.3") as terminal:
                terminal.until(lambda text: re.search(r"slow .*RUNNING +10/20", text) is not None)
            yield engine
        finally:
            following.kill()
            following.wait(30)


@pytest.fixture
def state(engine: EngineProcess) -> tuple[str, str]:
    return ("--state", str(engine.state))


def order(text: str) -> list[str]:
    """The stacks on the screen, from the top."""
    return re.findall(r"^(?:▸| ) (\w+) +[0-9a-f]{8} ", text, re.M)


def chosen(text: str) -> str | None:
    found = re.search(r"^▸ (\w+)", text, re.M)
    return found[1] if found else None


def test_what_waits_for_somebody_comes_first(state: tuple[str, str]) -> None:
    with Terminal("top", *state, columns=140) as terminal:
        names = [name for name, *_ in FOUND]
        text = terminal.until(lambda text: order(text) == names and "20/20" in text)
        assert "2 waiting for somebody, 1 failed, 1 running, 1 ended\nby what waits first" in text
        for name, its_state, done in FOUND:
            assert re.search(rf"^. {name} .*{its_state} +non-stop +{done}/20", text, re.M)
        assert re.search(r"^. alpha .*db:pre-create +\d+ \w+ +env.yaml:7:14", text, re.M)
        # All of the one that is chosen is below.
        assert re.search(r"PAUSED at db:pre-create for \d+ ", text)
        assert "set by env.yaml:7:14; stopped before db is created" in text
        terminal.press("j")
        terminal.until(f"quota.yaml:2:15; {MESSAGE}")
        terminal.press("q")
        assert terminal.end() == 0
        assert not terminal.text
        assert PASSWORD not in terminal.raw.decode()


def test_the_keys_choose(state: tuple[str, str]) -> None:
    with Terminal("top", *state) as terminal:
        terminal.until(lambda text: chosen(text) == "alpha")
        for keys, name in (
            ("j", "beta"),
            ("\x1b[B", "gamma"),
            ("jjjj", "delta"),
            ("k", "slow"),
            ("\x1b[A", "gamma"),
            ("g", "alpha"),
            ("G", "delta"),
            ("\x1b[5~", "alpha"),
            ("\x1b[6~", "delta"),
        ):
            terminal.press(keys)
            terminal.until(lambda text, name=name: chosen(text) == name)  # type: ignore[misc]


def test_sorted_by_name(state: tuple[str, str]) -> None:
    with Terminal("top", *state) as terminal:
        terminal.until(lambda text: chosen(text) == "alpha")
        terminal.press("js")
        names = sorted(name for name, *_ in FOUND)
        text = terminal.until(lambda text: "by name" in text and order(text) == names)
        assert chosen(text) == "beta"


def test_filtered(state: tuple[str, str]) -> None:
    with Terminal("top", *state) as terminal:
        terminal.until("10/20")
        terminal.press("/quota")
        terminal.until(lambda text: order(text) == ["beta"])
        terminal.press("\x7f\x7f\x7f\x7f\x7ferror q")  # there it is a letter
        terminal.until(lambda text: not order(text) and "/error q" in text)
        terminal.press("\x7f\x7f\r")
        terminal.until(lambda text: order(text) == ["gamma"] and "filter: error" in text)
        terminal.press("\x1b")
        terminal.until(lambda text: len(order(text)) == len(FOUND) and "filter:" not in text)


def test_the_picture_of_one(state: tuple[str, str]) -> None:
    with Terminal("top", *state, lines=40) as terminal:
        terminal.until("10/20")
        terminal.press("\r")
        text = terminal.until("stack alpha  execution ")
        assert "── stop 1 (stopped)" in text
        assert re.search(r"^stopped +db:pre-create +breakpoint +set by env.yaml:7:14$", text, re.M)
        terminal.press("j")
        text = terminal.until("stack beta  execution ")
        assert f"stands at app_net:pre-create: {MESSAGE}" in text
        terminal.resize(60, 14)
        text = terminal.until(lambda text: text.count("\n") < 14 and "stack beta" in text)
        assert re.search(r"^stopped +app_net:pre-create", text, re.M)
        terminal.press("\x1b")
        terminal.until(lambda text: chosen(text) == "beta")


def test_it_sees_what_changes(engine: EngineProcess, state: tuple[str, str]) -> None:
    assert wfbreak("run", *WEB, *state, "--name", "moving").status == 5
    with Terminal("top", *state, "--only", "paused", "-n", "0.3") as terminal:
        terminal.until(lambda text: order(text) == ["alpha", "beta", "moving"])
        assert wfbreak("resume", "moving", *state).status == 0
        terminal.until(lambda text: order(text) == ["alpha", "beta"])
        assert wfbreak("delete", "moving", *state).status == 0
    with Terminal("top", *state, "--only", "success", "-n", "0.3") as terminal:
        # The deletion, and the creation that it has taken the place of is cancelled or done.
        terminal.until(lambda text: order(text)[:1] == ["moving"] and "delta" in order(text))
    for execution in engine.client.executions():
        if execution.workflow_name == "moving":
            engine.client.delete(execution)


def test_ctrl_c_ends_it(state: tuple[str, str]) -> None:
    with Terminal("top", *state) as terminal:
        terminal.until("alpha")
        terminal.interrupt()
        assert terminal.end() == 130
        assert "alpha" not in terminal.text


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}])
def test_colours(state: tuple[str, str], variables: dict[str, str]) -> None:
    with Terminal("top", *state, **variables) as terminal:  # type: ignore[arg-type]
        text = terminal.until("10/20")
        assert chosen(text) == "alpha"
        assert (terminal.colours == {"default"}) == bool(variables)


def test_in_a_pipe_it_is_a_table(state: tuple[str, str]) -> None:
    answer = wfbreak("top", *state)
    assert answer.status == 0, answer.err
    rows = [[cell.strip() for cell in line.split("|")] for line in answer.out.splitlines()]
    found = [(row[1], row[4], int(row[6])) for row in rows if len(row) > 6 and row[6].isdigit()]
    assert found == FOUND
    assert PASSWORD not in answer.out
    with Terminal("top", "--once", *state, columns=250) as terminal:
        assert terminal.end() == 0
        assert not terminal.is_alternate
        assert "| alpha |" in terminal.text
    with Terminal("top", *state, TERM="dumb", columns=250) as terminal:
        assert terminal.end() == 0
        assert b"\x1b" not in terminal.raw


def test_for_programs(state: tuple[str, str]) -> None:
    every = json.loads(wfbreak("top", *state, "-f", "json").out)
    assert [(row["stack"], row["state"], row["done"]) for row in every] == FOUND
    answer = wfbreak("top", *state, "-f", "json", "--only", "paused", "--only", "running")
    alpha, beta, slow = json.loads(answer.out)
    assert alpha["stands at"] == ["db:pre-create"]
    assert alpha["set by"] == ["env.yaml:7:14"]
    assert (beta["message"], beta["mode"], beta["action"]) == (MESSAGE, "non-stop", "create")
    assert beta["since"] is not None
    assert (slow["running"], slow["since"], slow["stands at"]) == (1, None, [])
    answer = wfbreak("top", *state, "-f", "value", "-c", "stack", "--only", "error")
    assert answer.out == "gamma\n"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--interval", "0"), 2, "no number of seconds"),
        (("--interval", "soon"), 2, "no number of seconds"),
        (("--only", "tired"), 2, "invalid choice"),
        (("--mistral-url", "http://127.0.0.1:9/v2"), 6, "no Mistral answers"),
    ],
)
def test_mistakes(arguments: tuple[str, ...], status: int, said: str) -> None:
    answer = wfbreak("top", *arguments)
    assert (answer.status, answer.out) == (status, "")
    assert said in answer.err


def test_an_engine_that_goes_away_is_told(tmp_path: Path) -> None:
    with EngineProcess(tmp_path / "state") as engine:
        url = engine.client.url
        with Terminal("top", "--mistral-url", url, "-n", "0.3") as terminal:
            terminal.until("no executions")
            engine.kill()
            terminal.until("no Mistral answers")
            terminal.press("q")
            assert terminal.end() == 0
