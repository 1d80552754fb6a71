"""All executions of an engine at a glance: which wait for somebody, and how far the others are.

A list of executions costs the engine one request, however many there are; how far one is costs one
more, for its tasks. So it is asked only of those that somebody looks at, and again only when they
have changed: of those that run a few at a time, whose turn it is.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wfbreak import tags
from wfbreak.engine.client import EngineClient, ExecutionNotFound
from wfbreak.engine.model import Execution, State, Task, Workflow
from wfbreak.status import BreakpointStatus, ResourceState, StackStatus, build
from wfbreak.translate.stages import Mode

AT_ONCE = 8
"""How many executions are asked about at a time."""


class Attention(enum.IntEnum):
    """How much an execution wants somebody to look at it; the first wants it most."""

    WAITS = 0
    """It stands, and somebody has to let it go."""
    FAILED = 1
    RUNS = 2
    ENDED = 3


@dataclass(frozen=True, slots=True)
class StandsAt:
    """A breakpoint at which a stack stands, and since when (UTC)."""

    stop: BreakpointStatus
    since: datetime


@dataclass(frozen=True, slots=True)
class Details:
    """What an execution's ``tasks``, which are by their names, tell of it."""

    status: StackStatus
    workflow: Workflow
    tasks: Mapping[str, Task]
    standing: tuple[StandsAt, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An execution as the engine's list has it, and what is known of it besides; ``details`` are
    ``None`` before somebody has asked."""

    execution: Execution
    details: Details | None = None

    @property
    def attention(self) -> Attention:
        state = self.execution.state
        if state is State.PAUSED or self.standing:
            return Attention.WAITS
        if state is State.ERROR:
            return Attention.FAILED
        return Attention.ENDED if state.is_final else Attention.RUNS

    @property
    def mode(self) -> Mode:
        own = self.execution.tags
        return next((mode for mode in Mode if tags.of(mode.value) in own), Mode.NON_STOP)

    @property
    def standing(self) -> tuple[StandsAt, ...]:
        return self.details.standing if self.details is not None else ()

    @property
    def changed_at(self) -> datetime:
        """When it last changed its state or its env, as the engine has it (UTC)."""
        return self.execution.updated_at or self.execution.created_at

    @property
    def since(self) -> datetime | None:
        """Since when it waits for somebody (UTC); ``None`` if it does not."""
        if self.attention is not Attention.WAITS:
            return None
        return min((each.since for each in self.standing), default=self.changed_at)

    @property
    def message(self) -> str | None:
        """What somebody is told at the stop; the engine's own reason where nobody left a word."""
        said = [each.stop.message for each in self.standing if each.stop.message]
        return "; ".join(dict.fromkeys(said)) or self.execution.state_info

    def count(self, state: ResourceState) -> int | None:
        """How many resources are in this state; ``None`` while that is not known."""
        return self.details.status.count(state) if self.details is not None else None

    @property
    def total(self) -> int | None:
        """How many resources there are; ``None`` while that is not known."""
        return len(self.details.status.resources) if self.details is not None else None


@dataclass(frozen=True, slots=True)
class _Known:
    """``round`` is the look after which it was asked. ``is_full``: with the execution's env."""

    details: Details
    changed: tuple[State, datetime]
    round: int
    is_full: bool


class Overview:
    """What is known of an engine's executions; it may be used from several threads. ``answered``
    has a question answered by the engine. ``with_env``: of each execution that is asked about its
    env is known too, for one request more."""

    def __init__(
        self, answered: Callable[[Callable[[EngineClient], Any]], Any], *, with_env: bool = False
    ) -> None:
        self._answered = answered
        self._with_env = with_env
        self._lock = threading.Lock()
        self._executions: list[Execution] = []
        self._known: dict[str, _Known] = {}
        self._workflows: dict[str, Workflow] = {}
        self._round = 0

    def look(self) -> None:
        """Ask which executions there are, and in which states."""
        listed: list[Execution] = self._answered(lambda client: client.executions())
        found = [e for e in listed if e.is_stack]
        with self._lock:
            self._executions = found
            self._round += 1
            here = {e.id for e in found}
            self._known = {ident: known for ident, known in self._known.items() if ident in here}
            used = {e.workflow_id for e in found}
            self._workflows = {key: w for key, w in self._workflows.items() if key in used}

    def entries(self) -> list[Entry]:
        """The executions of the last look, oldest first, with what is known of each."""
        with self._lock:
            return [
                Entry(e, known.details if (known := self._known.get(e.id)) else None)
                for e in self._executions
            ]

    def ask(self, idents: Iterable[str], opened: str | None = None) -> int:
        """Ask how far executions are, as many as are asked about at a time: of those of
        ``idents`` of which it is not known, or has changed. The ``opened`` one comes first, with
        all that its picture needs. The result is how many are left of which it is not known; those
        that only go on have their turn after the next look."""
        chosen = set(idents)
        with self._lock:
            wanted = [e for e in self._executions if e.id in chosen]
            stale = [e for e in wanted if self._is_stale(e, self._is_full(e, opened))]
            stale.sort(key=lambda e: (e.id != opened, not self._is_news(e), self._asked(e)))
            left = sum(self._is_news(e) for e in stale[AT_ONCE:])
            now = self._round
        batch = stale[:AT_ONCE]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            asked = pool.map(lambda e: self._details(e, self._is_full(e, opened)), batch)
            for e, details in zip(batch, asked, strict=True):
                if details is not None:
                    with self._lock:
                        self._known[e.id] = _Known(details, _mark(e), now, self._is_full(e, opened))
        return left

    def ask_all(self, is_wanted: Callable[[Entry], bool]) -> list[Entry]:
        """Look, and ask about every execution that is wanted."""
        self.look()
        idents = [entry.execution.id for entry in self.entries() if is_wanted(entry)]
        while self.ask(idents):
            pass
        return [entry for entry in self.entries() if is_wanted(entry)]

    def _is_full(self, execution: Execution, opened: str | None) -> bool:
        return self._with_env or execution.id == opened

    def _asked(self, execution: Execution) -> int:
        known = self._known.get(execution.id)
        return known.round if known is not None else -1

    def _is_news(self, execution: Execution) -> bool:
        known = self._known.get(execution.id)
        return known is None or known.changed != _mark(execution)

    def _is_stale(self, execution: Execution, is_full: bool) -> bool:
        known = self._known.get(execution.id)
        if known is None or self._is_news(execution) or (is_full and not known.is_full):
            return True
        if known.round == self._round or execution.state.is_final:
            return False
        # The tasks of one that runs change, and nothing in the list tells. One is paused a moment
        # before its breakpoints stand.
        return execution.state is not State.PAUSED or not known.details.standing

    def _details(self, execution: Execution, is_full: bool) -> Details | None:
        def ask(client: EngineClient) -> tuple[Execution, list[Task], Workflow]:
            now = client.execution(execution.id) if is_full else execution
            known = self._workflows.get(now.workflow_id)
            return now, client.tasks(now.id), known or client.workflow(now.workflow_id)

        try:
            now, listed, workflow = self._answered(ask)
        except ExecutionNotFound:
            return None  # somebody has deleted it since the look
        self._workflows[now.workflow_id] = workflow
        tasks = {task.name: task for task in listed}
        status = build(now, workflow, tasks)
        return Details(status, workflow, tasks, tuple(_standing(status, tasks)))


def _standing(status: StackStatus, tasks: Mapping[str, Task]) -> Iterable[StandsAt]:
    for stop in status.stopped:
        yield StandsAt(stop, tasks[stop.name].created_at)


def _mark(execution: Execution) -> tuple[State, datetime]:
    """What is another as soon as a stack stops, goes on, ends, or has its breakpoints changed."""
    return execution.state, execution.updated_at or execution.created_at
