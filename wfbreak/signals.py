"""Signals: how a wait condition learns that something is done, and how the engine keeps them.

Whoever signals (a person by ``wfbreak signal``, a machine in the cloud by curl) puts the signal
into the execution's env, below the reference of the handle that it is for, and the wait condition's
task reads them there at each of its tries. The engine merges env into env and takes nothing out, so
each signal has a key of its own: the time, and something random. What signals mean is Heat's
(``heat/engine/resources/wait_condition.py`` and ``openstack/heat/wait_condition_handle.py`` of
openstack-heat 27.0.1).
"""

from __future__ import annotations

import enum
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from wfbreak import live

HANDLES: Final = ("OS::Heat::WaitConditionHandle", "OS::Heat::UpdateWaitConditionHandle")
"""The types that signals can be sent to."""

_KEY: Final = "signals"
"""In wfbreak's part of the env: ``{handle: {time: signal}}``."""


class Status(enum.Enum):
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"


class SignalError(ValueError):
    """This is no signal. The text is one line."""


@dataclass(frozen=True, slots=True)
class Signal:
    """``data`` is plain data, whatever the sender has to say. Of signals with the same ``id`` the
    last counts; one without gets a number."""

    status: Status = Status.SUCCESS
    reason: str | None = None
    data: Any = None
    id: str | None = None


def parse(body: Any) -> Signal:
    """A signal as a machine sends it: a map, or its JSON; nothing at all is a success.

    :raises SignalError: if it is something else.
    """
    if isinstance(body, str) and body:
        try:
            body = json.loads(body)
        except ValueError:
            raise SignalError("a signal is a map, as JSON") from None
    if not body:
        return Signal()
    if not isinstance(body, Mapping):
        raise SignalError("a signal is a map, as JSON")
    if unknown := sorted(set(map(str, body)) - {"status", "reason", "data", "id"}):
        raise SignalError(
            f"a signal has a status, a reason, data and an id, and no {', '.join(unknown)}"
        )
    try:
        status = Status(body.get("status", Status.SUCCESS.value))
    except ValueError:
        raise SignalError("a signal's status is SUCCESS or FAILURE") from None
    ident, reason = body.get("id"), body.get("reason")
    return Signal(
        status,
        None if reason is None else str(reason),
        body.get("data"),
        None if ident is None else str(ident),
    )


def sending(handle: str, signal: Signal) -> dict[str, Any]:
    """The env that brings a signal to a handle, by its reference."""
    said = {
        "status": signal.status.value,
        "reason": signal.reason,
        "data": signal.data,
        "id": signal.id,
    }
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    key = f"{now} {secrets.token_hex(4)}"
    kept = {name: value for name, value in said.items() if value is not None}
    return {live.KEY: {_KEY: {handle: {key: kept}}}}


def sent(env: Any) -> Mapping[str, Any]:
    """All signals in an execution's env, by handles."""
    return live.part(env, _KEY)


def received(sent_: Mapping[str, Any], handle: str) -> dict[str, Signal]:
    """The signals that a handle has, by their ids, in the order in which they came first."""
    found: dict[str, Signal] = {}
    listed = sent_.get(handle)
    for _, body in sorted((listed or {}).items()):
        signal = parse(body)
        number = len(found) + 1
        ident = str(number) if signal.id is None else signal.id
        reason = f"Signal {number} received" if signal.reason is None else signal.reason
        found[ident] = Signal(signal.status, reason, signal.data, ident)
    return found


def data(signals: Mapping[str, Signal]) -> str:
    """The attribute ``data`` of a wait condition: JSON of what was sent, by ids."""
    return json.dumps({ident: signal.data for ident, signal in signals.items()})


def reasons(signals: Mapping[str, Signal], status: Status) -> list[str]:
    """Why, in the words of the signals with this status."""
    return [str(signal.reason) for signal in signals.values() if signal.status is status]
