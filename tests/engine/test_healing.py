"""An engine of a cluster is killed: nobody can know at once what it had, and it is found later.

The embedded engine, without what it knows of a crash (it alone has its database), is such an
engine, and one that loses more: its messages are in its memory. What it lost comes back by
heartbeats, by tries and by what looks after each execution.
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mistral.db.v2 import api as db

from wfbreak.again import Again
from wfbreak.engine import behalf, healing, jobs, restarting
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import RETRIED, STOPPED, Execution, State
from wfbreak.translate import Request, translate
from wfbreak.translate.document import dump

from .process import EngineProcess
from .support import start as start_document
from .support import wait_for_task

pytestmark = pytest.mark.engine

PATIENCE = 120.0
"""Seconds: a heartbeat is missed after 30, what does not move is looked at after 15 to 25."""


FORGETFUL = """\
import sys
from wfbreak.engine import recovery, serve
recovery.find_lost = recovery.Lost
sys.exit(serve.main())
"""


class Forgetful(EngineProcess):
    """An engine that knows nothing of what was before it."""

    program = ("-c", FORGETFUL)


IMPATIENT = FORGETFUL.replace(
    "sys.exit",
    "from datetime import timedelta\n"
    "from wfbreak.engine import healing\n"
    "healing._STALE_TRIED = timedelta(seconds=5)\n"
    "sys.exit",
)


class Impatient(Forgetful):
    """One that does not wait for the longest delay of a try to be over."""

    program = ("-c", IMPATIENT)


def template(width: int, depth: int) -> str:
    """Chains side by side, and one resource after all of them."""
    lines = ["heat_template_version: 2018-08-31", "resources:"]
    for chain in range(width):
        for link in range(depth):
            after = f", depends_on: r{chain}x{link - 1}" if link else ""
            lines.append(f"  r{chain}x{link}: {{type: OS::Heat::None{after}}}")
    ends = ", ".join(f"r{chain}x{depth - 1}" for chain in range(width))
    lines.append(f"  last: {{type: OS::Heat::None, depends_on: [{ends}]}}")
    return "\n".join(lines)


def ended(process: EngineProcess, execution: Execution) -> Execution:
    deadline = time.monotonic() + PATIENCE
    while True:
        found = process.client.execution(execution.id)
        if found.state is not State.RUNNING or time.monotonic() > deadline:
            return found
        time.sleep(0.5)


def start(client: EngineClient, folder: Path) -> Execution:
    path = folder / "stack.yaml"
    path.write_text(template(width=4, depth=5))
    translation = translate(Request(str(path)))
    return client.start(client.upload(translation.text()), {})


def test_what_a_kill_takes_comes_back(tmp_path: Path) -> None:
    with Forgetful(tmp_path / "state") as process:
        executions = []
        for seconds in (0.0, 0.3, 0.7, 1.2):
            executions.append(start(process.client, tmp_path))
            time.sleep(seconds)
            process.kill()
            process.start()
        for execution in executions:
            found = ended(process, execution)
            assert found.state is State.SUCCESS, found.state_info
            tasks = process.client.tasks(execution.id)
            assert len(tasks) == 21
            assert set(Counter(task.name for task in tasks).values()) == {1}


def look(
    monkeypatch: pytest.MonkeyPatch, state: str, info: str | None, ago: int
) -> tuple[list[object], int]:
    """What is done about an execution whose only open task is IDLE with this ``info`` for ``ago``
    seconds, and the seconds until the next look."""
    periods: list[int] = []
    monkeypatch.setattr(jobs, "schedule", lambda f, seconds, key, **said: periods.append(seconds))
    monkeypatch.setattr(behalf, "lend", lambda tasks: None)
    moved = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=ago)
    task = SimpleNamespace(id="t", state="IDLE", state_info=info, updated_at=moved)
    open_tasks = {"e": [task]}
    monkeypatch.setattr(
        db,
        "get_incomplete_task_executions",
        lambda workflow_execution_id: open_tasks[workflow_execution_id],
    )
    execution = SimpleNamespace(id="e", state=state, updated_at=moved)
    return [step for step, _ in healing._look(execution)], periods[0]


def test_a_breakpoint_that_was_not_started_is_soon_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    soon = healing._PERIOD
    assert look(monkeypatch, "PAUSED", None, 5) == ([], soon)
    assert look(monkeypatch, "PAUSED", None, 20) == ([restarting.start_task], soon)
    assert look(monkeypatch, "PAUSED", STOPPED, 200) == ([], healing._PERIOD_PAUSED)


def test_a_token_is_lent_to_tries_that_may_be_in_nobodys_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Looking for them reads all that the scheduler has to do."""
    lent: list[list[str]] = []
    monkeypatch.setattr(behalf, "lend", lent.append)
    monkeypatch.setattr(jobs, "schedule", lambda *_, **__: None)
    now = datetime.now(UTC).replace(tzinfo=None)

    def task(name: str, *results: str) -> Any:
        actions = [
            SimpleNamespace(created_at=number, output={"result": result})
            for number, result in enumerate(results)
        ]
        info = f"{RETRIED} [delay=1]"
        return SimpleNamespace(
            id=name, state="DELAYED", state_info=info, updated_at=now, action_executions=actions
        )

    lost, pending = Again.LOST.words, Again.PENDING.tell("BUILD")
    nobodys = Again.NOBODY.tell("no token")
    tasks = [
        task("lost", pending, lost),
        task("nobody's", lost, nobodys),
        task("pending", lost, pending),
        task("none"),
    ]
    monkeypatch.setattr(db, "get_incomplete_task_executions", lambda workflow_execution_id: tasks)
    healing._look(SimpleNamespace(id="e", state="RUNNING", updated_at=now))
    assert lent == [["lost", "nobody's"]]


def test_letting_go_is_sent_again_only_when_the_first_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It must not come twice: Mistral fails an execution that lets go of what has succeeded."""
    assert look(monkeypatch, "RUNNING", STOPPED, 30)[0] == []
    assert look(monkeypatch, "RUNNING", STOPPED, 70)[0] == [restarting.let_go]


@pytest.mark.parametrize("join", [False, True], ids=["task", "join"])
def test_a_try_that_the_database_has_lost_is_made(tmp_path: Path, join: bool) -> None:
    """Its job would have been written while the database was away."""
    document = retried(join)
    with Impatient(tmp_path / "state") as process:
        execution = start_document(process.client, document)
        state = State.WAITING if join else State.DELAYED
        while not wait_for_task(process.client, execution, "failing", state)["failing"].is_retried:
            pass
        process.kill()
        with closing(sqlite3.connect(process.state / "mistral.sqlite")) as database, database:
            lost = database.execute(
                "DELETE FROM scheduled_jobs_v2 WHERE func_args LIKE '%task_ex_id%'"
            )
            assert lost.rowcount == 1
        process.start()
        execution = ended(process, execution)
    assert execution.state is State.ERROR
    assert (execution.state_info or "").count("action_ex_id") == 2


def retried(join: bool) -> str:
    """A workflow with a task that is tried twice, and is looked after; alone, or as a join."""
    failing = {"action": "std.fail", "input": {"error_data": Again.PENDING.tell("BUILD")}}
    retry = {"count": 1, "delay": 5, "continue-on": "<% wfbreak_again() %>"}
    before = {"action": "std.noop", "on-success": ["failing"]}
    tasks = {"left": before, "right": before} if join else {}
    tasks["failing"] = failing | {"retry": retry} | ({"join": "all"} if join else {})
    return dump({"version": "2.0", "w": {"tasks": tasks}})
