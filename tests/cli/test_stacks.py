"""A stack's way through the commands, each a process of its own on one state folder."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from engine.process import EngineProcess

from cli.command import EXAMPLE, PASSWORD, Answer, environment, run_example, wfbreak

pytestmark = pytest.mark.engine

BEFORE = 14
ALL = 20


def execution_of(answer: Answer) -> str:
    return str(json.loads(answer.out)["execution"])


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose engine is up, which saves each command from starting its own."""
    with EngineProcess(tmp_path_factory.mktemp("folder with a space") / "state") as engine:
        yield engine.state


@pytest.fixture(scope="module")
def stopped(state: Path) -> str:
    """The id of an execution that stands at its breakpoint."""
    answer = run_example(state, "-f", "json")
    assert answer.status == 5, answer.err
    return execution_of(answer)


def states(answer: Answer) -> dict[str, str]:
    return {r["name"]: r["state"] for r in json.loads(answer.out)["resources"]}


def test_show_tells_what_is_done_and_what_is_blocked(state: Path, stopped: str) -> None:
    answer = wfbreak("show", stopped[:8], "--state", state, "-f", "json")
    assert answer.status == 0
    shown = json.loads(answer.out)
    assert (shown["state"], shown["reason"]) == ("PAUSED", "stopped before db is created")
    found = states(answer)
    assert len(found) == ALL
    assert sum(s == "done" for s in found.values()) == BEFORE
    blocked = {r["name"]: r["blocked_by"] for r in shown["resources"] if r["state"] == "blocked"}
    names = ("db", "db_attachment", "member1", "member2", "web1", "web2")
    assert blocked == {name: ["db:pre-create"] for name in names}
    (stop,) = shown["breakpoints"]
    assert (stop["state"], stop["armed_by"]) == ("stopped", ["env.yaml:7:14"])
    assert {r["source"].split(":")[0] for r in shown["resources"]} == {"web.yaml"}
    assert all(r["ref"] for r in shown["resources"] if r["state"] == "done")


def test_the_formats(state: Path, stopped: str) -> None:
    picture = wfbreak("show", stopped, "--state", state)
    assert "\x1b" not in picture.out
    assert picture.err == ""
    for words in ("14 done, 6 blocked", "set by env.yaml:7:14", "by db:pre-create"):
        assert words in picture.out
    assert yaml.safe_load(
        wfbreak("show", stopped, "--state", state, "-f", "yaml").out
    ) == json.loads(wfbreak("show", stopped, "--state", state, "-f", "json").out)
    value = wfbreak("show", stopped, "--state", state, "-f", "value", "-c", "execution")
    assert value.out == f"{stopped}\n"
    listed = wfbreak("list", "--paused", "--state", state, "-f", "value", "-c", "execution")
    assert stopped in listed.out.split()


def test_resume_to_the_end(state: Path) -> None:
    execution = execution_of(run_example(state, "-f", "json"))
    before = json.loads(wfbreak("show", execution, "--state", state, "-f", "json").out)
    refs = {r["name"]: r["ref"] for r in before["resources"] if r["state"] == "done"}
    done = wfbreak("resume", execution, "--state", state, "-f", "json")
    assert done.status == 0
    after = {r["name"]: r for r in json.loads(done.out)["resources"]}
    assert {r["state"] for r in after.values()} == {"done"}
    assert {name: after[name]["ref"] for name in refs} == refs
    outputs = json.loads(wfbreak("outputs", execution, "--state", state, "-f", "json").out)
    assert outputs["database"] == after["db"]["ref"]
    assert outputs["url"].startswith("http://")
    again = wfbreak("resume", execution, "--state", state)
    assert again.status == 3
    assert "SUCCESS, not PAUSED" in again.err


def test_cancel_while_stopped(state: Path) -> None:
    execution = execution_of(run_example(state, "-f", "json"))
    answer = wfbreak("cancel", execution, "--state", state, "--reason", "wrong flavor")
    assert answer.status == 0
    shown = json.loads(wfbreak("show", execution, "--state", state, "-f", "json").out)
    assert shown["state"] == "CANCELLED"
    assert shown["reason"].startswith("cancelled by ")
    assert shown["reason"].endswith(": wrong flavor")
    assert wfbreak("resume", execution, "--state", state).status == 3
    assert wfbreak("cancel", execution, "--state", state).status == 3


def test_a_failure_ends_with_its_status(state: Path) -> None:
    answer = run_example(state, "--rehearse", "db_volume:fail=Quota exceeded")
    assert answer.status == 4
    assert "failed: db_volume, OS::Cinder::Volume (web.yaml:89:3): Quota exceeded" in answer.out


def test_all_stop(state: Path) -> None:
    answer = run_example(state, "--mode", "all-stop", "-f", "json")
    assert answer.status == 5
    done = {name for name, s in states(answer).items() if s == "done"}
    # What db needs, and nothing else. A server whose NIC is a port needs all subnets (Heat's rule).
    subnets = {"app_net", "app_subnet", "db_net", "db_subnet"}
    assert done == subnets | {"router", "router_db", "db_port"}


def test_a_hidden_value_is_nowhere(state: Path, stopped: str) -> None:
    shown = wfbreak("show", stopped, "--state", state, "-f", "json")
    assert PASSWORD not in shown.out
    files = [path for path in state.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"mistral.sqlite", "engine.log", "seal.key"}
    for path in files:
        assert PASSWORD.encode() not in path.read_bytes(), path.name
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_an_output_of_a_hidden_value_is_masked(state: Path, tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(
        "heat_template_version: 2021-04-16\n"
        "parameters: {p: {type: string, hidden: true}}\n"
        "resources: {v: {type: OS::Heat::Value, properties: {value: {get_param: p}}}}\n"
        "outputs:\n"
        "  plain: {value: {get_param: p}}\n"
        "  made: {value: {list_join: ['-', [a, {get_attr: [v, value]}]]}}\n"
    )
    where = ("--state", state, "-f", "json")
    ran = wfbreak("run", "t.yaml", "-P", f"p={PASSWORD}", *where, cwd=tmp_path)
    assert ran.status == 0
    assert json.loads(ran.out)["outputs"] == {"plain": "******", "made": "******"}
    execution = execution_of(ran)
    masked = wfbreak("outputs", execution, *where)
    assert json.loads(masked.out) == {"plain": "******", "made": "******"}
    revealed = wfbreak("outputs", execution, *where, "--reveal")
    assert json.loads(revealed.out) == {"plain": PASSWORD, "made": f"a-{PASSWORD}"}


def test_nothing_is_uploaded_when_the_input_is_bad(tmp_path: Path) -> None:
    state = tmp_path / "state"
    missing = wfbreak("run", "web.yaml", "--state", state)
    assert missing.status == 3
    assert "web.yaml:30:3: error: the parameter 'db_password' has no value" in missing.err
    wrong = wfbreak("run", "web.yaml", "-P", "db_password=short", "--state", state)
    assert wrong.status == 3
    assert "short" not in wrong.err.replace("shorter", "")
    nothing = run_example(state, "--break", "no-such-resource")
    assert nothing.status == 3
    assert not state.exists()


def test_translate_writes_all_or_nothing(tmp_path: Path) -> None:
    output = tmp_path / "wf.yaml"
    bad = wfbreak("translate", "web.yaml", "--break", "nope", "-o", output)
    assert (bad.status, bad.out) == (3, "")
    assert list(tmp_path.iterdir()) == []
    good = wfbreak("translate", "web.yaml", "-o", output)
    assert (good.status, good.out) == (0, "")
    assert wfbreak("translate", "web.yaml").out == output.read_text()
    nowhere = wfbreak("translate", "web.yaml", "-o", tmp_path / "no" / "wf.yaml")
    assert nowhere.status == 3
    assert "cannot write" in nowhere.err


def test_validate(tmp_path: Path) -> None:
    good = wfbreak("validate", "web.yaml")
    assert (good.status, good.out) == (0, "nothing to report\n")
    bad = wfbreak("validate", "web.yaml", "--break", "nope", "-f", "json")
    assert bad.status == 3
    assert [finding["id"] for finding in json.loads(bad.out)] == ["E303"]
    text = wfbreak("validate", "web.yaml", "--break", "nope", "--format", "text")
    assert text.out.startswith("error: --break nope: 'nope' matches no resource")
    sarif = wfbreak("validate", "web.yaml", "--break", "nope", "--format", "sarif")
    assert sarif.status == 3
    (result,) = json.loads(sarif.out)["runs"][0]["results"]
    assert result["ruleId"] == "E303"


def test_certify(tmp_path: Path) -> None:
    answer = wfbreak("certify", "web.yaml", "-f", "json")
    assert answer.status == 0
    assert "0 refused" in answer.err
    rows = json.loads(answer.out)
    assert {row["verdict"] for row in rows} <= {"exact", "approximated"}
    written = tmp_path / "certificate.yaml"
    assert wfbreak("translate", "web.yaml", "--certificate", written).status == 0
    assert yaml.safe_load(written.read_text()) == rows
    refused = wfbreak("certify", "web.yaml", "--break", "nope", "-f", "json")
    assert refused.status == 3
    assert "1 refused" in refused.err


def test_explain() -> None:
    answer = wfbreak("explain", "e303")
    assert answer.status == 0
    assert answer.out.startswith("# E303: a breakpoint matches no resource")
    unknown = wfbreak("explain", "E999")
    assert (unknown.status, unknown.out) == (7, "")
    assert "there is no diagnostic 'E999'" in unknown.err


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["show", "00000000-0000-0000-0000-000000000000"], 7, "there is no execution"),
        (["show", "not-an-id"], 7, "there is no execution"),
        (["resume", "ffffffff"], 7, "there is no execution"),
        (["list", "--mistral-url", "http://127.0.0.1:9"], 6, "no Mistral answers"),
        (["list", "--os-cloud", "no-such-cloud"], 6, "no-such-cloud"),
        (["run"], 2, "the following arguments are required"),
        (["run", "web.yaml", "--rehearse", "x"], 3, "PATTERN:KEY=VALUE"),
        (["run", "web.yaml", "-P", "x"], 3, "NAME=VALUE"),
        (["engine", "--state", "/dev/null/x"], 6, "cannot be used"),
    ],
)
def test_how_commands_end(arguments: list[str], status: int, words: str, state: Path) -> None:
    names_engine = {"--mistral-url", "--os-cloud", "--state"} & set(arguments)
    where = [] if names_engine or arguments == ["run"] else ["--state", str(state)]
    answer = wfbreak(*arguments, *where)
    assert answer.status == status, answer.err
    assert words in answer.err
    assert answer.out == ""


def test_the_demo(tmp_path: Path) -> None:
    """``make demo``, without setting up."""
    command = tmp_path / "wfbreak"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wfbreak "$@"\n')
    command.chmod(0o755)
    done = subprocess.run(
        ["sh", str(EXAMPLE / "demo.sh")],
        env=environment(WFBREAK=str(command)),
        cwd=EXAMPLE.parents[1],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    for words in ("14 done, 6 blocked", "20 done", "http://"):
        assert words in done.stdout
