"""What is left out of Mistral's work changes none of its answers.

Mistral's own functions are asked about the same workflows, with cycles and commands in them.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from mistral.engine.tasks import Task
from mistral.lang import parser
from mistral.lang.v2.workflows import DirectWorkflowSpec
from mistral.workflow.direct_workflow import DirectWorkflowController

from wfbreak.engine import lean
from wfbreak.engine.alone import joining
from wfbreak.engine.model import State

from .process import EngineProcess
from .support import start, wait, wait_for_task

OWN_INBOUND = DirectWorkflowSpec.find_inbound_task_specs
OWN_AFFECTED = DirectWorkflowController.find_indirectly_affected_task_executions

OWN_UPDATE = Task._update_inbound_context
OWN_NAMES = DirectWorkflowController._find_all_parent_task_names

CLAUSES = ("on-success", "on-error", "on-complete", "on-skip")


def test_it_is_mistrals_own_that_is_compared() -> None:
    assert OWN_INBOUND.__module__.startswith("mistral.")
    assert OWN_AFFECTED.__module__.startswith("mistral.")
    assert OWN_NAMES.__module__.startswith("mistral.")
    assert OWN_UPDATE.__module__.startswith("mistral.")


@st.composite
def specifications(draw: st.DrawFn, cycles: bool = True) -> Any:
    names = [f"t{number}" for number in range(draw(st.integers(1, 9)))]
    tasks: dict[str, Any] = {}
    for number, name in enumerate(names):
        task: dict[str, Any] = {"action": "std.noop"}
        if draw(st.booleans()):
            task["join"] = draw(st.sampled_from(["all", "one"]))
        following = names if cycles else names[number + 1 :]
        for clause in CLAUSES:
            after = draw(st.lists(st.sampled_from([*following, "fail", "pause"]), max_size=3))
            if after:
                task[clause] = sorted(set(after))
        tasks[name] = task
    document: dict[str, Any] = {"tasks": tasks}
    if cycles and draw(st.booleans()):
        document["task-defaults"] = {"on-error": [draw(st.sampled_from(names))]}
    text = yaml.safe_dump({"version": "2.0", "w": document})
    # A workflow of its own for each: specifications keep what they have found.
    return parser.get_workflow_list_spec_from_yaml(text, validate=False).get_workflows()[0]


@dataclass
class Executions:
    """Which tasks have begun, as the controller asks for them."""

    begun: Collection[str]
    asked: list[set[str]] = field(default_factory=list)

    def __call__(self, fields: Collection[str], name: dict[str, Collection[str]]) -> list[Any]:
        self.asked.append(set(name["in"]))
        return [Execution(each) for each in sorted(set(name["in"]) & set(self.begun))]


@dataclass(frozen=True)
class Execution:
    name: str

    @property
    def id(self) -> str:
        return self.name


@settings(max_examples=300)
@given(specifications(), st.booleans())
def test_inbound_tasks(specification: Any, is_late: bool) -> None:
    """Also where Mistral has looked for some of them itself, before the engine was made lean."""
    tasks = list(specification.get_tasks())
    before = tasks[: len(tasks) // 2] if is_late else []
    theirs = {task.get_name(): OWN_INBOUND(specification, task) for task in before}
    mine = {task.get_name(): lean._inbound(specification, task) for task in tasks}
    theirs |= {task.get_name(): OWN_INBOUND(specification, task) for task in tasks}
    assert mine == theirs


@settings(max_examples=300)
@given(specifications(), st.data())
def test_joins_that_a_tasks_end_may_set_going(specification: Any, data: st.DataObject) -> None:
    names = [task.get_name() for task in specification.get_tasks()]
    begun = data.draw(st.sets(st.sampled_from(names)))
    for name in names:
        controller = SimpleNamespace(wf_spec=specification, _get_task_executions=Executions(begun))
        theirs = OWN_AFFECTED(controller, name)
        mine = lean._affected(controller, name)
        assert mine == theirs


@pytest.mark.parametrize("size", [10, 300])
def test_only_the_joins_behind_a_task_are_asked_for(size: int) -> None:
    tasks = {
        f"t{n}": {"action": "std.noop", "join": "all", "on-success": [f"t{n + 1}"]}
        for n in range(1, size)
    }
    tasks["t0"] = {"action": "std.noop", "on-success": ["t1"]}
    tasks[f"t{size}"] = {"action": "std.noop", "join": "all"}
    text = yaml.safe_dump({"version": "2.0", "w": {"tasks": tasks}})
    specification = parser.get_workflow_list_spec_from_yaml(text, validate=False).get_workflows()[0]
    executions = Executions([f"t{n}" for n in range(size)])
    controller = SimpleNamespace(wf_spec=specification, _get_task_executions=executions)
    assert {found.name for found in lean._affected(controller, "t0")} == {"t1"}
    assert executions.asked == [{"t1"}]


@dataclass(eq=False)
class Row:
    """An execution of a task, as the database has it."""

    name: str
    state: str
    next_tasks: list[tuple[str, str]] = field(default_factory=list)
    state_info: str | None = None

    @property
    def id(self) -> str:
        return self.name


class Controller(DirectWorkflowController):  # type: ignore[misc]  # the library has no types
    """Mistral's own on some rows."""

    def __init__(self, specification: Any, rows: dict[str, Row]) -> None:
        self.wf_spec = specification
        self.wf_ex = SimpleNamespace(id="w")
        self.rows = rows
        self.asked: list[set[str]] = []

    def _get_task_executions(self, fields: Any = (), **wanted: Any) -> list[Row]:
        self.asked.append(set(wanted["name"]["in"]))
        return [row for name, row in self.rows.items() if name in wanted["name"]["in"]]


class LeanController(Controller):
    _find_all_parent_task_names = lean._names_right_before


def clauses(specification: Any, name: str, state: str) -> list[tuple[str, str]]:
    """What a task lets go of, if it ends so."""
    found = {
        "SUCCESS": [("on-success", specification.get_on_success_clause)],
        "ERROR": [("on-error", specification.get_on_error_clause)],
        "SKIPPED": [("on-skip", specification.get_on_skip_clause)],
    }[state]
    if state != "SKIPPED":
        found.append(("on-complete", specification.get_on_complete_clause))
    tasks = specification.get_tasks()
    return [
        (following, event)
        for event, clause in found
        for following, *_ in clause(name)
        if tasks[following] is not None
    ]


@settings(max_examples=300)
@given(specifications(cycles=False), st.data())
def test_whether_a_joins_turn_has_come(specification: Any, data: st.DataObject) -> None:
    rows = {}
    for task in specification.get_tasks():
        state = data.draw(st.sampled_from(["", "WAITING", "RUNNING", "SUCCESS", "ERROR"]))
        if state:
            is_over = state in ("SUCCESS", "ERROR")
            after = clauses(specification, task.get_name(), state) if is_over else []
            rows[task.get_name()] = Row(task.get_name(), state, after)
    theirs, mine = Controller(specification, rows), LeanController(specification, rows)
    for row in rows.values():
        expected = theirs.get_logical_task_state(row)
        assert vars(mine.get_logical_task_state(row)) == vars(expected)


@settings(max_examples=300)
@given(specifications(cycles=False), st.data())
def test_the_joins_whose_turn_has_come(specification: Any, data: st.DataObject) -> None:
    """A whole execution, with tasks that fail and are run again, and engines that are started anew:
    after each end the embedded engine takes the joins that Mistral would."""
    rows: dict[str, Row] = {}
    tasks = specification.get_tasks()

    def begin(name: str) -> None:
        is_join = bool(tasks[name].get_join()) and specification.find_inbound_task_specs(
            tasks[name]
        )
        rows[name] = Row(name, "WAITING" if is_join else "RUNNING")

    for task in specification.find_start_tasks():
        begin(task.get_name())

    def end(name: str, state: str) -> None:
        ended = rows[name]
        ended.state, ended.next_tasks = state, clauses(specification, name, state)
        for following, _ in ended.next_tasks:
            if following not in rows or rows[following].state == "ERROR":
                begin(following)
        theirs, mine = Controller(specification, rows), LeanController(specification, rows)
        expected = {
            row.name: logical.state
            for row in OWN_AFFECTED(theirs, name)
            if (logical := theirs.get_logical_task_state(row)).state != "WAITING"
            and row.state == "WAITING"
        }
        due = {row.name for row in joining._due(mine, ended) if row.state == "WAITING"}
        assert due == set(expected)
        for join, state in expected.items():
            rows[join].state = "RUNNING"
            if state == "ERROR":
                end(join, state)

    for _ in range(3 * len(list(tasks))):
        again = [name for name, row in rows.items() if row.state == "ERROR"]
        running = [name for name, row in rows.items() if row.state == "RUNNING"]
        if not running + again:
            break
        if data.draw(st.integers(0, 3)) == 0:
            specification.__dict__.pop(joining._WATCHED, None)
        name = data.draw(st.sampled_from(running + again))
        end(name, data.draw(st.sampled_from([*["SUCCESS"] * 3, "ERROR", "SKIPPED"])))


def test_a_join_of_many_is_seldom_looked_at_as_a_whole() -> None:
    """That is what grows with the square of the size."""
    names = [f"t{number}" for number in range(200)]
    tasks: dict[str, Any] = {name: {"action": "std.noop", "on-success": ["last"]} for name in names}
    tasks["last"] = {"action": "std.noop", "join": "all"}
    text = yaml.safe_dump({"version": "2.0", "w": {"tasks": tasks}})
    specification = parser.get_workflow_list_spec_from_yaml(text, validate=False).get_workflows()[0]
    rows = {name: Row(name, "RUNNING") for name in names} | {"last": Row("last", "WAITING")}
    controller = LeanController(specification, rows)
    for name in names[:-1]:
        rows[name].state, rows[name].next_tasks = "SUCCESS", [("last", "on-success")]
        assert not list(joining._due(controller, rows[name]))
    rows[names[-1]].state, rows[names[-1]].next_tasks = "SUCCESS", [("last", "on-success")]
    assert [join.name for join in joining._due(controller, rows[names[-1]])] == ["last"]
    assert sum(len(asked) > 2 for asked in controller.asked) < 5


class Driver:
    """Takes what a client sends."""

    def __init__(self, _: object) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def async_call(self, _: object, method: str, **params: Any) -> None:
        self.sent.append((method, params))


@pytest.mark.parametrize("waiting", [True, False])
@pytest.mark.parametrize("first_run", [True, False])
@pytest.mark.parametrize("rerun", [True, False])
def test_only_what_starts_something_is_sent(
    monkeypatch: pytest.MonkeyPatch, waiting: bool, first_run: bool, rerun: bool
) -> None:
    from mistral.rpc import clients

    monkeypatch.setattr(clients, "EngineClient", clients.EngineClient)
    monkeypatch.setattr(clients, "_ENGINE_CLIENT", None)
    monkeypatch.setattr(clients.auth_ctx, "ctx", lambda: None)
    monkeypatch.setattr(clients.base, "get_rpc_client_driver", lambda: Driver)
    lean.start_tasks_without_specification()
    lean.start_no_waiting_joins()
    client = clients.EngineClient(None)
    client.start_task(
        wf_spec="the whole workflow",
        task_ex_id="id",
        first_run=first_run,
        waiting=waiting,
        triggered_by=None,
        rerun=rerun,
        reset=False,
    )
    assert "the whole workflow" not in str(client._client.sent)
    assert [method for method, _ in client._client.sent] == (
        [] if waiting and first_run else ["start_task"]
    )


contexts = st.dictionaries(
    st.sampled_from("abc"),
    st.sampled_from([0, 1, True, False, 1.0, "", None, [], [1], [True], {}, {"x": 1}, {"x": True}]),
)


@given(contexts, contexts)
def test_a_tasks_context_is_what_it_was(known: dict[str, Any], comes: dict[str, Any]) -> None:
    from mistral.workflow import base

    class Counted(dict[str, Any]):
        changes = 0

        def update(self, *args: Any, **more: Any) -> None:
            self.changes += 1
            super().update(*args, **more)

    def updated(function: Any) -> tuple[str, int]:
        context = Counted(known)
        task = SimpleNamespace(
            wf_ex=None,
            wf_spec=None,
            task_spec=None,
            task_ex=SimpleNamespace(in_context=context),
            _get_triggered_by_ids=list,
        )
        controller = SimpleNamespace(get_task_inbound_context=lambda *_, **__: comes)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(base, "get_controller", lambda *_: controller)
            function(task)
        assert task.ctx == comes
        return repr(dict(context)), context.changes

    theirs, _ = updated(OWN_UPDATE)
    mine, changes = updated(lean._update_context)
    assert mine == theirs
    assert changes == (theirs != repr(known))


def test_what_an_execution_has_is_read_at_once() -> None:
    from mistral.db.v2.sqlalchemy import models
    from sqlalchemy import create_engine, event
    from sqlalchemy.orm import Session

    lean.read_data_together()
    engine = create_engine("sqlite://")
    models.WorkflowExecution.metadata.create_all(engine)
    data = {"input": {"a": 1}, "context": {"b": 2}, "params": {"c": 3}, "output": {"d": 4}}
    with Session(engine) as session:
        session.add(models.WorkflowExecution(id="w", name="w", **data))
        session.commit()
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with Session(engine) as session:
        found = session.get(models.WorkflowExecution, "w")
        assert len(asked) == 1
        assert not any(f".{name}" in asked[0] for name in data)
        assert (found.input, found.context, found.params) == ({"a": 1}, {"b": 2}, {"c": 3})
        assert len(asked) == 2
        assert ".output" not in asked[1]
        assert found.output == {"d": 4}


@pytest.mark.engine
def test_nobodys_action_takes_the_place_of_wfbreaks(process: EngineProcess) -> None:
    document = {"version": "2.0"} | {
        name: {"base": "std.echo", "base-input": {"output": "somebody's"}}
        for name in ("wfbreak.public_key", "mine")
    }
    client = process.client
    answer = client._http.post("/actions", yaml.safe_dump(document).encode())
    assert answer.status_code == 201, answer.text
    actions = {"own": "wfbreak.public_key", "their": "mine"}
    tasks = {name: {"action": action} for name, action in actions.items()}
    output = {name: f"<% task({name}).result %>" for name in actions}
    workflow = {"version": "2.0", "w": {"output": output, "tasks": tasks}}
    ended = wait(client, start(client, yaml.safe_dump(workflow)))
    assert ended.state is State.SUCCESS
    assert ended.output["their"] == "somebody's"
    assert ended.output["own"] != "somebody's"


@pytest.mark.engine
def test_an_action_that_lasts_is_heard_of(process: EngineProcess) -> None:
    """It is lost after half a minute; its first heartbeat comes after some seconds."""
    tasks = {"long": {"action": "std.sleep seconds=15"}}
    execution = start(process.client, yaml.safe_dump({"version": "2.0", "w": {"tasks": tasks}}))
    wait_for_task(process.client, execution, "long", State.RUNNING)

    def until() -> float:
        query = "SELECT (julianday(last_heartbeat) - julianday(created_at)) * 86400"
        with closing(sqlite3.connect(process.state / "mistral.sqlite", timeout=30)) as database:
            found = database.execute(f"{query} FROM action_executions_v2").fetchone()
        return float(found[0])

    beats = set()
    while process.client.execution(execution.id).state is State.RUNNING:
        beats.add(round(until()))
        time.sleep(0.5)
    # Until the first heartbeat it says when the action is taken for lost.
    assert 29 <= max(beats) <= 31
    assert min(beats) <= 14


def joined(*names: str) -> Any:
    """A workflow whose last task waits for the others."""
    tasks: dict[str, Any] = {name: {"action": "std.noop", "on-success": ["last"]} for name in names}
    tasks["last"] = {"action": "std.noop", "join": "all"}
    text = yaml.safe_dump({"version": "2.0", "w": {"tasks": tasks}})
    return parser.get_workflow_list_spec_from_yaml(text, validate=False).get_workflows()[0]


def test_what_was_over_before_the_engine_was_started_holds_no_join() -> None:
    specification = joined("a", "b", "c")
    names = {"a": "RUNNING", "b": "SUCCESS", "c": "SUCCESS", "last": "WAITING"}
    rows = {name: Row(name, state) for name, state in names.items()}
    rows["b"].next_tasks = rows["c"].next_tasks = [("last", "on-success")]
    controller = LeanController(specification, rows)
    assert not list(joining._due(controller, rows["b"]))
    rows["a"].state, rows["a"].next_tasks = "SUCCESS", [("last", "on-success")]
    assert list(joining._due(controller, rows["a"])) == [rows["last"]]


def test_a_join_that_cannot_come_any_more_fails_at_once_when_something_is_run_again() -> None:
    specification = joined("a", "b", "c", "d")
    rows = {name: Row(name, "RUNNING") for name in "abcd"} | {"last": Row("last", "WAITING")}
    controller = LeanController(specification, rows)
    rows["a"].state, rows["a"].next_tasks = "SUCCESS", [("last", "on-success")]
    assert not list(joining._due(controller, rows["a"]))
    for name in "bc":
        rows[name].state = "ERROR"
        assert list(joining._due(controller, rows[name])) == [rows["last"]]
    rows["c"].state, rows["c"].next_tasks = "SUCCESS", [("last", "on-success")]
    assert list(joining._due(controller, rows["c"])) == [rows["last"]]
