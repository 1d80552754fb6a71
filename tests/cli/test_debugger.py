"""The commands of a person who stands at a stop: what they say, do and refuse."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from engine.process import EngineProcess, client_of

from cli.command import Answer, wfbreak
from wfbreak import decide, live
from wfbreak.audit import ELSEWHERE
from wfbreak.cli.stacks import read_status
from wfbreak.engine.amending import amend
from wfbreak.engine.model import State

TEMPLATE = """\
heat_template_version: 2021-04-16
resources:
  a: {type: OS::Heat::Value, properties: {value: 32-letters-that-anyone-may-read.}}
  b: {type: OS::Heat::RandomString}
  c: {type: OS::Heat::Value, properties: {value: {list_join: [-, [{get_resource: a}, x]]}}}
  d: {type: OS::Heat::Value, depends_on: [b, c], properties: {value: 1}}
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with EngineProcess(tmp_path_factory.mktemp("engine") / "state") as process:
        yield process.client.url


@pytest.fixture
def stack(url: str, tmp_path: Path) -> Any:
    """Run a command in a folder with the template; ``run`` gives the execution's id."""
    (tmp_path / "t.yaml").write_text(TEMPLATE)

    def command(*arguments: str) -> Answer:
        return wfbreak(*arguments, "--mistral-url", url, cwd=tmp_path)

    return command


def run(stack: Any, *more: str) -> str:
    answer = stack("run", "t.yaml", "-f", "json", *more)
    assert answer.status in (4, 5), answer.err
    return str(json.loads(answer.out)["execution"])


def states(answer: Answer) -> dict[str, str]:
    shown = json.loads(answer.out)
    return {x["name"]: x["state"] for x in shown["resources"] + shown["breakpoints"]}


def audit(stack: Any, execution: str) -> list[dict[str, str]]:
    return list(json.loads(stack("audit", execution, "-f", "json").out))


def test_let_go_of_one_and_hold_the_other(stack: Any) -> None:
    execution = run(stack, "--break", "a", "--break", "b", "--reason", "before the holidays")
    answer = stack("resume", execution, "a", "-f", "json", "--reason", "a is fine")
    assert answer.status == 5
    found = states(answer)
    assert (found["b:pre-create"], found["b"], found["c"], found["d"]) == (
        "stopped",
        "blocked",
        "done",
        "blocked",
    )
    refused = stack("resume", execution, "a")
    assert refused.status == 3
    assert "does not stand at a:pre-create (released): it stands at b:pre-create" in refused.err
    assert stack("resume", execution).status == 0
    trail = audit(stack, execution)
    assert [(e["event"], e["why"], e["breakpoints"]) for e in trail] == [
        ("run", "before the holidays", ""),
        ("stopped", "", "a:pre-create, b:pre-create"),
        ("resume", "a is fine", "a:pre-create"),
        ("stopped", "", "b:pre-create"),
        ("resume", "", "b:pre-create"),
        ("success", "", ""),
    ]
    assert all(e["who"] for e in trail if e["event"] in ("run", "resume"))


def test_text_is_shown_as_it_is(stack: Any, tmp_path: Path) -> None:
    text = "[bold] in [/etc] :smile:"
    resource = f"{{type: OS::Heat::Value, properties: {{value: '{text}'}}}}"
    (tmp_path / "t.yaml").write_text(
        f"heat_template_version: 2021-04-16\nresources: {{a: {resource}}}\n"
        "outputs: {o: {value: {get_attr: [a, value]}}}\n"
    )
    execution = run(stack, "--break", "a")
    assert text in stack("show", execution).out
    assert f"output  o  {text}" in stack("resume", execution).out


def test_a_plan_is_what_happens(stack: Any) -> None:
    planned = json.loads(stack("plan", "t.yaml", "--break", "b", "-f", "json").out)
    (stop,) = planned
    found = states(stack("show", run(stack, "--break", "b"), "-f", "json"))
    assert stop["held"] == ["b:pre-create"]
    for word in ("done", "blocked", "untouched"):
        here = [n for n, state in found.items() if state == word]
        assert sorted(stop[word]) == sorted(here)
    table = stack("plan", "t.yaml", "--break", "b")
    assert "b:pre-create" in table.out


def test_step(stack: Any) -> None:
    execution = run(stack, "--mode", "step")
    assert states(stack("step", execution, "2", "-f", "json"))["b"] == "done"
    assert stack("break", "set", execution, "d:post-create").status == 0
    done = stack("resume", execution, "--until", "d", "-f", "json")
    assert states(done)["d"] == "blocked"
    done = stack("resume", execution, "-f", "json")
    assert (done.status, states(done)["d"], states(done)["d:post-create"]) == (5, "done", "stopped")
    assert stack("step", execution).status == 0


def test_what_a_mode_cannot_do_is_refused_with_the_way_to_get_it(stack: Any) -> None:
    execution = run(stack, "--break", "a", "--break", "d")
    for asked, said in (
        (("step", execution), "start it with --mode step"),
        (("break", "set", execution, "c"), "start the stack with --mode step"),
        (("break", "set", execution, "cc"), "did you mean 'c'"),
        (("break", "clear", execution, "a"), "has been reached"),
        (("resume", execution, "--until", "a"), "or past it already"),
        (("resume", execution, "d"), "it stands at a:pre-create"),
    ):
        answer = stack(*asked)
        assert (answer.status, answer.out) == (3, ""), answer
        assert said in answer.err
    assert states(stack("show", execution, "-f", "json"))["a:pre-create"] == "stopped"


def test_disarm_what_lies_ahead(stack: Any) -> None:
    execution = run(stack, "--break", "a", "--break", "d")
    cleared = stack("break", "clear", execution, "d", "-f", "json")
    assert {b["breakpoint"]: b["armed"] for b in json.loads(cleared.out)} == {
        "a:pre-create": True,
        "d:pre-create": False,
    }
    assert stack("resume", execution).status == 0
    assert stack("break", "clear", execution, "d").status == 3


SLOW = ("--rehearse", "a:seconds=10")
"""Long enough that the stack still runs when the next command comes, on a busy machine too."""


def start_running(stack: Any, url: str, *more: str) -> str:
    """A stack with breakpoints ahead that runs, and is not waited for."""
    execution = run(stack, "--break", "a", *SLOW, *more)
    client = client_of(url)
    client.resume(client.execution(execution))
    return execution


def test_change_breakpoints_while_the_stack_runs(stack: Any, url: str) -> None:
    execution = start_running(stack, url, "--break", "c", "--break", "d")
    cleared = stack("break", "clear", execution, "c", "-f", "json", "--reason", "seen it")
    assert cleared.status == 0, cleared.err
    assert client_of(url).execution(execution).state is State.RUNNING
    armed = {b["breakpoint"]: b["armed"] for b in json.loads(cleared.out)}
    assert (armed["c:pre-create"], armed["d:pre-create"]) == (False, True)
    assert states(stack("wait", execution, "-f", "json"))["d:pre-create"] == "stopped"
    assert ("break", "seen it") in [(e["event"], e["why"]) for e in audit(stack, execution)]
    assert stack("resume", execution).status == 0
    asked = [e.workflow_name for e in client_of(url).executions()]
    assert "wfbreak_amend" not in asked


def test_arm_a_place_ahead_while_the_stack_runs(stack: Any, url: str) -> None:
    execution = start_running(stack, url, "--mode", "step")
    said = live.decide(stopped=["a:pre-create"], run_to=live.END)
    client = client_of(url)
    amend(client, client.execution(execution), {live.KEY: said})
    assert stack("break", "set", execution, "c:post-create").status == 0
    done = states(stack("wait", execution, "-f", "json"))
    assert (done["b"], done["c:post-create"]) == ("done", "stopped")


def test_what_was_reached_meanwhile_is_said(stack: Any, url: str) -> None:
    execution = run(stack, "--break", "a")
    client = client_of(url)
    status = read_status(client, client.execution(execution))
    decision = decide.Decision({live.ARMED: {"a:pre-create": False}})
    assert [b.name for b in decide.reached_meanwhile(decision, status)] == ["a:pre-create"]


CONDITIONS = """\
breakpoints:
  - {resource: c, condition: '$.resources.a.attributes.value.len() = $.parameters.size'}
  - {resource: d, condition: '$.resources.c.attributes.get(value) = nothing'}
"""


@pytest.mark.parametrize(("size", "status"), [(32, 5), (31, 0)])
def test_a_condition_over_parameters_and_results(
    stack: Any, tmp_path: Path, size: int, status: int
) -> None:
    declared = "parameters: {size: {type: number}}\nresources:"
    (tmp_path / "sized.yaml").write_text(TEMPLATE.replace("resources:", declared))
    (tmp_path / "breaks.yaml").write_text(CONDITIONS)
    asked = ("sized.yaml", "--break-file", "breaks.yaml", "-P", f"size={size}", "-f", "json")
    answer = stack("run", *asked)
    assert answer.status == status, answer.err
    found = states(answer)
    execution = str(json.loads(answer.out)["execution"])
    if status == 5:
        assert found["c:pre-create"] == "stopped"
        # A condition is what holds unless someone says otherwise.
        assert stack("break", "set", execution, "d").status == 0
        answer = stack("resume", execution, "-f", "json")
        assert (answer.status, states(answer)["d:pre-create"]) == (5, "stopped")
        assert stack("resume", execution).status == 0
    else:
        assert [e["event"] for e in audit(stack, execution)] == ["run", "success"]


def test_abort(stack: Any) -> None:
    execution = run(stack, "--mode", "abort", "--break", "d")
    shown = stack("show", execution)
    assert "stopped before d is created" in shown.out
    assert stack("resume", execution).status == 0


def test_wait_for_the_end_goes_past_stops(stack: Any) -> None:
    execution = run(stack, "--break", "d")
    assert stack("wait", execution).status == 5
    waiting: list[Answer] = []
    thread = threading.Thread(
        target=lambda: waiting.append(stack("wait", execution, "--for", "done"))
    )
    thread.start()
    assert stack("resume", execution).status == 0
    thread.join(60)
    assert [answer.status for answer in waiting] == [0]


@pytest.mark.parametrize("parts", ["off", "2"])
def test_a_webhook_is_told(stack: Any, parts: str) -> None:
    told: list[dict[str, Any]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_address[1]}/hook"
        execution = run(stack, "--break", "d", "--notify", address, "--partition", parts)
        assert stack("resume", execution).status == 0
        deadline = time.monotonic() + 30  # the engine tells after it is so
        while told[-1]["event"] != "WORKFLOW_SUCCEEDED" and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        server.shutdown()
        server.server_close()
    assert {event["id"] for event in told} == {execution}
    events = [event["event"] for event in told]
    assert [e for e in events if e != "WORKFLOW_LAUNCHED"] == [
        "WORKFLOW_PAUSED",
        "WORKFLOW_RESUMED",
        "WORKFLOW_SUCCEEDED",
    ]


def test_another_value_for_this_run(stack: Any) -> None:
    execution = run(stack, "--break", "c", "--break", "b")
    for wrong, said in (
        ("c.valeu=1", "did you mean 'value'"),
        ("a.value=3", "'a' is done: too late"),
        ("nothing.value=1", "resources: a, b, c, d"),
        ("c.value.deeper=1", "no 'deeper' to change"),
        ("c", "--set takes RESOURCE.PROPERTY=VALUE"),
    ):
        refused = stack("resume", execution, "--set", wrong)
        assert (refused.status, said in refused.err) == (3, True), refused.err
    before = json.loads(stack("show", execution, "-f", "json").out)
    properties = {b["name"]: b["properties"] for b in before["breakpoints"]}
    assert properties["c:pre-create"]["value"].endswith("-x")
    stack("resume", execution, "c", "--set", "c.value=[1, two]", "--set", "d.value=other")
    again = json.loads(stack("show", execution, "-f", "json").out)
    assert {r["name"]: r["state"] for r in again["resources"]}["c"] == "done"
    assert stack("resume", execution).status == 0
    (changed, last) = (e for e in audit(stack, execution) if e["event"] == "resume")
    assert "set: c.value=[1, 'two'], d.value=other" in changed["details"]
    assert "set" not in last["details"]


def test_paused_never_looks_like_running(stack: Any) -> None:
    execution = run(stack, "--break", "d")
    listed = json.loads(stack("list", "-f", "json").out)
    assert {e["state"] for e in listed if e["execution"] == execution} == {"PAUSED"}
    shown = json.loads(stack("show", execution, "-f", "json").out)
    assert (shown["state"], shown["mode"]) == ("PAUSED", "non-stop")
    cancelled = stack("cancel", execution, "--reason", "enough")
    assert cancelled.status == 0
    asked, ended = audit(stack, execution)[-2:]
    assert (asked["event"], asked["why"], ended["event"]) == ("cancel", "enough", "cancelled")
    assert asked["who"]


def test_a_webhook_that_nobody_can_be_told_at(stack: Any) -> None:
    for address in ("localhost:80/hook", "ftp://localhost", "http://[x"):
        refused = stack("run", "t.yaml", "--notify", address)
        assert (refused.status, refused.out) == (2, "")


def test_a_stack_without_outputs_has_none(stack: Any) -> None:
    execution = run(stack, "--break", "d")
    done = stack("resume", execution, "-f", "json")
    assert (done.status, json.loads(done.out)["outputs"]) == (0, {})
    assert json.loads(stack("outputs", execution, "-f", "json").out) == {}


def test_cancel_while_the_stack_runs(stack: Any, url: str) -> None:
    execution = start_running(stack, url)
    assert stack("cancel", execution, "--reason", "enough").status == 0
    assert [e["event"] for e in audit(stack, execution)][-2:] == ["cancel", "cancelled"]
    again = stack("cancel", execution)
    assert (again.status, "has ended: CANCELLED" in again.err) == (3, True)


def test_a_cancel_by_another_client_shows_as_such(stack: Any, url: str) -> None:
    execution = run(stack, "--break", "d")
    client = client_of(url)
    client.cancel(client.execution(execution), "by the dashboard, say")
    last = audit(stack, execution)[-1]
    assert (last["event"], last["who"]) == ("cancelled", ELSEWHERE)
    assert last["why"] == "by the dashboard, say"
