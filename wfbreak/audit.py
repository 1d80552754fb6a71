"""Who stopped and resumed a stack, when and why: kept by the engine, read by whoever asks.

What wfbreak does is recorded in the execution's env (:mod:`wfbreak.live`); that breakpoints
stopped and were let go, the engine's own tasks say. A breakpoint that was let go and stands in no
record was resumed by another client, such as the dashboard; where the engine knows the cloud's
user who did, the breakpoint's result has the name.
"""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wfbreak import live
from wfbreak.decide import Decision
from wfbreak.engine.model import Execution, State, Task
from wfbreak.status import BreakpointState, StackStatus

ELSEWHERE = "(another client)"

_SET_TO_ERROR = "set to ERROR, as by the dashboard's Cancel Execution"
"""What is said of an execution that has failed, and Mistral does not say why."""

_NEVER = "9"
"""After any time."""


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
    event: str,
    why: str | None,
    decision: Decision | None = None,
    user: str | None = None,
) -> dict[str, Any]:
    """The env that records an event, with what it decides. ``user`` is the cloud's."""
    entry: dict[str, Any] = {"event": event, "who": whoami(user)}
    if why:
        entry["why"] = why
    said: Mapping[str, Any] = {}
    changing: dict[str, Any] = {}
    if decision is not None:
        said = decision.said
        changing = live.changing(decision.changes) if decision.changes else {}
        changing |= live.skipping(decision.skipped) if decision.skipped else {}
        for key, names in (("released", decision.released), ("held", decision.held)):
            if names:
                entry[key] = list(names)
        entry |= decision.facts
    return {**changing, live.KEY: {**said, **live.recorded(entry)}}


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
    again = _recorded_stops(records)
    events = [((at, 0), _recorded(at, entry)) for at, entry in records.items()]
    # The engine's times have no parts of a second: a stop comes after the release of the one
    # before it, and before its own.
    before = min(records, default="")
    for number, names in sorted(stops.items()):
        at = _text(min(tasks[name].created_at for name in names))
        key = max(_exact(at), before)
        if unrecorded := [name for name in names if not _stood_first(name, again, records)]:
            stopped = Event(at, live.STOPPED, "", "", tuple(unrecorded))
            events.append(((key, 2 * number), stopped))
        gone = [name for name in names if state[name] is BreakpointState.RELEASED]
        before = max([before, *(releases[name] for name in gone if name in releases)])
        if others := [name for name in gone if name not in releases]:
            at = _text(max(tasks[name].started_at or tasks[name].created_at for name in others))
            before = max([_exact(at), key, before, *(max(again.get(n, [""])) for n in others)])
            resumed = Event(at, "resume", _stranger(results, others), "", tuple(others))
            events.append(((before, 2 * number + 1), resumed))
    if execution.state is State.PAUSED and execution.updated_at and not status.stopped:
        # Whoever paused it by hand: the engine keeps no name, and nothing once it is resumed.
        at = _text(execution.updated_at)
        events.append(((max(_exact(at), before), live.END), Event(at, "paused", ELSEWHERE, "")))
    if execution.state.is_final and execution.updated_at:
        at = _text(execution.updated_at)
        told = any(entry.get("event") == "cancel" for entry in records.values())
        who, why = "", ""
        if execution.state is State.CANCELLED and not told:
            who, why = ELSEWHERE, execution.state_info or ""
        elif execution.state is State.ERROR and not execution.state_info:
            who, why = ELSEWHERE, _SET_TO_ERROR
        ended = Event(at, execution.state.value.lower(), who, why)
        if execution.state is not State.ERROR:
            before = max([before, *records])  # from such an end nothing goes on
        events.append(((max(_exact(at), before), live.END), ended))
    return [event for _, event in sorted(events, key=lambda item: item[0])]


def _stranger(results: Mapping[str, Any], released: Iterable[str]) -> str:
    """Who let breakpoints go by another client, as far as it is known."""
    found = (results.get(name) for name in released)
    users = (result.get("released_by") for result in found if isinstance(result, Mapping))
    return " ".join([*dict.fromkeys(str(user) for user in users if user), ELSEWHERE])


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


def _recorded_stops(records: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """When the engine made the stack stand at a breakpoint that had been held, by its name."""
    found: dict[str, list[str]] = {}
    for at, entry in records.items():
        if entry.get("event") == live.STOPPED:
            for name in entry.get("at", ()):
                found.setdefault(name, []).append(at)
    return found


def _stood_first(
    name: str, again: Mapping[str, list[str]], records: Mapping[str, Mapping[str, Any]]
) -> bool:
    """Whether the first stop at a breakpoint is recorded: it was held from the start, others of
    its stop being disarmed."""
    held = (at for at, entry in records.items() if name in entry.get("held", ()))
    return name in again and min(again[name]) < min(held, default=_NEVER)


def _recorded(at: str, entry: Mapping[str, Any]) -> Event:
    about = "at" if entry.get("event") == live.STOPPED else "released"
    plain = {"event", "who", "why", about}
    details = "; ".join(
        f"{key}: {_said(value)}" for key, value in entry.items() if key not in plain
    )
    return Event(
        at,
        str(entry.get("event")),
        str(entry.get("who", "")),
        str(entry.get("why", "")),
        tuple(map(str, entry.get(about, ()))),
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
