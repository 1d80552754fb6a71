"""``wfbreak signal``: a wait condition hears it, the trail has it, what cannot be is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine.process import EngineProcess

from cli.command import Answer, wfbreak

TEMPLATE = """\
heat_template_version: 2018-08-31
resources:
  handle: {type: OS::Heat::WaitConditionHandle}
  first: {type: OS::Heat::Value, properties: {value: 1}}
  late: {type: OS::Heat::WaitConditionHandle, depends_on: first}
  wait:
    type: OS::Heat::WaitCondition
    depends_on: first
    properties: {handle: {get_resource: handle}, timeout: 100, count: 2}
outputs:
  data: {value: {get_attr: [wait, data]}}
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with EngineProcess(tmp_path_factory.mktemp("engine") / "state") as process:
        yield process.client.url


@pytest.fixture
def stack(url: str, tmp_path: Path) -> Any:
    """Run a command in a folder with the template."""
    (tmp_path / "t.yaml").write_text(TEMPLATE)

    def command(*arguments: str) -> Answer:
        return wfbreak(*arguments, "--mistral-url", url, cwd=tmp_path)

    return command


def stopped(stack: Any, *more: str) -> str:
    """The id of a stack that stands before ``first``."""
    answer = stack("run", "t.yaml", "--break", "first", "-f", "json", *more)
    assert answer.status == 5, answer.err
    return str(json.loads(answer.out)["execution"])


def test_signals_in_earnest(stack: Any) -> None:
    execution = stopped(stack, "--provider", "openstack")
    sent = ("signal", execution, "handle", "--data", "ready", "--id", "web")
    assert stack(*sent, "--reason", "seen it").status == 0
    assert stack("signal", execution, "handle").status == 0
    assert stack("resume", execution).status == 0
    output = json.loads(stack("outputs", execution, "-f", "json").out)
    assert json.loads(output["data"]) == {"web": "ready", "2": None}
    trail = json.loads(stack("audit", execution, "-f", "json").out)
    found = [(e["event"], e["why"], e["details"]) for e in trail if e["event"] == "signal"]
    assert found == [
        ("signal", "seen it", "handle: handle; status: SUCCESS; id: web"),
        ("signal", "", "handle: handle; status: SUCCESS"),
    ]
    late = stack("signal", execution, "handle")
    assert (late.status, late.out) == (3, "")
    assert "has ended: SUCCESS" in late.err


def test_a_failure_is_rehearsed(stack: Any) -> None:
    execution = stopped(stack)
    sent = ("signal", execution, "handle", "--status", "FAILURE", "--reason", "no disk")
    assert stack(*sent).status == 0
    answer = stack("resume", execution, "-f", "json")
    assert answer.status == 4
    (wait,) = [r for r in json.loads(answer.out)["resources"] if r["name"] == "wait"]
    assert "no disk" in wait["error"]


def test_what_cannot_be_signalled(stack: Any) -> None:
    execution = stopped(stack)
    for handle, said in (
        ("wait", "'wait' is no handle of a wait condition in this stack (there are: handle, late)"),
        ("late", "'late' is blocked: nothing can be sent to it yet"),
    ):
        answer = stack("signal", execution, handle)
        assert (answer.status, answer.out) == (3, "")
        assert said in answer.err
