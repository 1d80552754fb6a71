"""The executors' keys: made and rotated by who runs them, needed by nobody else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from engine.process import EngineProcess

from cli.command import PASSWORD, wfbreak


def listed(*arguments: str | Path, **variables: str) -> list[dict[str, str]]:
    answer = wfbreak("key", *arguments, "-f", "json", **variables)
    assert answer.status == 0, answer.err
    found: list[dict[str, str]] = json.loads(answer.out)
    return found


def test_making_and_rotating(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    made = listed("create", "--file", path)
    assert [key["use"] for key in made] == ["seals", "next"]
    assert listed("list", "--file", path) == made
    assert listed("list", WFBREAK_SEAL_KEY_FILE=str(path)) == made
    rotated = listed("rotate", "--file", path)
    assert [key["use"] for key in rotated] == ["opens", "seals", "next"]
    assert [key["key"] for key in rotated[:2]] == [key["key"] for key in made]
    assert len(listed("rotate", "--file", path, "--keep", "2")) == 2
    secret = path.read_text().splitlines()[2]
    assert secret not in json.dumps([made, rotated])


def test_what_cannot_be(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    listed("create", "--file", path)
    for arguments, words in (
        (["create", "--file", path], "exists: add a key to it with wfbreak key rotate"),
        (["list", "--file", tmp_path / "none"], "cannot be used"),
        (["rotate", "--file", tmp_path / "none"], "cannot be used"),
        (["create", "--file", "/dev/null/x"], "cannot be written"),
        (["list"], "name the key file: --file FILE, or WFBREAK_SEAL_KEY_FILE"),
    ):
        answer = wfbreak("key", *arguments)
        assert answer.status == 3, answer.err
        assert words in answer.err
        assert answer.out == ""


@pytest.mark.engine
def test_who_starts_a_stack_needs_no_key(tmp_path: Path) -> None:
    with EngineProcess(tmp_path / "state") as engine:
        (tmp_path / "t.yaml").write_text(
            "heat_template_version: 2021-04-16\n"
            "parameters: {p: {type: string, hidden: true}}\n"
            "resources: {v: {type: OS::Heat::Value, properties: {value: {get_param: p}}}}\n"
            "outputs: {made: {value: {get_attr: [v, value]}}}\n"
        )
        where = ("--mistral-url", engine.client.url, "-f", "json")
        given = ("--name", "t", "-P", f"p={PASSWORD}")
        ran = wfbreak("run", "t.yaml", *given, *where, cwd=tmp_path)
        assert ran.status == 0, ran.err
        execution = json.loads(ran.out)["execution"]
        assert json.loads(wfbreak("outputs", execution, *where).out) == {"made": "******"}
        refused = wfbreak("outputs", execution, "--reveal", *where)
        assert refused.status == 3
        assert "only the engine's executors can open what is hidden" in refused.err
        variables = {"WFBREAK_SEAL_KEY_FILE": str(tmp_path / "state" / "seal.key")}
        shown = wfbreak("outputs", execution, "--reveal", *where, **variables)
        assert json.loads(shown.out) == {"made": PASSWORD}
        # Nothing is left of the question for the key.
        names = {e.workflow_name for e in engine.client.executions()}
        assert names == {"t"}
        (tmp_path / "state" / "seal.key").unlink()
        no_key = wfbreak("run", "t.yaml", "-P", f"p={PASSWORD}", *where, cwd=tmp_path)
        assert no_key.status == 3
        assert "a hidden value cannot be sent" in no_key.err
        assert "seal.key: the key file cannot be used" in no_key.err
        assert {e.workflow_name for e in engine.client.executions()} == names
