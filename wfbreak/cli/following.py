"""A stack that is followed, drawn live on a terminal: how far it is, and what it waits for.

The picture is that of ``wfbreak graph``, in as many lines as the terminal has. It is drawn over
itself, below what the command has said; a thread of its own counts the time and sees that the
window has another size, while the command waits for the engine. Nothing here asks the engine.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TextIO

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from wfbreak.cli.picture import console, first_line, one_line
from wfbreak.engine.model import State, Workflow
from wfbreak.graph import reading, terminal
from wfbreak.graph.collapsing import Collapse
from wfbreak.graph.fitting import Fitted, fit
from wfbreak.graph.model import Picture
from wfbreak.status import BreakpointState, ResourceState, StackStatus

_TICK = 0.5
"""Seconds between two looks at the clock and at the window's size."""

_HINTS = 3
"""Lines below the picture: what the command says at its end, and the prompt."""

_NAMES = 4
"""How many names the line has that says what the stack waits for."""

_FAILURES = 3
"""Lines that say what has failed."""

_BAR = 24
"""Columns."""


class LivePicture:
    """The picture of a stack, while it is followed; the last one stays."""

    def __init__(self, stream: TextIO, workflow: Workflow) -> None:
        self._console = console(stream)
        self._workflow = workflow
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._size = self._console.size
        self._status: StackStatus | None = None
        self._picture: Picture | None = None
        self._how = Collapse.NONE
        self._fitted: Fitted | None = None
        self._live = self._begin()

    def __enter__(self) -> LivePicture:
        self._live.start()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()
        if self._status is None:
            self._live.transient = True
        self._live.stop()

    def draw(self, status: StackStatus) -> None:
        """Show how the stack is now."""
        picture = reading.of_stack(status, self._workflow)
        with self._lock:
            self._status, self._picture, self._fitted = status, picture, None
            self._paint()

    def _begin(self) -> Live:
        return Live(
            console=self._console, auto_refresh=False, transient=False, vertical_overflow="crop"
        )

    def _tick(self) -> None:
        while not self._is_over.wait(_TICK):
            with self._lock:
                self._paint()

    def _paint(self) -> None:
        if self._console.size != self._size:
            # The terminal may have broken the lines anew: where the picture begins is unknown.
            self._size = self._console.size
            self._how, self._fitted = Collapse.NONE, None
            self._live.transient = True
            self._live.update(Text())  # stop() draws once more
            self._live.stop()
            self._console.clear()
            self._live = self._begin()
            self._live.start()
        if self._status is not None and self._picture is not None:
            self._live.update(self._drawn(self._status, self._picture), refresh=True)

    def _drawn(self, status: StackStatus, picture: Picture) -> RenderableType:
        width, height = self._size
        head = [*head_of(status, width)]
        if self._fitted is None:
            self._fitted = fit(picture, height - _HINTS - len(head) - 1, self._how)
            self._how = self._fitted.how
        return Group(*head, Text(), terminal.table(self._fitted.lines, is_folded=False))


def head_of(status: StackStatus, width: int) -> Iterator[RenderableType]:
    """Which stack it is, how far, and what it waits for: lines that are no longer than the
    terminal's."""
    execution = status.execution
    yield one_line(
        Text.assemble(
            ("stack ", "dim"),
            (status.name, "bold"),
            ("  execution ", "dim"),
            execution.id,
            "  ",
            (execution.state.value, "bold"),
        )
    )
    done, all_ = status.count(ResourceState.DONE), len(status.resources)
    others = [
        f", {number} {state.value}"
        for state in ResourceState
        if state is not ResourceState.DONE and (number := status.count(state))
    ]
    words = one_line(Text(f"{done} of {all_} done{''.join(others)}"))
    line = Table.grid(padding=(0, 1, 0, 0), expand=False)
    for _ in range(3):
        line.add_column(no_wrap=True, overflow="ellipsis")
    colour = "red" if status.count(ResourceState.FAILED) else "green"
    bar = ProgressBar(
        total=max(all_, 1),
        completed=done,
        width=min(_BAR, max(4, width // 4)),
        complete_style=colour,
        finished_style=colour,
    )
    line.add_row(bar, Text(_elapsed(status), style="dim"), words)
    yield line
    yield from map(one_line, _awaited(status))


def _awaited(status: StackStatus) -> Iterator[Text]:
    """What the stack stands at, what of it has failed, what it waits for."""
    if failed := [resource for resource in status.resources if resource.info]:
        for resource in failed[:_FAILURES]:
            yield Text(f"failed: {first_line(resource.info)}", style="bold red")
        if len(failed) > _FAILURES:
            yield Text(f"failed: {len(failed) - _FAILURES} more", style="bold red")
    if status.stopped:
        said = next(
            (f": {first_line(stop.message)}" for stop in status.stopped if stop.message), ""
        )
        names = _named(stop.name for stop in status.stopped)
        yield Text(f"stands at {names}{said}", style="bold yellow")
        return
    held = [b.name for b in status.breakpoints if b.state is BreakpointState.HELD]
    running = [r.name for r in status.resources if r.state is ResourceState.RUNNING]
    if status.execution.state is State.RUNNING:
        words = [f"waits for {_named(running)}"] if running else []
        words += [f"held at {_named(held)}"] if held else []
        yield Text("; ".join(words) or "waits for the engine", style="cyan")
    elif status.execution.state_info and not failed:
        yield Text(first_line(status.execution.state_info), style="yellow")


def _named(names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - _NAMES} more" if len(found) > _NAMES else ""
    return ", ".join(found[:_NAMES]) + more


def _elapsed(status: StackStatus) -> str:
    """How long the execution is under way, or was until it stood."""
    execution = status.execution
    until = datetime.now(UTC) if execution.state is State.RUNNING else execution.updated_at
    # Another machine's clock began it.
    took = max(timedelta(), (until or execution.created_at) - execution.created_at)
    return str(timedelta(seconds=int(took.total_seconds())))
