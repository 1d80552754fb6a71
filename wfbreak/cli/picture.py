"""A stack's status as a person reads it: what is done, what waits, what is blocked, and by what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from wfbreak import secrets
from wfbreak.difference import Fate, Row
from wfbreak.engine.model import State
from wfbreak.status import BreakpointState, ResourceState, StackStatus

_STYLES = {
    ResourceState.DONE: "green",
    ResourceState.RUNNING: "cyan",
    ResourceState.FAILED: "bold red",
    ResourceState.BLOCKED: "yellow",
    ResourceState.WAITING: "dim",
    ResourceState.UNTOUCHED: "dim",
    BreakpointState.STOPPED: "bold yellow",
    BreakpointState.HELD: "bold yellow",
    BreakpointState.RELEASED: "green",
    BreakpointState.AHEAD: "dim",
}
_EXPLAINED = (State.PAUSED, State.ERROR, State.CANCELLED)
"""The states in which the engine's own reason is shown."""

_PIPE_WIDTH = 160
"""Columns where the output is no terminal: wide enough that nothing is cut."""


def console(stream: TextIO) -> Console:
    """Where a picture is drawn; plain text where the stream is no terminal."""
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(
        file=stream,
        width=width,
        highlight=False,
        soft_wrap=not stream.isatty(),
        # What is shown is people's: a "[/etc]" in it is no markup, a ":key:" no picture.
        markup=False,
        emoji=False,
    )


def picture(status: StackStatus, properties: Mapping[str, Any] | None = None) -> RenderableType:
    """The stack: a head line, a line for each breakpoint and each resource, the outputs."""
    execution = status.execution
    counts = ", ".join(
        f"{number} {state.value}" for state in ResourceState if (number := status.count(state))
    )
    head = Text.assemble(
        ("stack ", "dim"),
        (status.name, "bold"),
        ("  execution ", "dim"),
        execution.id,
        "  ",
        (execution.state.value, "bold"),
        f"  {counts}" if counts else "",
    )
    parts: list[RenderableType] = [head, *_reasons(status), Text(), _rows(status)]
    if properties:
        parts += [Text(), _properties(properties)]
    if status.outputs:
        parts += [Text(), outputs(status.outputs)]
    return Group(*parts)


def rest(status: StackStatus) -> RenderableType | None:
    """What the live picture of a stack that was followed has not, or not whole: why it has failed
    or been paused, and the outputs; ``None`` if there is none of it."""
    is_said = status.execution.state is State.PAUSED and status.stopped
    parts: list[RenderableType] = [] if is_said else [*_reasons(status)]
    if status.outputs:
        parts += [Text(), outputs(status.outputs)]
    return Group(*parts) if parts else None


def _reasons(status: StackStatus) -> Iterator[Text]:
    """Why the execution is in its state."""
    execution = status.execution
    failed = [resource for resource in status.resources if resource.info]
    if execution.state is State.ERROR and failed:
        for resource in failed:
            yield Text(f"failed: {first_line(resource.info)}", style="red")
    elif execution.state_info and execution.state in _EXPLAINED:
        yield Text(execution.state_info.split("\nTraceback", 1)[0].strip(), style="yellow")


def _rows(status: StackStatus) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for _ in range(4):
        table.add_column(overflow="fold")
    stops = {stop.resource: [] for stop in status.breakpoints}  # type: dict[str, list[Any]]
    for stop in status.breakpoints:
        # In step mode there is one at every resource; most of them only pass.
        if stop.is_armed or stop.armed_by or stop.state is BreakpointState.STOPPED:
            stops[stop.resource].append(stop)
    for resource in status.resources:
        is_removal = resource.action == "delete"
        here = [
            stop
            for stop in stops.get(resource.name, [])
            if stop.hook.endswith("delete") == is_removal
        ]
        for stop in here:
            if stop.hook.startswith("pre-"):
                _stop_row(table, stop)
        detail = resource.source
        if resource.blocked_by:
            detail = f"by {', '.join(resource.blocked_by)}"
        elif resource.info:
            detail = first_line(resource.info)
        table.add_row(
            Text(resource.state.value, style=_STYLES[resource.state]),
            f"{resource.name} (delete)" if is_removal else resource.name,
            resource.type,
            Text(detail, style="red" if resource.info else "dim"),
        )
        for stop in here:
            if stop.hook.startswith("post-"):
                _stop_row(table, stop)
    return table


_FATES = {
    Fate.CREATED: "green",
    Fate.ADOPTED: "green",
    Fate.UNCHANGED: "dim",
    Fate.UPDATED: "yellow",
    Fate.REPLACED: "bold yellow",
    Fate.DELETED: "red",
    Fate.KEPT: "dim",
    Fate.REFUSED: "bold red",
}


def fates(rows: Iterable[Row]) -> Table:
    """What an update will do with each resource, and why."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for _ in range(4):
        table.add_column(overflow="fold")
    for row in rows:
        said = [", ".join(row.properties)] if row.properties else []
        if row.perhaps is not None:
            said.append(f"perhaps {row.perhaps.value}, by {', '.join(row.depends_on)}")
        if row.restricted:
            said.append("refused (restricted_actions)")
        if row.stops:
            said.append(f"stops at {', '.join(row.stops)}")
        fate = Text(row.change.value, style=_FATES[row.change])
        table.add_row(fate, row.resource, row.type, Text("; ".join(said), style="dim"))
    return table


def first_line(text: str | None) -> str:
    """What a person needs of an error of the engine's, which may go on with a traceback. Nothing in
    it moves a cursor."""
    line = (text or "").strip().split("\n", 1)[0]
    return "".join(letter if letter.isprintable() else " " for letter in line)


def one_line(text: Text) -> Text:
    """A text on one line of the terminal's, cut where that ends."""
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _stop_row(table: Table, stop: Any) -> None:
    set_by = f"set by {', '.join(stop.armed_by)}" if stop.armed_by else "the place of a step"
    off = "" if stop.is_armed or not stop.armed_by else "disarmed; "
    only = f", if {stop.condition}" if stop.condition else ""
    only += f", for {stop.limit}" if stop.limit else ""
    detail = off + set_by + only + (f": {stop.message}" if stop.message else "")
    table.add_row(
        Text(stop.state.value, style=_STYLES[stop.state]),
        Text(stop.name, style="bold"),
        "breakpoint",
        Text(detail, style="dim"),
    )


def _properties(properties: Mapping[str, Any]) -> Table:
    """What the resources will be created with before which the stack stands."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for stop, values in properties.items():
        for name, value in values.items():
            text = value if isinstance(value, str) else _json(value)
            table.add_row(Text("will have", style="dim"), stop, name, text)
    return table


def outputs(values: Any) -> Table:
    """The stack's outputs; what is sealed is not shown."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name, value in values.items():
        masked = secrets.mask(value)
        text = masked if isinstance(masked, str) else _json(masked)
        table.add_row(Text("output", style="dim"), name, text)
    return table


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
