"""What a signal is, and what becomes of several."""

from __future__ import annotations

from typing import Any

import pytest

from wfbreak import signals
from wfbreak.signals import Signal, SignalError, Status


@pytest.mark.parametrize(
    ("body", "signal"),
    [
        (None, Signal()),
        ("", Signal()),
        ({}, Signal()),
        ('{"status": "SUCCESS"}', Signal()),
        ({"status": "FAILURE", "reason": "r"}, Signal(Status.FAILURE, "r")),
        ({"data": {"a": [1]}, "id": 7}, Signal(data={"a": [1]}, id="7")),
    ],
)
def test_a_body(body: Any, signal: Signal) -> None:
    assert signals.parse(body) == signal


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("{", "as JSON"),
        ("[1]", "a map"),
        ([1], "a map"),
        ({"status": "GOOD"}, "SUCCESS or FAILURE"),
        ({"status": None}, "SUCCESS or FAILURE"),
        ({"stat": "SUCCESS"}, "no stat"),
    ],
)
def test_what_is_no_signal(body: Any, why: str) -> None:
    with pytest.raises(SignalError, match=why):
        signals.parse(body)


def env_of(*sent: Signal) -> dict[str, Any]:
    """The env after all of them were merged into it, as the engine does."""
    env: dict[str, Any] = {}
    for signal in sent:
        for part, handles in signals.sending("h", signal).items():
            env.setdefault(part, {}).setdefault("signals", {}).setdefault("h", {}).update(
                handles["signals"]["h"]
            )
    return env


def test_each_has_a_number_or_its_id() -> None:
    env = env_of(Signal(data=1), Signal(data=2, id="x"), Signal(data=3), Signal(data=4, id="x"))
    found = signals.received(signals.sent(env), "h")
    assert {ident: signal.data for ident, signal in found.items()} == {"1": 1, "x": 4, "3": 3}
    assert found["3"].reason == "Signal 3 received"


def test_no_signals() -> None:
    assert signals.received(signals.sent({}), "h") == {}
    assert signals.received(signals.sent(None), "h") == {}
    assert signals.data({}) == "{}"
