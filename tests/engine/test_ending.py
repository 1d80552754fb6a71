"""An action ends once, a task by one action, and what is tried again is tried once.

A second engine is imitated in the database: a copy of a row is what it would have written. That of
two engines at the same moment one waits for the other is tested on a cluster (tests/cluster).
"""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from wfbreak.again import Again
from wfbreak.engine.model import Execution, State
from wfbreak.translate.document import dump

from .process import EngineProcess
from .support import start, tasks_of, wait, wait_for_task

pytestmark = pytest.mark.engine

READ = {
    "first": {"action": "std.async_noop", "on-success": ["second"]},
    "second": {"action": "std.async_noop", "on-success": ["reader"]},
    "reader": {"action": "std.echo", "input": {"output": "<% task(first).result.x %>"}},
}

AGAIN = {
    "failing": {"action": "std.fail", "input": {"error_data": Again.PENDING.tell("BUILD")}},
}
RETRY = {"count": 1, "delay": 8, "continue-on": "<% wfbreak_again() %>"}


def test_the_second_action_that_ends_a_task_is_not_read(process: EngineProcess) -> None:
    execution = start(process.client, dump({"version": "2.0", "w": {"tasks": READ}}))
    wait_for_task(process.client, execution, "first", State.RUNNING)
    one, other = actions(process, execution, "first", copies=1)
    end(process, one, {"x": 1})
    wait_for_task(process.client, execution, "second", State.RUNNING)
    end(process, other, {"x": 2})
    (second,) = actions(process, execution, "second")
    end(process, second, {})
    assert wait(process.client, execution).state is State.SUCCESS
    tasks = tasks_of(process.client, execution)
    results = process.client.results(tasks.values())
    assert (results["first"], results["reader"]) == ({"x": 1}, 1)


def test_a_try_that_was_scheduled_twice_is_made_once(process: EngineProcess) -> None:
    document = dump({"version": "2.0", "w": {"task-defaults": {"retry": RETRY}, "tasks": AGAIN}})
    execution = start(process.client, document)
    wait_for_task(process.client, execution, "failing", State.DELAYED)
    jobs = "func_name LIKE '%_continue_task'"
    with database(process.state) as rows:
        # The copy is overdue, and is made first; the other's turn comes when all has ended.
        assert copy(rows, "scheduled_jobs_v2", jobs, execute_at="2001-01-01 00:00:00.000000") == 1
        assert wait(process.client, execution).state is State.ERROR
        assert len(actions(process, execution, "failing")) == 1 + RETRY["count"]
        while rows.execute(f"SELECT 1 FROM scheduled_jobs_v2 WHERE {jobs}").fetchall():
            time.sleep(0.2)
    assert len(actions(process, execution, "failing")) == 1 + RETRY["count"]


def database(state: Path) -> closing[sqlite3.Connection]:
    connection = sqlite3.connect(state / "mistral.sqlite", timeout=30, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return closing(connection)


def copy(rows: sqlite3.Connection, table: str, where: str, **other: str) -> int:
    """Write each such row once more, with an id and these values of its own; how many there
    were."""
    found = rows.execute(f"SELECT * FROM {table} WHERE {where}").fetchall()
    for row in found:
        other = {**row, "id": f"{row['id'][:-4]}c0b1", **other}
        marks = ", ".join("?" for _ in other)
        rows.execute(f"INSERT INTO {table} VALUES ({marks})", list(other.values()))
    return len(found)


def actions(process: EngineProcess, execution: Execution, task: str, copies: int = 0) -> list[str]:
    """The ids of a task's actions, after so many copies were made of each."""
    ident = tasks_of(process.client, execution)[task].id
    with database(process.state) as rows:
        for _ in range(copies):
            copy(rows, "action_executions_v2", f"task_execution_id = '{ident}'")
        found = rows.execute(
            "SELECT id FROM action_executions_v2 WHERE task_execution_id = ?", (ident,)
        )
        return [row["id"] for row in found]


def end(process: EngineProcess, action: str, result: Any) -> None:
    put(process, action, {"state": "SUCCESS", "output": json.dumps(result)}).raise_for_status()


def put(process: EngineProcess, action: str, body: dict[str, Any]) -> requests.Response:
    url = f"{process.client.url}/action_executions/{action}"
    return requests.put(url, json=body, timeout=60)
