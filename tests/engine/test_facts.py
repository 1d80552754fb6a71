"""What the translator relies on, and the traps it keeps out of, each on the real engine.

A Mistral that behaves differently turns a test red. That a test of a trap turns red is good news:
then the translator may be simpler.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import yaml

from wfbreak.engine.client import EngineClient, EngineRefused
from wfbreak.engine.model import State

from .support import (
    ENDED,
    hangs,
    resume,
    start,
    start_named,
    states_of,
    tasks_of,
    wait,
    wait_for_task,
)

pytestmark = pytest.mark.engine


def workflow(tasks: dict[str, Any], **rest: Any) -> str:
    """A document of one workflow, for what differs from test to test in a word only."""
    return yaml.safe_dump({"version": "2.0", "w": {**rest, "tasks": tasks}}, allow_unicode=True)


# --- pausing ---------------------------------------------------------------------------------


def test_pause_before_on_a_join_is_ignored(engine: EngineClient) -> None:
    execution = wait(engine, start_named(engine, "pause_before_join"), State.SUCCESS, State.PAUSED)
    assert execution.state is State.SUCCESS


def test_a_join_that_waits_at_a_pause_runs_during_it_and_is_lost(engine: EngineClient) -> None:
    execution = start_named(engine, "pause_with_waiting_join")
    wait(engine, execution, State.PAUSED)
    assert states_of(engine, execution)["joined"] is State.WAITING
    assert states_of(engine, execution)["slow"] is State.RUNNING
    wait_for_task(engine, execution, "joined", State.RUNNING, State.SUCCESS)
    assert engine.execution(execution.id).state is State.PAUSED
    resume(engine, execution)
    assert hangs(engine, execution, "joined")


@pytest.mark.parametrize("by_hand", [False, True], ids=["pause-before", "by hand"])
def test_a_join_whose_inbound_tasks_end_during_a_pause_hangs(
    engine: EngineClient, by_hand: bool
) -> None:
    name = "pause_by_hand" if by_hand else "pause_with_tasks_in_flight"
    execution = start_named(engine, name)
    if by_hand:
        wait_for_task(engine, execution, "right", State.RUNNING)
        engine.pause(execution)
    wait(engine, execution, State.PAUSED)
    for task in ("left", "right"):
        wait_for_task(engine, execution, task, State.SUCCESS)
    assert "joined" not in states_of(engine, execution)
    resume(engine, execution)
    assert hangs(engine, execution, "joined")


def test_a_barrier_makes_a_pause_safe(engine: EngineClient) -> None:
    execution = start_named(engine, "barrier")
    paused = wait(engine, execution, State.PAUSED)
    assert paused.state_info == "stopped at pre-create server, pre-create db"
    tasks = wait_for_task(engine, execution, "db:pre-create", State.IDLE)
    assert {name: task.state for name, task in tasks.items()} == {
        "network": State.SUCCESS,
        "volume": State.SUCCESS,
        "image": State.SUCCESS,
        "settled_1": State.SUCCESS,
        "server:pre-create": State.IDLE,
        "db:pre-create": State.IDLE,
    }
    resume(engine, execution)
    wait_for_task(engine, execution, "app:pre-create", State.IDLE)
    paused = wait(engine, execution, State.PAUSED)
    assert paused.state_info == "stopped at pre-create app"
    resume(engine, execution)
    ended = wait(engine, execution)
    assert ended.state is State.SUCCESS
    assert ended.output["app"] == "up"
    names = [task.name for task in engine.tasks(execution.id)]
    assert len(names) == len(set(names)) == 11


def test_a_stopped_task_says_what_stopped_it(engine: EngineClient) -> None:
    execution = start_named(engine, "timeout")
    wait(engine, execution, State.PAUSED)
    task = wait_for_task(engine, execution, "stopped", State.IDLE)["stopped"]
    assert task.state_info == "Set by 'pause-before' policy"
    engine.cancel(engine.execution(execution.id), "seen")


def test_pause_before_takes_an_expression_over_the_env(engine: EngineClient) -> None:
    execution = start_named(engine, "pause_expression", env={"armed": ["second"], "kept": 1})
    wait(engine, execution, State.PAUSED)
    wait_for_task(engine, execution, "second", State.IDLE)
    # The third is passed, the fourth is armed only now.
    resume(engine, execution, {"armed": ["fourth"], "new": 2})
    wait_for_task(engine, execution, "fourth", State.IDLE)
    assert states_of(engine, execution)["third"] is State.SUCCESS
    paused = wait(engine, execution, State.PAUSED)
    assert paused.params["env"] == {"armed": ["fourth"], "kept": 1, "new": 2}
    resume(engine, execution)
    assert wait(engine, execution).state is State.SUCCESS
    fourth = tasks_of(engine, execution)["fourth"]
    assert engine.results([fourth]) == {"fourth": paused.params["env"]}


def test_a_timeout_counts_during_a_pause(engine: EngineClient) -> None:
    execution = start_named(engine, "timeout")
    wait(engine, execution, State.PAUSED)
    tasks = wait_for_task(engine, execution, "stopped", State.ERROR)
    assert "timed out" in (tasks["stopped"].state_info or "")


def test_cancel_while_paused(engine: EngineClient) -> None:
    execution = start_named(engine, "barrier")
    paused = wait(engine, execution, State.PAUSED)
    engine.cancel(paused, "no longer wanted")
    cancelled = wait(engine, execution)
    assert cancelled.state is State.CANCELLED
    assert cancelled.state_info == "no longer wanted"
    assert "server" not in states_of(engine, execution)


def test_the_pause_command_is_known_by_its_space(engine: EngineClient) -> None:
    tasks = {"a": {"action": "std.noop", "on-success": ['pause msg="<% 1 + 1 %> stops"']}}
    execution = start(engine, workflow(tasks))
    paused = wait(engine, execution, State.PAUSED)
    assert paused.state_info == "2 stops"
    resume(engine, execution)
    assert wait(engine, execution).state is State.SUCCESS
    tasks["a"]["on-success"] = ['pause(msg="stops")']
    with pytest.raises(EngineRefused):
        engine.validate(workflow(tasks))


def test_the_pause_command_takes_a_condition_beside_its_message(engine: EngineClient) -> None:
    decided = {'pause msg="stopped <% $.x %>"': "<% $.x > 1 %>"}
    tasks = {"a": {"publish": {"x": "<% $.given %>"}, "on-success": [decided, "b"]}, "b": {}}
    for given, state in ((1, State.SUCCESS), (2, State.PAUSED)):
        execution = start(engine, workflow(tasks, input=["given"]), {"given": given})
        assert wait(engine, execution, State.SUCCESS, State.PAUSED).state is state
    paused = engine.execution(execution.id)
    assert paused.state_info == "stopped 2"
    engine.cancel(paused, "seen")


def test_an_env_is_taken_while_paused_and_refused_while_running(engine: EngineClient) -> None:
    execution = start_named(engine, "pause_expression", env={"armed": ["second"]})
    wait(engine, execution, State.PAUSED)
    wait_for_task(engine, execution, "second", State.IDLE)
    engine.amend(execution, {"armed": []})
    paused = engine.execution(execution.id)
    assert (paused.state, paused.params["env"]) == (State.PAUSED, {"armed": []})
    engine.cancel(paused, "seen")
    running = start(engine, workflow({"a": {"wait-before": 60}}), env={"x": 1})
    with pytest.raises(EngineRefused, match="only permitted if"):
        engine.amend(running, {"x": 2})
    engine.cancel(engine.execution(running.id), "seen")


def test_a_paused_execution_does_not_fail(engine: EngineClient) -> None:
    tasks = {
        "a": {"on-success": ["pause", "b"]},
        "b": {},
        "slow": {"action": "std.sleep seconds=1", "on-success": ["bad"]},
        "bad": {"action": "std.fail"},
    }
    execution = start(engine, workflow(tasks))
    wait_for_task(engine, execution, "slow", State.SUCCESS)
    assert wait(engine, execution, *ENDED, State.PAUSED).state is State.PAUSED
    engine.cancel(engine.execution(execution.id), "seen")


# --- failures --------------------------------------------------------------------------------


def test_a_task_that_fails_and_runs_again_with_an_env_lets_the_barrier_recover(
    engine: EngineClient,
) -> None:
    execution = start_named(engine, "failure")
    assert wait(engine, execution).state is State.ERROR
    tasks = tasks_of(engine, execution)
    assert tasks["settled"].state is State.ERROR
    assert "bad" in (tasks["settled"].state_info or "")
    engine.rerun(tasks["bad"], {"broken": False})
    paused = wait(engine, execution, State.PAUSED)
    assert paused.params["env"] == {"broken": False}
    resume(engine, execution)
    assert wait(engine, execution).state is State.SUCCESS


def test_a_failed_task_can_be_skipped(engine: EngineClient) -> None:
    execution = start_named(engine, "failure")
    assert wait(engine, execution).state is State.ERROR
    engine.skip(tasks_of(engine, execution)["bad"])
    assert wait(engine, execution, State.PAUSED).state_info == "stopped"
    assert states_of(engine, execution)["bad"] is State.SKIPPED


# --- literals and expressions ----------------------------------------------------------------


def test_only_a_tasks_input_is_evaluated(engine: EngineClient) -> None:
    given = "<% 1 + 1 %> {{ 1 + 1 }}"
    execution = start_named(engine, "literals", {"given": given})
    ended = wait(engine, execution)
    assert ended.state is State.SUCCESS, ended.state_info
    assert ended.tags == ("<% 1 + 1 %>",)
    assert {key: ended.output[key] for key in ("given", "default", "returned", "yaql")} == {
        "given": given,
        "default": "<% 1 + 1 %> {{ 1 + 1 }}",
        "returned": given,
        "yaql": 2,
    }
    assert str(ended.output["jinja"]) == "2"


def test_an_expression_over_two_lines_is_text(engine: EngineClient) -> None:
    ended = wait(engine, start_named(engine, "literals", {"given": ""}))
    assert ended.output["newline"] == "<% 1 +\n1 %>"


def test_descriptions_are_not_evaluated(engine: EngineClient) -> None:
    execution = start_named(engine, "literals", {"given": ""})
    wait(engine, execution)
    definition = engine.workflow(execution.workflow_id).definition
    assert "a workflow of <% 1 + 1 %> words" in definition


# --- names -----------------------------------------------------------------------------------


def test_names_and_results_by_name(engine: EngineClient) -> None:
    ended = wait(engine, start_named(engine, "names"))
    assert ended.state is State.SUCCESS, ended.state_info
    assert ended.output == {
        "found": "dots",
        "index": "brackets",
        "letters": "letters",
        "hook": "hook",
    }


def test_a_name_with_white_space_cannot_be_named_by_an_on_clause(engine: EngineClient) -> None:
    tasks = {
        "a": {"action": "std.noop", "on-success": ["b c"]},
        "b c": {"action": "std.noop"},
    }
    with pytest.raises(EngineRefused):
        engine.validate(workflow(tasks))


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("noop", State.SUCCESS),
        ("succeed", State.SUCCESS),
        ("fail", State.ERROR),
        ("pause", State.PAUSED),
    ],
)
def test_a_task_named_like_a_command_is_never_reached(
    engine: EngineClient, name: str, state: State
) -> None:
    tasks = {
        "a": {"action": "std.noop", "on-success": [name]},
        name: {"action": "std.noop"},
    }
    # Mistral's own validation does not object: it is for the translator to keep out.
    engine.validate(workflow(tasks))
    execution = start(engine, workflow(tasks))
    wait(engine, execution, state)
    assert set(states_of(engine, execution)) == {"a"}


def test_anchors_and_aliases_are_not_read(engine: EngineClient) -> None:
    document = "version: '2.0'\nw:\n  tasks:\n    a: &a\n      action: std.noop\n    b: *a\n"
    assert yaml.safe_load(document)["w"]["tasks"]["b"] == {"action": "std.noop"}
    with pytest.raises(EngineRefused, match="could not be parsed"):
        engine.upload(document, "facts-anchors")


def test_an_action_in_one_line_takes_its_inputs_in_quotes_only(engine: EngineClient) -> None:
    quoted = wait(engine, start(engine, workflow({"a": {"action": 'std.echo output="x"'}})))
    assert quoted.state is State.SUCCESS
    bare = wait(engine, start(engine, workflow({"a": {"action": "std.echo output=x"}})))
    assert bare.state is State.ERROR
    assert "missing=['output']" in (bare.state_info or "")
    assert "Traceback" not in (bare.state_info or "")


def test_a_workflow_of_one_name_stands_in_two_namespaces(engine: EngineClient) -> None:
    tasks = {"a": {"action": "std.echo", "input": {"output": "first"}}}
    first = workflow(tasks, output={"is": "<% task(a).result %>"})
    second = first.replace("first", "second")
    one, two = engine.upload(first, "facts-1"), engine.upload(second, "facts-2")
    assert one.name == two.name
    assert one.id != two.id
    for known, expected in ((one, "first"), (two, "second")):
        ended = wait(engine, engine.start(known, {}))
        assert ended.output["is"] == expected
        assert ended.workflow_namespace == known.namespace


# --- sub-workflows ---------------------------------------------------------------------------


def two_inside(task: dict[str, Any]) -> str:
    """A workflow that runs another twice, which has one task."""
    outer = {"tasks": {name: {"workflow": "inner"} for name in ("left", "right")}}
    document = {"version": "2.0", "outer": outer, "inner": {"tasks": {"task": task}}}
    return yaml.safe_dump(document, sort_keys=False)


SLOW = {"action": "std.sleep seconds=3"}


def inside(engine: EngineClient, outer: str) -> set[str]:
    """The states of what runs inside."""
    found = engine._all(f"/executions?root_execution_id={outer}", "executions")
    return {str(execution["state"]) for execution in found}


def test_an_env_is_refused_at_a_resume_where_subworkflows_are_under_way(
    engine: EngineClient,
) -> None:
    execution = start(engine, two_inside(SLOW))
    wait_for_task(engine, execution, "task", State.RUNNING)
    engine.pause(execution)
    with pytest.raises(EngineRefused, match="only permitted if it is in IDLE, PAUSED, or ERROR"):
        resume(engine, execution, {"said": True})


def test_a_subworkflow_pauses_the_task_that_runs_it(engine: EngineClient) -> None:
    execution = start(engine, two_inside(SLOW))
    wait_for_task(engine, execution, "task", State.RUNNING)
    engine.pause(execution)
    assert {task["state"] for task in engine._tasks(execution.id)} == {"PAUSED"}


def test_actions_of_a_subworkflow_have_no_defaults_of_its_parents(engine: EngineClient) -> None:
    env = {"__actions": {"std.echo": {"output": "said"}}}
    alone = start(engine, workflow({"task": {"action": "std.echo"}}), env=env)
    assert wait(engine, alone).state is State.SUCCESS
    within = start(engine, two_inside({"action": "std.echo"}), env=env)
    assert wait(engine, within).state is State.ERROR


@pytest.mark.parametrize(("state", "left"), [("ERROR", "RUNNING"), ("CANCELLED", "CANCELLED")])
def test_subworkflows_go_on_where_their_parent_is_set_to_error(
    engine: EngineClient, state: str, left: str
) -> None:
    execution = start(engine, two_inside(SLOW))
    wait_for_task(engine, execution, "task", State.RUNNING)
    engine._update(execution.id, {"state": state})
    assert inside(engine, execution.id) == {left}


# --- executions ------------------------------------------------------------------------------


def test_an_execution_of_a_given_id_is_made_once(engine: EngineClient) -> None:
    known = engine.upload(workflow({"a": {"action": "std.noop"}}), "facts-once")
    ident = str(uuid.uuid4())
    first = engine.start(known, {}, execution_id=ident, description="first")
    second = engine.start(known, {}, execution_id=ident, description="second")
    assert first.id == second.id == ident
    assert second.description == "first"
    assert len(engine.tasks(ident)) == 1


def test_the_env_gives_actions_default_inputs_and_a_resume_changes_them(
    engine: EngineClient,
) -> None:
    execution = start_named(
        engine, "action_defaults", env={"__actions": {"std.echo": {"output": "first"}}}
    )
    wait(engine, execution, State.PAUSED)
    wait_for_task(engine, execution, "stopped", State.IDLE)
    resume(engine, execution, {"__actions": {"std.echo": {"output": "second"}}})
    ended = wait(engine, execution)
    assert ended.state is State.SUCCESS, ended.state_info
    assert ended.output == {"before": "first", "after": "second"}
