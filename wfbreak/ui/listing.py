"""The stacks that the engine holds, as a list for people: where each stands, since when, by whom.

The engine's list has no more than states. What a row says besides is in the execution's tasks and
its trail (:mod:`wfbreak.overview`), asked for where a stack goes on, stands or has failed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from wfbreak import audit, tags
from wfbreak.engine.model import Execution, State
from wfbreak.engine.succession import is_over, newest
from wfbreak.overview import Details, Entry, Overview
from wfbreak.report.facts import Known
from wfbreak.status import ResourceState, StackStatus

_PAST = (State.SUCCESS, State.CANCELLED)
"""Nobody decides anything more where these are: their tasks are not asked for."""


@dataclass(frozen=True, slots=True)
class Row:
    """A stack. ``stands_at`` are breakpoints with who set them, or what has failed; ``progress`` is
    how many resources are done, and of how many; ``who`` has acted last."""

    id: str
    name: str
    action: str
    state: State
    since: datetime
    stands_at: tuple[str, ...] = ()
    who: str = ""
    progress: tuple[int, int] | None = None


def chosen(rows: Iterable[Row], name: str, state: str) -> list[Row]:
    """The rows whose name has all of the words of ``name``, in this state if one is given."""
    words = name.lower().split()
    return [
        row
        for row in rows
        if all(word in row.name.lower() for word in words) and state in ("", row.state.value)
    ]


class Listing:
    """Makes the list of what an ``overview`` with executions' envs finds."""

    def __init__(self, overview: Overview, known: Known) -> None:
        self._overview = overview
        self._known = known

    def rows(self) -> list[Row]:
        """A row for each stack that there is, the newest first."""
        self._overview.look()
        while self._overview.ask(e.id for e in self._here() if e.state not in _PAST):
            pass
        entries = {entry.execution.id: entry for entry in self._overview.entries()}
        return [self._row(entries[e.id]) for e in self._here() if e.id in entries]

    def _here(self) -> list[Execution]:
        found = newest(entry.execution for entry in self._overview.entries())
        return [execution for execution in reversed(found) if not is_over(execution)]

    def _row(self, entry: Entry) -> Row:
        execution, details = entry.execution, entry.details
        stands_at: tuple[str, ...] = ()
        who, progress = "", None
        if details is not None:
            status = details.status
            stands_at = _stands_at(status)
            who = self._decided(details)
            if status.resources:
                progress = status.count(ResourceState.DONE), len(status.resources)
        elif execution.state_info:
            stands_at = (execution.state_info,)
        return Row(
            execution.id,
            execution.workflow_name,
            _action(execution),
            execution.state,
            entry.since or entry.changed_at,
            stands_at,
            who,
            progress,
        )

    def _decided(self, details: Details) -> str:
        """What somebody has decided last, and who."""
        status, tasks = details.status, details.tasks
        ended = [tasks[b.name] for b in status.breakpoints if b.name in tasks]
        results = self._known.results(t for t in ended if t.state is State.SUCCESS)
        trail = audit.trail(status.execution, status, tasks, results)
        person = next((event for event in reversed(trail) if event.who), None)
        return f"{person.event} by {person.who}" if person is not None else ""


def _action(execution: Execution) -> str:
    kind = tags.kind(execution.tags)
    return kind.value if kind is not None else ""


def _stands_at(status: StackStatus) -> tuple[str, ...]:
    stops = [
        f"{stop.name} (set by {', '.join(stop.armed_by)})" if stop.armed_by else stop.name
        for stop in status.stopped
    ]
    failed = [
        f"{resource.name} has failed"
        for resource in status.resources
        if resource.state is ResourceState.FAILED
    ]
    return (*stops, *failed)
