"""What stops the stack, by breakpoints that are awkward, disarmed or under a condition."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.support import states_of, wait
from wfbreak import audit, decide, secrets
from wfbreak.cli.stacks import properties_of, read_status
from wfbreak.decide import Decision
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.engine.sealing import Sealer
from wfbreak.status import BreakpointState, StackStatus
from wfbreak.translate import Mode, Request, translate

TEMPLATE = """\
heat_template_version: 2021-04-16
parameters:
  password: {type: string, hidden: true, default: swordfish}
resources:
  "my db": {type: OS::Heat::Value, properties: {value: 1}}
  "it's": {type: OS::Heat::Value, properties: {value: 2}}
  app:
    type: OS::Heat::Value
    depends_on: ["my db", "it's"]
    properties: {value: {a: {get_param: password}, b: [x, y]}}
"""


def start(client: EngineClient, folder: Path, breaks: str, mode: Mode = Mode.NON_STOP) -> Execution:
    (folder / "t.yaml").write_text(TEMPLATE)
    (folder / "breaks.yaml").write_text(f"breakpoints:\n{breaks}")
    files = (str(folder / "breaks.yaml"),)
    translation = translate(Request(str(folder / "t.yaml"), break_files=files, mode=mode))
    workflow = client.upload(translation.text(), f"test-{translation.digest()}")
    return wait(client, client.start(workflow, dict(translation.inputs)), State.PAUSED)


def status(client: EngineClient, execution: Execution) -> StackStatus:
    return read_status(client, client.execution(execution.id))


def go(client: EngineClient, execution: Execution, decision: Decision) -> Execution:
    env = audit.record("resume", None, decision)
    decide.carry_out(client, status(client, execution), decision, env)
    return wait(client, execution, State.PAUSED, State.SUCCESS, State.ERROR)


def stopped(client: EngineClient, execution: Execution) -> set[str]:
    return {stop.resource for stop in status(client, execution).stopped}


SEVERAL = r"""
  - {resource: "my db", message: 'he said "it''s <% 1 + 1 %>"'}
  - {resource: "it's", message: "{{ 1 }} and 'all'\\"}
  - {resource: app}
"""


def test_names_and_messages_with_all_sorts_of_characters(
    engine: EngineClient, tmp_path: Path
) -> None:
    execution = start(engine, tmp_path, SEVERAL)
    said = execution.state_info or ""
    assert said.startswith("""stopped before my db is created (he said "it's <% 1 + 1 %>"); """)
    assert said.endswith("; before it's is created ({{ 1 }} and 'all'\\)")
    assert stopped(engine, execution) == {"my db", "it's"}
    execution = go(engine, execution, decide.resume(status(engine, execution), ["it's"]))
    assert stopped(engine, execution) == {"my db"}
    assert execution.state is State.PAUSED
    decision = decide.arm(status(engine, execution), ["app"], False)
    engine.amend(execution, audit.record("break", None, decision))
    execution = go(engine, execution, decide.resume(status(engine, execution), ["my db"]))
    assert execution.state is State.SUCCESS


def test_step_over_such_names(engine: EngineClient, tmp_path: Path) -> None:
    execution = start(engine, tmp_path, SEVERAL, Mode.STEP)
    for name in ("my db", "it's", "app"):
        assert stopped(engine, execution) == {name}
        execution = go(engine, execution, decide.step(status(engine, execution)))
    assert execution.state is State.SUCCESS


def test_what_does_not_stop_is_not_held_by_what_does(engine: EngineClient, tmp_path: Path) -> None:
    breaks = '  - {resource: "my db", condition: 1 = 2}\n  - {resource: "it\'s"}\n'
    execution = start(engine, tmp_path, breaks)
    assert execution.state_info == "stopped before it's is created"
    assert states_of(engine, execution)["my_db"] is State.SUCCESS
    found = {b.resource: b.state for b in status(engine, execution).breakpoints}
    assert found == {"my db": BreakpointState.RELEASED, "it's": BreakpointState.STOPPED}
    engine.resume(engine.execution(execution.id))  # as the dashboard does
    assert wait(engine, execution).state is State.SUCCESS


@pytest.mark.parametrize("condition", ["int(abc) = 1", "$.resources.app.attributes.value.x.y > 1"])
def test_a_condition_that_cannot_be_computed_stops(
    engine: EngineClient, tmp_path: Path, condition: str
) -> None:
    breaks = f"  - {{resource: app, hook: post-create, condition: '{condition}'}}\n"
    execution = start(engine, tmp_path, breaks)
    assert stopped(engine, execution) == {"app"}
    engine.cancel(execution, "seen")


def test_what_is_set_is_a_value_as_in_a_template(engine: EngineClient, tmp_path: Path) -> None:
    execution = start(engine, tmp_path, "  - {resource: app}\n")
    now, found = status(engine, execution), properties_of(engine, execution)
    seal = Sealer(engine, execution.id)
    changes, shown = decide.change(
        now, found, ["app.value.b.1=2026-11-24", "app.value.a=tuna"], seal
    )
    assert changes["app"]["value.b.1"] == "2026-11-24"
    assert secrets.is_sealed(changes["app"]["value.a"])
    assert "tuna" not in str((changes, shown))
    for inside in ("app.value.a.b=1", "app.value.b.7=1", "app.value.c.d=1"):
        with pytest.raises(decide.DecisionRefused, match="there is no"):
            decide.change(now, found, [inside], seal)
    with pytest.raises(decide.DecisionRefused, match="did you mean 'value'"):
        decide.change(now, found, ["app.valeu=1"], seal)
    engine.cancel(execution, "seen")
