"""Who stopped and resumed a stack, when and why: kept by the engine, read by whoever asks.

What wfbreak does is recorded in the execution's env (:mod:`wfbreak.live`); that breakpoints
stopped and were let go, the engine's own tasks say. A breakpoint that was let go and stands in no
record was resumed by another client, such as the dashboard.
"""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wfbreak import live
from wfbreak.decide import Decision
from wfbreak.engine.model import Execution, State, Task
from wfbreak.status import BreakpointState, StackStatus

ELSEWHERE = "(another client)"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the trail. Times are UTC; ``breakpoints`` are those that it is about."""

    at: str
    event: str
    who: str
    why: str
    breakpoints: tuple[str, ...] = ()
    details: str = ""


def whoami(user: str | None = None) -> str:
    """The person at this keyboard and machine, after the cloud's ``user`` if there is one."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    own = f"{name}@{socket.gethostname()}"
    return f"{user} ({own})" if user and user != name else own


def record(
    event: str, why: str | None, decision: Decision | None = None, user: str | None = None
) -> dict[str, Any]:
    """The env that records an event, with what it decides. ``user`` is the cloud's."""
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    entry: dict[str, Any] = {"event": event, "who": whoami(user)}
    if why:
        entry["why"] = why
    said: Mapping[str, Any] = {}
    changing: dict[str, Any] = {}
    if decision is not None:
        said = decision.said
        changing = live.changing(decision.changes) if decision.changes else {}
        for key, names in (("released", decision.released), ("held", decision.held)):
            if names:
                entry[key] = list(names)
        entry |= decision.facts
    return {**changing, live.KEY: {**said, live.AUDIT: {now: entry}}}


def trail(
    execution: Execution,
    status: StackStatus,
    tasks: Mapping[str, Task],
    results: Mapping[str, Any],
) -> list[Event]:
    """All events of an execution, in their order. ``tasks`` and ``results`` are by names."""
    records = {
        at: entry
        for at, entry in live.part(execution.params.get("env"), live.AUDIT).items()
        if isinstance(entry, Mapping)
    }
    stops = _stops(status, tasks, results)
    state = {stop.name: stop.state for stop in status.breakpoints}
    releases = {name: at for at, entry in records.items() for name in entry.get("released", ())}
    events = [((at, 0), _recorded(at, entry)) for at, entry in records.items()]
    # The engine's times have no parts of a second: a stop comes after the release of the one
    # before it, and before its own.
    before = min(records, default="")
    for number, names in sorted(stops.items()):
        at = _text(min(tasks[name].created_at for name in names))
        key = max(_exact(at), before)
        events.append(((key, 2 * number), Event(at, "stopped", "", "", tuple(names))))
        gone = [name for name in names if state[name] is BreakpointState.RELEASED]
        before = max([before, *(releases[name] for name in gone if name in releases)])
        if others := [name for name in gone if name not in releases]:
            at = _text(max(tasks[name].started_at or tasks[name].created_at for name in others))
            before = max(_exact(at), key, before)
            resumed = Event(at, "resume", ELSEWHERE, "", tuple(others))
            events.append(((before, 2 * number + 1), resumed))
    if execution.state is State.PAUSED and execution.updated_at and not status.stopped:
        # Whoever paused it by hand: the engine keeps no name, and nothing once it is resumed.
        at = _text(execution.updated_at)
        events.append(((max(_exact(at), before), live.END), Event(at, "paused", ELSEWHERE, "")))
    if execution.state.is_final and execution.updated_at:
        at = _text(execution.updated_at)
        told = any(entry.get("event") == "cancel" for entry in records.values())
        why = "" if told or execution.state is not State.CANCELLED else execution.state_info or ""
        ended = Event(at, execution.state.value.lower(), "", why)
        if execution.state is not State.ERROR:
            before = max([before, *records])  # from such an end nothing goes on
        events.append(((max(_exact(at), before), live.END), ended))
    return [event for _, event in sorted(events, key=lambda item: item[0])]


def _stops(
    status: StackStatus, tasks: Mapping[str, Task], results: Mapping[str, Any]
) -> dict[int, list[str]]:
    """The breakpoints that stopped the stack, by the numbers of their stops."""
    stops: dict[int, list[str]] = {}
    for stop in status.breakpoints:
        result = results.get(stop.name)
        passed = isinstance(result, Mapping) and result.get("stopped") is False
        if stop.name in tasks and not passed:
            stops.setdefault(stop.number, []).append(stop.name)
    return stops


def _recorded(at: str, entry: Mapping[str, Any]) -> Event:
    plain = {"event", "who", "why", "released"}
    details = "; ".join(
        f"{key}: {_said(value)}" for key, value in entry.items() if key not in plain
    )
    return Event(
        at,
        str(entry.get("event")),
        str(entry.get("who", "")),
        str(entry.get("why", "")),
        tuple(map(str, entry.get("released", ()))),
        details,
    )


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={text}" for name, text in value.items())
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _text(time: datetime) -> str:
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")


def _exact(at: str) -> str:
    """A time of the engine's as one that compares with a record's."""
    return f"{at.removesuffix('Z')}.000000Z"
