"""``--rehearse``: how rehearsed resources behave."""

from __future__ import annotations

import argparse
from typing import Any

from wfbreak.diagnostics import Code, Diagnostics


def add_rehearsal(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rehearse",
        action="append",
        default=[],
        metavar="PATTERN:KEY=VALUE",
        help="how the rehearsed resources of these names behave: seconds=N (take time), "
        "fail=MESSAGE (fail), fail_times=N (fail only so often)",
    )


def rehearsal(options: list[str], *actions: str) -> dict[str, Any]:
    """The execution's env that makes these actions behave as the options say."""
    diagnostics = Diagnostics()
    behaviour: dict[str, dict[str, Any]] = {}
    for option in options:
        left, separator, value = option.partition("=")
        pattern, colon, key = left.rpartition(":")
        parsed = _behaviour(key, value) if separator and colon and pattern else None
        if parsed is None:
            diagnostics.add(
                Code.REHEARSAL,
                f"--rehearse {option}: it takes PATTERN:KEY=VALUE",
                hint="keys: seconds=N, fail=MESSAGE, fail_times=N",
            )
            continue
        behaviour.setdefault(pattern, {})[key] = parsed
    diagnostics.raise_errors()
    if not behaviour:
        return {}
    return {"__actions": {action: {"rehearsal": behaviour} for action in actions}}


def _behaviour(key: str, value: str) -> Any:
    try:
        if key == "seconds":
            return float(value)
        if key == "fail_times":
            return int(value)
    except ValueError:
        return None
    return value if key == "fail" and value else None
