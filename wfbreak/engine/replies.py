"""What Mistral's API replies, as facts: JSON (mistral/api/controllers/v2/resources.py), typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wfbreak import wording
from wfbreak.engine.model import Execution, State, Task, Workflow


def _reason(text: str | None) -> str | None:
    """Why something is in its state; Mistral adds the traceback of its own code to an error."""
    return text.split("\nTraceback", 1)[0].rstrip(":\n") if text else text


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def _data(text: Any) -> dict[str, Any]:
    data = json.loads(text) if isinstance(text, str) and text else text
    return data if isinstance(data, dict) else {}


def workflow(data: Mapping[str, Any]) -> Workflow:
    return Workflow(
        id=data["id"],
        name=data["name"],
        namespace=data.get("namespace") or "",
        definition=data.get("definition") or "",
        tags=tuple(data.get("tags") or ()),
    )


def execution(data: Mapping[str, Any]) -> Execution:
    return Execution(
        id=data["id"],
        workflow_name=data["workflow_name"],
        workflow_namespace=data.get("workflow_namespace") or "",
        workflow_id=data["workflow_id"],
        description=data.get("description") or "",
        state=State(data["state"]),
        state_info=wording.headline(_reason(data.get("state_info")) or "") or None,
        created_at=_time(data["created_at"]) or datetime.now(UTC),
        updated_at=_time(data.get("updated_at")),
        tags=tuple(data.get("tags") or ()),
        input=_data(data.get("input")),
        params=_data(data.get("params")),
        output=_data(data.get("output")),
    )


def task(data: Mapping[str, Any]) -> Task:
    return Task(
        id=data["id"],
        name=data["name"],
        state=State(data["state"]),
        state_info=_reason(data.get("state_info")),
        created_at=_time(data["created_at"]) or datetime.now(UTC),
        started_at=_time(data.get("started_at")),
        finished_at=_time(data.get("finished_at")),
    )
