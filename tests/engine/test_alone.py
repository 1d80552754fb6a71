"""What an embedded engine leaves out because it is alone changes none of Mistral's answers.

Mistral's own functions are asked the same, on a database of theirs; each check has a process for
itself, for what is left out is left out for good.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from wfbreak.engine import embedded
from wfbreak.engine.alone import checking, messages, reading, writing

STATES = ("IDLE", "RUNNING", "SUCCESS", "ERROR")


def alone(check: Callable[[str], None], folder: Path) -> None:
    """Run a check in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(check, (str(folder / "mistral.sqlite"),))


def act(project: str | None, is_admin: bool = False) -> None:
    from mistral import context

    context.set_ctx(context.MistralContext(project_id=project, is_admin=is_admin))


def database(path: str) -> Any:
    """A database of Mistral's; whoever asks for it is of the project ``p1``."""
    embedded._prepare_oslo()
    from mistral import config
    from mistral.db.v2 import api as db
    from oslo_config import cfg

    config.parse_args([])
    cfg.CONF.set_override("connection", f"sqlite:///{path}", "database")
    db.setup_db()
    act("p1")
    return db


def fill(db: Any) -> tuple[str, dict[str, str], dict[str, str]]:
    """An execution's id, and those of its tasks and of their actions by the tasks' states."""
    with db.transaction():
        execution = db.create_workflow_execution(
            {"name": "w", "state": "RUNNING", "params": {"env": {}}, "input": {"a": 1}}
            | {"context": {"b": 2}, "spec": {"c": 3}}
        )
        tasks, actions = {}, {}
        for state in STATES:
            task = db.create_task_execution(
                {"name": state.lower(), "state": state, "workflow_execution_id": execution.id}
                | {"processed": state != "RUNNING", "spec": {"action": "std.noop"}}
            )
            tasks[state] = task.id
            if state != "IDLE":
                action = db.create_action_execution(
                    {"name": "std.noop", "state": state, "task_execution_id": task.id}
                    | {"output": {"result": state}}
                )
                actions[state] = action.id
                db.update_task_execution(task.id, {"state_info": "it has begun"})
        return execution.id, tasks, actions


def check_by_id(path: str) -> None:
    db = database(path)
    from mistral.db.v2.sqlalchemy import api, models

    own = api._get_db_object_by_id
    execution, tasks, actions = fill(db)
    reading.look_up_what_is_there()
    mine = api._get_db_object_by_id
    asked = [(models.WorkflowExecution, execution), (models.TaskExecution, "none")]
    asked += [(models.TaskExecution, task) for task in tasks.values()]
    asked += [(models.ActionExecution, action) for action in actions.values()]
    for project, is_admin, shown in (("p1", False, 8), ("p2", False, 0), ("p2", True, 8)):
        act(project, is_admin)
        seen = 0
        for model, ident in asked:
            for first, second in ((mine, own), (own, mine)):
                with db.transaction():
                    found = first(model, ident)
                    assert second(model, ident) is found
                    seen += found is not None
                    if found is not None and model is models.TaskExecution:
                        ids = {action.id for action in found.action_executions}
                        assert ids == {actions.get(found.state)} - {None}
                        assert found.spec == {"action": "std.noop"}
                        assert found.workflow_execution.context == {"b": 2}
        assert seen == 2 * shown
        for insecure in (False, True):
            with db.transaction():
                found = mine(models.TaskExecution, tasks["IDLE"], insecure=insecure)
                assert found is own(models.TaskExecution, tasks["IDLE"], insecure=insecure)


def check_statements(path: str) -> None:
    db = database(path)
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    _, tasks, actions = fill(db)
    asked: list[str] = []
    event.listen(Engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    def work() -> int:
        asked.clear()
        with db.transaction():
            action = db.get_action_execution(actions["RUNNING"])
            task = db.get_task_execution(action.task_execution.id)
            execution = task.workflow_execution
            assert (action.output, task.spec) == ({"result": "RUNNING"}, {"action": "std.noop"})
            assert (execution.params, execution.input) == ({"env": {}}, {"a": 1})
            assert [each.id for each in task.action_executions] == [action.id]
            db.get_task_execution(tasks["RUNNING"])
            assert db.update_task_execution_state(id=task.id, cur_state="RUNNING", state="RUNNING")
        return sum(text.startswith(("SELECT", "UPDATE")) for text in asked)

    assert work() > 8
    reading.install()
    assert work() == 2


def test_how_much_a_transaction_asks(tmp_path: Path) -> None:
    alone(check_statements, tmp_path)


def test_what_is_asked_for_by_its_id(tmp_path: Path) -> None:
    alone(check_by_id, tmp_path)


def check_what_has_gone(path: str) -> None:
    db = database(path)
    execution, tasks, actions = fill(db)
    reading.install()
    with db.transaction():
        assert db.load_action_execution(actions["ERROR"]).task_execution.id == tasks["ERROR"]
        db.delete_action_execution(actions["ERROR"])
        assert db.load_action_execution(actions["ERROR"]) is None
        db.delete_workflow_execution(execution)
        assert db.load_workflow_execution(execution) is None
    with db.transaction():
        assert db.load_task_execution(tasks["IDLE"]) is None


def test_what_has_gone_is_not_found(tmp_path: Path) -> None:
    alone(check_what_has_gone, tmp_path)


def check_match(path: str) -> None:
    db = database(path)
    execution, tasks, _ = fill(db)
    reading.install()

    def state(ident: str) -> Any:
        with closing(sqlite3.connect(path)) as connection:
            query = "SELECT state, updated_at FROM task_executions_v2 WHERE id = ?"
            return connection.execute(query, (ident,)).fetchone()

    for is_read in (True, False):
        ident = tasks["RUNNING" if is_read else "IDLE"]
        before = state(ident)
        with db.transaction():
            if is_read:
                db.get_task_execution(ident)
            assert (
                db.update_task_execution_state(id=ident, cur_state="ERROR", state="SUCCESS") is None
            )
        assert state(ident) == before
        with db.transaction():
            if is_read:
                db.get_task_execution(ident)
            found = db.update_task_execution_state(id=ident, cur_state=before[0], state="PAUSED")
            assert (found.id, found.state) == (ident, "PAUSED")
            (again,) = db.get_task_executions(workflow_execution_id=execution, state="PAUSED")
            assert again is found
            assert (
                db.update_task_execution_state(id=ident, cur_state=before[0], state="SUCCESS")
                is None
            )
            assert (
                db.update_task_execution_state(id=ident, cur_state="PAUSED", state="CANCELLED")
                is found
            )
        assert state(ident)[0] == "CANCELLED"
        assert state(ident)[1] is not None


def test_a_state_is_changed_only_from_the_one_that_is_expected(tmp_path: Path) -> None:
    alone(check_match, tmp_path)


def check_what_is_read_anew(path: str) -> None:
    db = database(path)
    from mistral.db.v2.sqlalchemy import models

    execution, tasks, _ = fill(db)
    reading.install()
    for forget in (db.expire_all, lambda: db.acquire_lock(models.WorkflowExecution, execution)):
        ident = tasks.popitem()[1]
        with db.transaction():
            task = db.get_task_execution(ident)
            db.update_task_execution_state(id=ident, cur_state=task.state, state="PAUSED")
            forget()
            assert task.state == "PAUSED"


def test_a_state_that_was_changed_is_kept_when_all_is_read_anew(tmp_path: Path) -> None:
    alone(check_what_is_read_anew, tmp_path)


def check_upstream(path: str) -> None:
    db = database(path)
    from mistral.lang import parser
    from mistral.workflow.direct_workflow import DirectWorkflowController

    execution, tasks, _ = fill(db)
    own = DirectWorkflowController._get_upstream_task_executions
    reading.find_the_task_before()
    mine = DirectWorkflowController._get_upstream_task_executions
    document = {
        name: {"action": "std.noop", "on-complete": [f"after_{name}"]}
        for name in map(str.lower, STATES)
    }
    document |= {f"after_{name}": {"action": "std.noop"} for name in list(document)}
    text = yaml.safe_dump({"version": "2.0", "w": {"tasks": document}})
    specification = parser.get_workflow_list_spec_from_yaml(text, validate=False).get_workflows()[0]
    found = set()
    for project in ("p1", "p2"):
        act(project)
        for task in specification.get_tasks():
            for triggered_by in [None, [], ["none"], *([ident] for ident in tasks.values())]:
                with db.transaction():
                    controller: Any = DirectWorkflowController.__new__(DirectWorkflowController)
                    controller.wf_ex = SimpleNamespace(id=execution)
                    controller.wf_spec = specification
                    theirs = own(controller, task, triggered_by)
                    assert mine(controller, task, triggered_by) == theirs
                    found |= {(each.name, task.get_name()) for each in theirs}
    assert found == {("success", "after_success"), ("error", "after_error")}


def test_the_task_before(tmp_path: Path) -> None:
    alone(check_upstream, tmp_path)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """oslo.messaging's driver, whose threads must not sleep between two looks."""
    from oslo_messaging._drivers import impl_fake

    own = impl_fake.FakeExchange, impl_fake.FakeListener
    messages.install.__wrapped__()

    def no_sleep(_: float) -> None:
        raise AssertionError("it looks again and again")

    monkeypatch.setattr(impl_fake.time, "sleep", no_sleep)
    yield impl_fake
    impl_fake.FakeExchange, impl_fake.FakeListener = own
    impl_fake.FakeExchangeManager.cleanup()


def test_messages_arrive_in_their_order_without_being_looked_for(fake: Any) -> None:
    from oslo_messaging import Target

    manager = fake.FakeExchangeManager("mistral")
    targets = [Target(topic="t", server="s", exchange="x"), Target(topic="t", exchange="x")]
    listener = fake.FakeListener(manager, targets)
    seen: list[Any] = []

    def listen() -> None:
        while (found := listener.poll()) and found[0] is not None:
            seen.append((found[0].message, found[0].ctxt))

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    exchange = manager.get_exchange("x")
    for number in range(50):
        exchange.deliver_message("t", {"of": number}, number)
    exchange.deliver_message("other", {}, "not for it")
    assert listener._exchange is exchange
    for _ in range(1000):
        if len(seen) == 50:
            break
        thread.join(0.01)
    assert seen == [(number, {"of": number}) for number in range(50)]
    assert listener.poll(timeout=0.01) in ([], [None])
    listener.stop()
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("count", "delay", "fits"),
    [(3, 0, True), (0, 5, True), (-1, 0, False), (1, "soon", False), (1.5, 1, False)],
)
def test_a_policy_is_held_against_its_schema(count: Any, delay: Any, fits: bool) -> None:
    from mistral import exceptions
    from mistral.engine.base import TaskPolicy
    from mistral.engine.policies import RetryPolicy

    def said(validate: Callable[[Any], None]) -> str | None:
        try:
            validate(RetryPolicy(count, delay, None, None))
        except exceptions.InvalidModelException as error:
            return str(error)
        return None

    own = said(TaskPolicy._validate)
    assert said(checking._validate) == own
    assert (own is None) == fits


DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        [datetime(2026, 1, 2, tzinfo=UTC), Decimal("1.5"), b"bytes", ValueError("x")]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.text() | st.integers() | st.none(), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.data())
def test_what_is_written_reads_as_mistral_writes_it(data: st.DataObject) -> None:
    from mistral import utils

    own = utils.to_json_str
    try:
        writing.install.__wrapped__()
        mine = utils.to_json_str
    finally:
        utils.to_json_str = own
    value = data.draw(DATA)
    assert mine(value) == own(value)
    assert mine(number for number in (1, 2)) == "[1, 2]"
