"""What an execution says of itself while it stands, on the real engine, to any client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.support import resume, tasks_of, wait, wait_for_task
from wfbreak import audit, decide
from wfbreak.cli.stacks import read_status
from wfbreak.engine import telling
from wfbreak.engine.amending import amend
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State, has_stopped
from wfbreak.translate import Request, translate

TEMPLATE = """\
heat_template_version: 2021-04-16
resources:
  "{{ a }}": {type: OS::Heat::Value, properties: {value: 1}}
  "my b": {type: OS::Heat::RandomString, depends_on: "{{ a }}"}
  c: {type: OS::Heat::RandomString, depends_on: "{{ a }}"}
  d: {type: OS::Heat::RandomString, depends_on: c}
"""


def start(client: EngineClient, folder: Path, *breaks: str) -> Execution:
    (folder / "t.yaml").write_text(TEMPLATE)
    lines = "".join(f"  - {{{each}}}\n" for each in breaks)
    (folder / "breaks.yaml").write_text(f"breakpoints:\n{lines}")
    files = (str(folder / "breaks.yaml"),)
    translation = translate(Request(str(folder / "t.yaml"), break_files=files))
    workflow = client.upload(translation.text(), f"test-{translation.digest()}")
    return wait(client, client.start(workflow, {}), State.PAUSED)


def told(client: EngineClient, execution: Execution) -> list[str]:
    """What any client of Mistral's is told, by lines."""
    found: Any = client._json(client._http.get(f"/executions/{execution.id}"))
    return list(found["state_info"].splitlines())


def test_texts_that_the_engine_could_evaluate_are_told_as_they_are(
    engine: EngineClient, tmp_path: Path
) -> None:
    execution = start(engine, tmp_path, """resource: "my b", message: 'say "<% 1 + 1 %>"'""")
    lines = told(engine, execution)
    assert lines[0] == """stopped before my b is created (say "<% 1 + 1 %>")."""
    assert execution.state_info == lines[0].removesuffix(".")
    assert lines[2].startswith("Breakpoint my_b:pre-create, set by ")
    assert lines[3] == "Resume: 1 resource is created: my_b; then the stack is done."
    assert lines[4].startswith("3 of 4 resources exist: {{ a }} (OS::Heat::Value ")
    stopped = wait_for_task(engine, execution, "my_b:pre-create", State.IDLE)["my_b:pre-create"]
    assert has_stopped(stopped.state_info)
    assert """: breakpoint before my b is created (say "<% 1 + 1 %>"), set by """ in (
        stopped.state_info or ""
    )


def test_what_is_held_says_so_again(engine: EngineClient, tmp_path: Path) -> None:
    execution = start(engine, tmp_path, 'resource: "my b"', "resource: c")
    lines = told(engine, execution)
    assert lines[0] == "stopped before my b is created; before c is created."
    assert [line.split(",")[0] for line in lines[2:4]] == [
        "Breakpoint c:pre-create",
        "Breakpoint my_b:pre-create",
    ]
    status = read_status(engine, engine.execution(execution.id))
    decision = decide.resume(status, ["c"])
    decide.carry_out(engine, status, decision, audit.record("resume", None, decision))
    execution = wait(engine, execution, State.PAUSED)
    lines = told(engine, execution)
    assert lines[0] == "stopped before my b is created."
    assert lines[-1].startswith("3 of 4 resources exist: ")
    held = tasks_of(engine, execution)["my_b:pre-create"]
    assert (held.state_info or "").count("breakpoint before my b is created") == 1
    resume(engine, execution)
    assert wait(engine, execution).state is State.SUCCESS


def test_what_is_armed_at_a_stop_is_told_there(engine: EngineClient, tmp_path: Path) -> None:
    execution = start(engine, tmp_path, "resource: c", "resource: d")
    before = told(engine, execution)
    assert any("then it stops again before d is created" in line for line in before)
    status = read_status(engine, engine.execution(execution.id))
    decision = decide.arm(status, ["d"], False)
    amend(engine, status.execution, audit.record("break", None, decision))
    after = told(engine, execution)
    assert any("then the stack is done" in line for line in after)
    assert after[:3] == before[:3]


def test_a_stop_does_not_fail_by_its_words(
    engine: EngineClient, tmp_path: Path, monkeypatch: Any
) -> None:
    class Broken:
        id = "none"

    def fail(*_: Any) -> str:
        raise KeyError("spec")

    monkeypatch.setattr(telling, "_words", fail)
    assert telling.stopped(Broken(), "stopped before b is created", ["b"]) == (
        "stopped before b is created"
    )
