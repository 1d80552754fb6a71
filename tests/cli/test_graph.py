"""``wfbreak graph``, of a template and of what stands in an engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from engine.process import EngineProcess

from cli.command import EXAMPLE, PASSWORD, run_example, wfbreak

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with EngineProcess(tmp_path_factory.mktemp("graph") / "state") as engine:
        yield engine.state


@pytest.fixture(scope="module")
def stopped(state: Path) -> str:
    answer = run_example(state, "-f", "json")
    assert answer.status == 5, answer.err
    return str(json.loads(answer.out)["execution"])


def test_an_execution_is_drawn_as_it_stands(state: Path, stopped: str) -> None:
    answer = wfbreak("graph", "--execution", stopped[:8], "-f", "json", "--state", state)
    assert answer.status == 0, answer.err
    drawn = json.loads(answer.out)
    shown = json.loads(wfbreak("show", stopped, "--state", state, "-f", "json").out)
    wanted = {r["task"]: r["state"] for r in shown["resources"]}
    wanted |= {b["name"]: b["state"] for b in shown["breakpoints"]}
    assert {node["id"]: node["state"] for node in drawn["nodes"]} == wanted
    assert (drawn["execution"], drawn["state"]) == (stopped, "PAUSED")
    template = json.loads(wfbreak("graph", "web.yaml", "-e", "env.yaml", "-f", "json").out)
    edges = {(e["from"], e["to"]) for e in drawn["edges"]}
    assert edges == {(e["from"], e["to"]) for e in template["edges"]}
    assert {node["state"] for node in template["nodes"]} == {None}


def test_states_change_as_it_goes_on(state: Path) -> None:
    answer = run_example(state, "-f", "json", "--break", "member1:post-create")
    execution = json.loads(answer.out)["execution"]
    options = ("graph", "--execution", execution, "--state", state)
    assert "── stop 1 (stopped)" in wfbreak(*options).out
    assert wfbreak("resume", execution, "--state", state).status == 5
    text = wfbreak(*options).out
    assert "── stop 1 (released)" in text
    assert "── stop 2 (stopped)" in text
    assert "21 done" not in text
    assert "20 done" in text


def test_the_files(state: Path, stopped: str, tmp_path: Path) -> None:
    source = ("graph", "--execution", stopped, "--state", state, "-o")
    for name, begins in (
        ("g.svg", b"<svg "),
        ("g.png", b"\x89PNG"),
        ("g.dot", b"digraph "),
        ("g.mmd", b"flowchart TD"),
        ("g.json", b"{"),
        ("g.txt", b"Dependency graph of the stack "),
    ):
        answer = wfbreak(*source, tmp_path / name)
        assert answer.status == 0, answer.err
        assert (tmp_path / name).read_bytes().startswith(begins)
        assert answer.out == ""
        assert name in answer.err
    text = (tmp_path / "g.svg").read_text()
    ElementTree.fromstring(text)
    assert "PAUSED; 14 done, 6 blocked" in text
    assert PASSWORD not in text


def test_many_are_drawn_as_one_unless_told(tmp_path: Path) -> None:
    from graph.pictures import groups

    groups(tmp_path, 150)
    small = json.loads(wfbreak("graph", "groups.yaml", "-f", "json", cwd=tmp_path).out)
    whole = json.loads(
        wfbreak("graph", "groups.yaml", "-f", "json", "--collapse", "none", cwd=tmp_path).out
    )
    assert len(whole["nodes"]) == 453
    assert len(small["nodes"]) < 10
    members = [m for node in small["nodes"] for m in node["members"] or [node["id"]]]
    assert sorted(members) == sorted(node["id"] for node in whole["nodes"])


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ((), 2, "a template, or --execution"),
        (("web.yaml", "--execution", "x"), 2, "a template, or --execution"),
        (("web.yaml", "-o", "graph.gif"), 3, "does not tell its format"),
        (("web.yaml", "-o", "no/such/folder.svg"), 3, "cannot write no/such/folder.svg"),
        (("nothing.yaml",), 3, "E001"),
        (("web.yaml", "--break", "nobody"), 3, "E303"),
    ],
)
def test_mistakes(arguments: tuple[str, ...], status: int, said: str) -> None:
    answer = wfbreak("graph", *arguments, cwd=EXAMPLE)
    assert answer.status == status
    assert said in answer.err
    assert answer.out == ""


def test_an_execution_that_is_not_there(state: Path) -> None:
    answer = wfbreak("graph", "--execution", "nowhere", "--state", state)
    assert (answer.status, answer.out) == (7, "")
    assert "there is no execution and no stack 'nowhere'" in answer.err
