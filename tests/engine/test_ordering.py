"""In which order a stack's tasks are listed and drawn, by any client of the real engine."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import yaml

from engine.support import resume, wait
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import State

from .test_telling import start


def test_what_cloudflow_draws_from(engine: EngineClient, tmp_path: Path) -> None:
    """Its graph: each task's ``triggered_by``, if a task has any notes; its document, by its id."""
    execution = start(engine, tmp_path, "resource: d")
    resume(engine, execution)
    assert wait(engine, execution).state is State.SUCCESS
    fields = "fields=state_info,name,runtime_context,workflow_id,type"
    found: Any = engine._json(engine._http.get(f"/executions/{execution.id}/tasks?{fields}"))
    names = {task["id"]: task["name"] for task in found["tasks"]}
    lines = {
        (names[trigger["task_id"]], task["name"], trigger["event"])
        for task in found["tasks"]
        if (notes := json.loads(task["runtime_context"]))
        for trigger in notes["triggered_by"]
    }
    assert ("d:pre-create", "d", "on-success") in lines
    assert {event for *_, event in lines} == {"on-success"}
    (workflow,) = {task["workflow_id"] for task in found["tasks"]}
    document = yaml.safe_load(engine.workflow(workflow).definition)
    assert set(names.values()) <= set(document[execution.workflow_name]["tasks"])


def test_tasks_are_numbered_in_their_order(engine: EngineClient, tmp_path: Path) -> None:
    """Of one second or not: that is how a page lists them."""
    execution = start(engine, tmp_path, "resource: d")
    resume(engine, execution)
    assert wait(engine, execution).state is State.SUCCESS
    tasks = sorted(engine.tasks(execution.id), key=lambda task: task.id)
    assert all(uuid.UUID(task.id).version == 7 for task in tasks)
    made = [task.created_at for task in tasks]
    assert made == sorted(made)
    names = [task.name for task in tasks]
    places = [names.index(name) for name in ("c", "d:pre-create", "d")]
    assert places == sorted(places)
