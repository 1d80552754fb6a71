"""What happened when: the tasks as bars, the pauses between them, on one axis.

A pause may last days and a task a second. So the axis is cut: time in which the stack ran is drawn
as it was, and a pause takes a part of the width at most, with its true length beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from wfbreak import audit, live
from wfbreak.engine.model import Execution, State, Task
from wfbreak.report.facts import Facts
from wfbreak.status import ResourceState

_STOPS = frozenset({live.STOPPED, "paused", "error"})
_ASIDE = frozenset({"break", "signal"})
"""What people do at a stop without ending it."""

_PAUSE_PART = 0.18
"""The part of the axis that one pause takes at most."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which the stack stood, at which breakpoints, and who let it go on."""

    start: datetime
    end: datetime | None
    breakpoints: tuple[str, ...]
    ended_by: str = ""
    who: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A task on the axis; ``left`` and ``width`` in percent. ``end`` is ``None`` while it runs."""

    name: str
    task: str
    state: str
    start: datetime
    end: datetime | None
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Band:
    """A pause on the axis."""

    pause: Pause
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Timeline:
    start: datetime
    end: datetime
    bars: tuple[Bar, ...]
    bands: tuple[Band, ...]


def parse(at: str) -> datetime:
    return datetime.fromisoformat(at.replace("Z", "+00:00"))


def iso(at: datetime | None) -> str:
    """A time as ISO 8601 has it, in UTC, to the second."""
    if at is None:
        return ""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def length(start: datetime, end: datetime) -> str:
    """How long something took, in a person's words."""
    seconds = max(0, round((end - start).total_seconds()))
    if seconds < 1:
        return "less than 1 s"
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if seconds >= size:
            parts.append(f"{seconds // size} {unit}")
            seconds %= size
    return " ".join(parts[:2])


def pauses(trail: Iterable[audit.Event]) -> list[Pause]:
    """The times in which the stack stood, from the events of its trail."""
    found: list[Pause] = []
    opened: audit.Event | None = None
    names: tuple[str, ...] = ()
    for event in trail:
        if event.event in _STOPS:
            if opened is None:
                opened, names = event, event.breakpoints
            else:
                names = tuple(dict.fromkeys((*names, *event.breakpoints)))
        elif opened is not None and event.event not in _ASIDE:
            end = parse(event.at)
            found.append(Pause(parse(opened.at), end, names, event.event, event.who, event.why))
            opened = None
    if opened is not None:
        found.append(Pause(parse(opened.at), None, names))
    return found


def timeline(facts: Facts) -> Timeline:
    """The tasks of the stack's resources, and its pauses, on one axis."""
    listed = pauses(facts.trail)
    started = [
        (resource, facts.tasks[resource.task])
        for resource in facts.status.resources
        if resource.task in facts.tasks
        and resource.state in (ResourceState.DONE, ResourceState.RUNNING, ResourceState.FAILED)
    ]
    first = min(
        [facts.execution.created_at, *(_start(task) for _, task in started)],
    )
    last = _end(facts.execution, facts.now, [task for _, task in started], listed)
    axis = _Axis(first, last, listed)
    bars = []
    for resource, task in started:
        start = _start(task)
        ended = task.finished_at if resource.state is not ResourceState.RUNNING else None
        left, right = axis.place(start), axis.place(ended or last)
        bars.append(
            Bar(
                resource.name,
                resource.task,
                resource.state.value,
                start,
                ended,
                left,
                max(right - left, 0.6),
            )
        )
    bands = [
        Band(p, axis.place(p.start), axis.place(p.end or last) - axis.place(p.start))
        for p in listed
    ]
    bars.sort(key=lambda bar: (bar.start, bar.end or last))
    return Timeline(first, last, tuple(bars), tuple(bands))


def _start(task: Task) -> datetime:
    return task.started_at or task.created_at


def _end(
    execution: Execution, now: datetime, tasks: Sequence[Task], listed: Sequence[Pause]
) -> datetime:
    if not execution.state.is_final or execution.state is State.ERROR:
        return max(now, execution.created_at)
    times = [task.finished_at for task in tasks if task.finished_at is not None]
    times += [pause.end for pause in listed if pause.end is not None]
    return max([execution.created_at, *times, *filter(None, [execution.updated_at])])


class _Axis:
    """Times as percents of the width, with the pauses cut short."""

    def __init__(self, first: datetime, last: datetime, listed: Sequence[Pause]) -> None:
        self._first = first
        spans = [(self._at(p.start), self._at(p.end or last)) for p in listed]
        whole = max(self._at(last), 1.0)
        running = whole - sum(end - start for start, end in spans)
        longest = max(running, 1.0) * _PAUSE_PART / (1 - _PAUSE_PART)
        self._cuts = [(start, end, min(end - start, longest)) for start, end in spans]
        self._whole = whole - sum(end - start - kept for start, end, kept in self._cuts)

    def _at(self, time: datetime) -> float:
        return max(0.0, (time - self._first).total_seconds())

    def place(self, time: datetime) -> float:
        at = drawn = self._at(time)
        for start, end, kept in self._cuts:
            if at >= end:
                drawn -= end - start - kept
            elif at > start:
                drawn -= (at - start) * (1 - kept / max(end - start, 1e-9))
        return min(100.0, 100 * drawn / max(self._whole, 1e-9))
