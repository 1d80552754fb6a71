"""The stacks that the engine holds, as a list for people: where each stands, since when, by whom.

The engine's list has no more than states. What a row says besides is in the execution's tasks and
its trail; it is asked for where a stack goes on, stands or has failed, and remembered where it
cannot have changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wfbreak import audit, tags
from wfbreak.engine.client import EngineClient, ExecutionNotFound
from wfbreak.engine.model import Execution, State
from wfbreak.engine.succession import is_over, newest
from wfbreak.report import times
from wfbreak.report.facts import Known
from wfbreak.status import ResourceState, StackStatus, build

_PARALLEL = 4

_SETTLED = timedelta(minutes=1)
"""A stack that has stood for so long stands: Mistral pauses it before its breakpoints stop."""


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
    """Makes the list; what a stack that stands has told is remembered."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._kept: dict[tuple[str, State, datetime | None], Row] = {}

    def rows(self, client: EngineClient) -> list[Row]:
        """A row for each stack that there is, the newest first."""
        found = [e for e in newest(client.executions()) if not is_over(e)]
        with ThreadPoolExecutor(_PARALLEL) as pool:
            rows = list(pool.map(lambda e: self._row(client, e), reversed(found)))
        kept = {_key(e): row for e, row in zip(reversed(found), rows, strict=True) if row}
        self._kept = {key: row for key, row in kept.items() if _is_settled(key)}
        return [row for row in rows if row is not None]

    def _row(self, client: EngineClient, execution: Execution) -> Row | None:
        kept = self._kept.get(_key(execution))
        if kept is not None:
            return kept
        if execution.state in (State.SUCCESS, State.CANCELLED):
            return _ended(execution)
        try:
            return self._looked_at(client, client.execution(execution.id))
        except ExecutionNotFound:
            return None  # deleted between two questions

    def _looked_at(self, client: EngineClient, execution: Execution) -> Row:
        workflow = self._known.workflow(execution.workflow_id)
        tasks = {task.name: task for task in client.tasks(execution.id)}
        status = build(execution, workflow, tasks)
        ended = [tasks[b.name] for b in status.breakpoints if b.name in tasks]
        results = self._known.results(t for t in ended if t.state is State.SUCCESS)
        trail = audit.trail(execution, status, tasks, results)
        person = next((event for event in reversed(trail) if event.who), None)
        resources = len(status.resources)
        return Row(
            execution.id,
            execution.workflow_name,
            _action(execution),
            execution.state,
            _since(execution, trail),
            _stands_at(status),
            f"{person.event} by {person.who}" if person is not None else "",
            (status.count(ResourceState.DONE), resources) if resources else None,
        )


def _key(execution: Execution) -> tuple[str, State, datetime | None]:
    return execution.id, execution.state, execution.updated_at


def _is_settled(key: tuple[str, State, datetime | None]) -> bool:
    _, state, updated = key
    if state in (State.SUCCESS, State.CANCELLED):
        return True
    moves = state not in (State.PAUSED, State.ERROR)
    return not moves and updated is not None and datetime.now(UTC) - updated > _SETTLED


def _ended(execution: Execution) -> Row:
    return Row(
        execution.id,
        execution.workflow_name,
        _action(execution),
        execution.state,
        execution.updated_at or execution.created_at,
        (execution.state_info,) if execution.state_info else (),
    )


def _action(execution: Execution) -> str:
    kind = tags.kind(execution.tags)
    return kind.value if kind is not None else ""


def _since(execution: Execution, trail: Sequence[audit.Event]) -> datetime:
    """Since when it stands, or goes on."""
    pauses = times.pauses(trail)
    if execution.state is State.PAUSED and pauses and pauses[-1].end is None:
        return pauses[-1].start
    if execution.state.is_final:
        return execution.updated_at or execution.created_at
    ends = [pause.end for pause in pauses if pause.end is not None]
    return max([execution.created_at, *ends])


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
