"""``wfbreak top``: all executions of the engine, live; what waits for somebody comes first."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from typing import Any

from cliff.columns import FormattableColumn

from wfbreak import tags
from wfbreak.cli.common import Listing, add_engine_options, can_draw, engine_options
from wfbreak.cli.picture import first_line
from wfbreak.engine.connect import connect
from wfbreak.engine.model import State
from wfbreak.overview import Entry, Overview
from wfbreak.status import ResourceState

_INTERVAL = 2.0
"""Seconds between two looks."""

_STATES = (State.PAUSED, State.RUNNING, State.ERROR, State.SUCCESS, State.CANCELLED)


class _Names(FormattableColumn):  # type: ignore[misc]
    """A list: a line for each of it for people, all of it for programs."""

    def human_readable(self) -> str:
        return "\n".join(self._value)


class Top(Listing):
    """Watch all executions of the engine: how far each is, at which breakpoints it stands, since
    when, and who set them. What waits for somebody comes first. On a terminal it is live, and has
    keys; anywhere else it lists them once."""

    _is_shown = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_engine_options(parser)
        parser.add_argument("--once", action="store_true", help="list them once, on a terminal too")
        parser.add_argument(
            "-n",
            "--interval",
            metavar="SECONDS",
            type=_seconds,
            default=_INTERVAL,
            help=f"how long to wait between two looks at the engine ({_INTERVAL:g})",
        )
        parser.add_argument(
            "--only",
            metavar="STATE",
            action="append",
            type=str.lower,
            choices=[state.value.lower() for state in _STATES],
            default=[],
            help="only those in this state, or in one of these; "
            + ", ".join(state.value.lower() for state in _STATES),
        )
        return parser

    def take_action(self, arguments: Any) -> Any:
        wanted = {State(word.upper()) for word in arguments.only}

        def is_wanted(entry: Entry) -> bool:
            return not wanted or entry.execution.state in wanted

        with connect(engine_options(self.app_args, arguments)) as client:
            overview = Overview(lambda question: question(client))
            if self._is_live(arguments):
                from wfbreak.cli.top_watch import watch

                self._is_shown = True
                watch(overview, arguments.interval, is_wanted, self.app.stdout)
                return (), ()
            found = overview.ask_all(is_wanted)
        from wfbreak.cli.top_view import urgent_first

        return _COLUMNS, [_row(entry) for entry in urgent_first(found)]

    def produce_output(self, arguments: Any, columns: Any, data: Any) -> int:
        if self._is_shown:
            return 0
        return int(super().produce_output(arguments, columns, data))

    def _is_live(self, arguments: Any) -> bool:
        is_plain = arguments.formatter == "table" and not arguments.columns
        is_seen = sys.stdin.isatty() and can_draw(self.app.stdout)
        return is_plain and is_seen and not arguments.once


def _seconds(text: str) -> float:
    """A time to wait.

    :raises ArgumentTypeError: if it is none.
    """
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0.1 <= found <= 3600:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds from 0.1 to 3600")
    return found


_COLUMNS = (
    "stack",
    "execution",
    "action",
    "state",
    "mode",
    "done",
    "running",
    "failed",
    "resources",
    "stands at",
    "since",
    "set by",
    "message",
    "changed at",
)


def _row(entry: Entry) -> tuple[Any, ...]:
    execution = entry.execution
    kind = tags.kind(execution.tags)
    set_by = [by for each in entry.standing for by in each.stop.armed_by]
    return (
        execution.workflow_name,
        execution.id,
        kind.value if kind is not None else None,
        execution.state.value,
        entry.mode.value,
        entry.count(ResourceState.DONE),
        entry.count(ResourceState.RUNNING),
        entry.count(ResourceState.FAILED),
        entry.total,
        _Names([each.stop.name for each in entry.standing]),
        _time(entry.since),
        _Names(list(dict.fromkeys(set_by))),
        first_line(entry.message) or None,
        _time(entry.changed_at),
    )


def _time(at: datetime | None) -> str | None:
    return at.isoformat(" ", "seconds") if at is not None else None
