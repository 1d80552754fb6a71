"""Ask an engine for what Mistral's API does not offer.

A workflow of one task calls a function of wfbreak's among the engine's expression functions, in a
transaction of the engine's own, or an action on an executor. It runs with the rights of whoever
asks.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from typing import Any

from wfbreak.engine.client import EngineClient, EngineRefused
from wfbreak.engine.model import Execution, State
from wfbreak.resources import data_file

_PATIENCE = 30.0
"""Seconds to wait for what the engine does in tenths of one."""

_POLL = 0.05
"""Seconds."""


def ask(client: EngineClient, name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Run the workflow ``workflows/NAME.yaml``; its output. Nothing of it is left in the engine.

    :raises EngineRefused: if it fails, as on an engine without wfbreak's functions.
    """
    document = data_file("workflows", f"{name}.yaml").read_text("utf-8")
    digest = hashlib.sha256(document.encode()).hexdigest()[:12]
    asked = client.start(client.upload(document, f"wfbreak-{digest}"), inputs)
    deadline = time.monotonic() + _PATIENCE
    while not asked.state.is_final and time.monotonic() < deadline:
        time.sleep(_POLL)
        asked = client.execution(asked.id)
    if asked.state is not State.SUCCESS:
        why = _why(client, asked)
        if asked.state.is_final:
            client.delete(asked)
        raise EngineRefused(f"the engine does not do what {name}.yaml asks: {why}")
    client.delete(asked)
    return asked.output


def _why(client: EngineClient, asked: Execution) -> str:
    """In one line. The execution only names the task that failed; the task says why."""
    failed = [t.state_info for t in client.tasks(asked.id) if t.state is State.ERROR]
    said = next(filter(None, failed), None) or asked.state_info or asked.state.value
    return said.splitlines()[0]
