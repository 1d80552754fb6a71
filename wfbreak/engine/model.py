"""What the engine knows of a stack: its workflow, its executions, their tasks.

Plain facts, made of what its API replies (:mod:`.replies`).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wfbreak import tags
from wfbreak.again import NOT_BEGUN

STOPPED = "Set by 'pause-before' policy"
"""How the state_info of a task that stopped begins (mistral/engine/policies.py); what follows are a
breakpoint's own words (:mod:`.telling`)."""


def has_stopped(state_info: str | None) -> bool:
    """Whether a task stopped before it began."""
    return (state_info or "").startswith(STOPPED)


RUN_AGAIN = "Run again"
"""The state_info of a task that somebody runs again, until it starts (:mod:`.rerunning`)."""


RETRIED = "Delayed by 'retry' policy"
"""How the state_info of a task begins that is tried again later (as above)."""


_JOIN_GIVEN_UP = "Failed by tasks"
"""How the state_info of such a join begins (mistral/workflow/direct_workflow.py)."""


def has_not_begun(state_info: str | None) -> bool:
    """Whether what has failed never had its turn: a join that was given up because of what failed
    before it, or a resource that was not begun because something else had failed."""
    info = state_info or ""
    return info.startswith(_JOIN_GIVEN_UP) or NOT_BEGUN in info


class State(enum.Enum):
    """Mistral's states (mistral/workflow/states.py), of executions and tasks alike."""

    IDLE = "IDLE"
    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DELAYED = "DELAYED"
    PAUSED = "PAUSED"
    SUCCESS = "SUCCESS"
    ERROR = "ERROR"
    CANCELLED = "CANCELLED"
    SKIPPED = "SKIPPED"

    @property
    def is_final(self) -> bool:
        return self in (State.SUCCESS, State.ERROR, State.CANCELLED, State.SKIPPED)


@dataclass(frozen=True, slots=True)
class Workflow:
    """An uploaded workflow. ``definition`` is its document's text."""

    id: str
    name: str
    namespace: str
    definition: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Execution:
    """A workflow's run. Times are UTC; ``state_info`` is why it is in its state."""

    id: str
    workflow_name: str
    workflow_namespace: str
    workflow_id: str
    description: str
    state: State
    state_info: str | None
    created_at: datetime
    updated_at: datetime | None
    tags: tuple[str, ...] = ()
    input: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    output: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_stack(self) -> bool:
        """Whether it runs a workflow of wfbreak's: Mistral copies a workflow's tags."""
        return tags.STACK in self.tags


@dataclass(frozen=True, slots=True)
class Task:
    """One task of an execution."""

    id: str
    name: str
    state: State
    state_info: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_retried(self) -> bool:
        """Whether it is tried again later: Mistral has a join wait for that, as for its inbound
        tasks."""
        waits = self.state in (State.DELAYED, State.WAITING)
        return waits and (self.state_info or "").startswith(RETRIED)
