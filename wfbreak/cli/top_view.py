"""What ``wfbreak top`` shows, and what its keys do; it knows neither an engine nor a terminal.

What waits for somebody comes first, then what has failed, what runs, what has ended. Rows are cut
to the window, and columns are left out where there is no room for them; all of them are below, of
the row that is chosen.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from wfbreak.cli.following import head_of
from wfbreak.cli.picture import first_line, one_line
from wfbreak.engine.model import State
from wfbreak.graph import reading, terminal
from wfbreak.graph.fitting import fit
from wfbreak.overview import Attention, Entry
from wfbreak.status import ResourceState

_STYLES = {
    Attention.WAITS: "bold yellow",
    Attention.FAILED: "bold red",
    Attention.RUNS: "cyan",
    Attention.ENDED: "dim",
}

_KEYS = "q quit  ↑↓ jk choose  ↵ picture  s sort  / filter"
_PICTURE_KEYS = "q quit  Esc back  ↑↓ jk next"
_FILTER_KEYS = "↵ keep  Esc no filter"

_AROUND = 7
"""Lines of the window that are no rows: three of heads, four below."""


class Key(enum.Enum):
    """What the keys mean that are no letters."""

    UP = "up"
    DOWN = "down"
    PAGE_UP = "page up"
    PAGE_DOWN = "page down"
    HOME = "home"
    END = "end"
    ENTER = "enter"
    ESCAPE = "escape"
    BACKSPACE = "backspace"


class Sort(enum.Enum):
    """What the rows are sorted by."""

    ATTENTION = "what waits first"
    NAME = "name"
    CHANGED = "last change"
    LEFT = "most left to do"


def urgent_first(entries: Iterable[Entry]) -> list[Entry]:
    """The entries in the order in which they want somebody: what waits longest before the rest,
    then the failures, what runs, what has ended, newest first."""

    def key(entry: Entry) -> tuple[int, float, str]:
        at = (entry.since or entry.changed_at).timestamp()
        is_waiting = entry.attention is Attention.WAITS
        return entry.attention, at if is_waiting else -at, entry.execution.id

    return sorted(entries, key=key)


_ORDERS: dict[Sort, Callable[[Iterable[Entry]], list[Entry]]] = {
    Sort.ATTENTION: urgent_first,
    Sort.NAME: lambda entries: sorted(
        entries, key=lambda e: (e.execution.workflow_name, e.execution.created_at)
    ),
    Sort.CHANGED: lambda entries: sorted(entries, key=lambda e: e.changed_at, reverse=True),
    Sort.LEFT: lambda entries: sorted(
        entries, key=lambda e: (e.total or 0) - (e.count(ResourceState.DONE) or 0), reverse=True
    ),
}


class View:
    """The rows, the one that is chosen, the filter: all that a person has in mind."""

    def __init__(self) -> None:
        self.is_over = False
        self.trouble: str | None = None
        """Why the engine could not be asked last time."""
        self._entries: list[Entry] = []
        self._shown: list[Entry] = []
        self._chosen: str | None = None
        self._top = 0
        self._rows = 1
        self._sort = Sort.ATTENTION
        self._filter = ""
        self._is_typing = False
        self._is_opened = False

    @property
    def opened(self) -> str | None:
        """The execution whose picture is shown."""
        return self._chosen if self._is_opened else None

    @property
    def visible(self) -> list[str]:
        """The executions that are on the screen, by their ids."""
        if self.opened is not None:
            return [self.opened]
        return [e.execution.id for e in self._shown[self._top : self._top + self._rows]]

    def take(self, entries: Iterable[Entry]) -> None:
        """Show these from now on; what was chosen stays so, wherever it is now."""
        self._entries = list(entries)
        self._arrange()

    def press(self, key: Key | str) -> None:
        """Do what a key is for; of letters it is themselves."""
        if self._is_typing:
            self._type(key)
        elif key == "q":
            self.is_over = True
        elif key in _MOVES:
            self._move(_MOVES[key](self._index(), self._rows, len(self._shown)))
        elif self._is_opened:
            if key in (Key.ESCAPE, Key.ENTER, Key.BACKSPACE):
                self._is_opened = False
        elif key is Key.ENTER:
            self._is_opened = bool(self._shown)
        elif key == "s":
            every = list(Sort)
            self._sort = every[(every.index(self._sort) + 1) % len(every)]
            self._arrange()
        elif key == "/":
            self._is_typing = True
        elif key is Key.ESCAPE:
            self._filter = ""
            self._arrange()

    def _type(self, key: Key | str) -> None:
        if key is Key.ENTER:
            self._is_typing = False
        elif key is Key.ESCAPE:
            self._is_typing, self._filter = False, ""
        elif key is Key.BACKSPACE:
            self._filter = self._filter[:-1]
        elif isinstance(key, str):
            self._filter += key
        self._arrange()

    def _arrange(self) -> None:
        place = self._index()
        words = self._filter.lower().split()
        found = [e for e in self._entries if all(word in _words(e) for word in words)]
        self._shown = _ORDERS[self._sort](found)
        ids = [e.execution.id for e in self._shown]
        if self._is_opened and self._chosen not in ids:
            self._is_opened = False
        # What is chosen goes where it goes, unless nobody has moved: then the first is meant.
        if self._chosen not in ids:
            self._move(place)
        self._scroll()

    def _index(self) -> int:
        ids = [e.execution.id for e in self._shown]
        return ids.index(self._chosen) if self._chosen in ids else 0

    def _move(self, to: int) -> None:
        place = max(0, min(to, len(self._shown) - 1))
        self._chosen = self._shown[place].execution.id if self._shown else None
        self._scroll()

    def _scroll(self) -> None:
        place = self._index()
        last = max(0, len(self._shown) - self._rows)
        self._top = min(max(min(self._top, place), place - self._rows + 1, 0), last)

    def draw(self, width: int, height: int, now: datetime | None = None) -> RenderableType:
        """The whole window, no larger than it is. ``now`` is UTC."""
        now = now or datetime.now(UTC)
        self._rows = max(1, height - _AROUND)
        self._scroll()
        chosen = next((e for e in self._shown if e.execution.id == self._chosen), None)
        if self._is_opened and chosen is not None:
            return self._picture(chosen, width, height)
        shown = self._shown[self._top : self._top + self._rows]
        table = _table(shown, self._chosen, width, now)
        blank = [Text()] * (self._rows - len(shown))
        return Group(*self._head(), table, *blank, *_below(chosen, now), self._foot(_KEYS))

    def _head(self) -> Iterator[Text]:
        counts = {
            word: sum(e.attention is attention for e in self._entries)
            for word, attention in (
                ("waiting for somebody", Attention.WAITS),
                ("failed", Attention.FAILED),
                ("running", Attention.RUNS),
                ("ended", Attention.ENDED),
            )
        }
        said = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
        yield one_line(Text.assemble(("wfbreak top  ", "bold"), said or "no executions"))
        narrowed = f"; filter: {self._filter}" if self._filter else ""
        yield one_line(Text(f"by {self._sort.value}{narrowed}", style="dim"))

    def _foot(self, keys: str) -> Text:
        if self._is_typing:
            return one_line(
                Text.assemble(("/", "bold"), self._filter, "▏  ", (_FILTER_KEYS, "dim"))
            )
        if self.trouble:
            return one_line(Text(self.trouble, style="bold red"))
        return one_line(Text(keys, style="dim"))

    def _picture(self, entry: Entry, width: int, height: int) -> RenderableType:
        if entry.details is None:
            return Group(Text("asking the engine …", style="dim"), self._foot(_PICTURE_KEYS))
        status = entry.details.status
        head = [*head_of(status, width)]
        room = height - len(head) - 2
        fitted = fit(reading.of_stack(status, entry.details.workflow), room)
        blank = [Text()] * (room - len(fitted.lines))
        drawn = terminal.table(fitted.lines, is_folded=False)
        return Group(*head, Text(), drawn, *blank, self._foot(_PICTURE_KEYS))


_MOVES: dict[Key | str, Callable[[int, int, int], int]] = {
    Key.UP: lambda at, _page, _all: at - 1,
    "k": lambda at, _page, _all: at - 1,
    Key.DOWN: lambda at, _page, _all: at + 1,
    "j": lambda at, _page, _all: at + 1,
    Key.PAGE_UP: lambda at, page, _all: at - page,
    Key.PAGE_DOWN: lambda at, page, _all: at + page,
    Key.HOME: lambda _at, _page, _all: 0,
    "g": lambda _at, _page, _all: 0,
    Key.END: lambda _at, _page, all_: all_,
    "G": lambda _at, _page, all_: all_,
}
"""Where a key moves to, from a row, with so many on the window, of all."""


def _table(shown: Iterable[Entry], chosen: str | None, width: int, now: datetime) -> Table:
    columns = [column for column in _COLUMNS if width >= column[1]]
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=True, header_style="bold")
    for title, _, is_elastic, _ in columns:
        table.add_column(one_line(Text(title)), no_wrap=not is_elastic, overflow="ellipsis")
    for entry in shown:
        is_chosen = entry.execution.id == chosen
        cells = [one_line(cell(entry, now)) for *_, cell in columns]
        cells[0] = one_line(Text.assemble("▸ " if is_chosen else "  ", cells[0]))
        if is_chosen:  # in one colour, or it is patchwork
            cells = [one_line(Text(cell.plain)) for cell in cells]
        table.add_row(*cells, style="reverse" if is_chosen else None)
    return table


def _below(entry: Entry | None, now: datetime) -> Iterator[Text]:
    """All of what is chosen that has no room in its row: two lines and one between."""
    yield Text()
    if entry is None:
        yield Text()
        yield Text()
        return
    since = f" for {age(entry.since, now)}" if entry.since else ""
    where = f" at {_stands_at(entry)}" if entry.standing else ""
    state = f"{entry.execution.state.value}{where}{since}"
    yield one_line(
        Text.assemble((f"{entry.execution.id}  ", "dim"), (state, _STYLES[entry.attention]))
    )
    said = [f"set by {_set_by(entry)}"] if entry.standing else []
    said += [first_line(entry.message)] if entry.message else []
    yield one_line(Text("; ".join(said)))


def age(then: datetime, now: datetime) -> str:
    """How long ago it was, in a word. Another machine's clock may have said when."""
    took = max(timedelta(), now - then)
    if took.days:
        return f"{took.days} d"
    hours, seconds = divmod(int(took.total_seconds()), 3600)
    if hours:
        return f"{hours} h"
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"


def _words(entry: Entry) -> str:
    execution = entry.execution
    said: list[Any] = [execution.workflow_name, execution.id, execution.state.value]
    said += [entry.mode.value, entry.message, _stands_at(entry), _set_by(entry)]
    return " ".join(str(word) for word in said if word).lower()


def _stands_at(entry: Entry) -> str:
    return ", ".join(each.stop.name for each in entry.standing)


def _set_by(entry: Entry) -> str:
    return ", ".join(dict.fromkeys(by for each in entry.standing for by in each.stop.armed_by))


def _number(value: int | None) -> Text:
    return Text("" if not value else str(value))


def _done(entry: Entry, _now: datetime) -> Text:
    if entry.total is None:
        return Text("…", style="dim")
    return Text(f"{entry.count(ResourceState.DONE)}/{entry.total}")


def _state(entry: Entry, _now: datetime) -> Text:
    return Text(entry.execution.state.value, style=_STYLES[entry.attention])


def _place(entry: Entry, _now: datetime) -> Text:
    if not entry.standing and entry.execution.state is State.PAUSED and entry.details is not None:
        return Text("no breakpoint", style="dim")
    return Text(_stands_at(entry), style="yellow")


_Cell = Callable[[Entry, datetime], Text]
_COLUMNS: tuple[tuple[str, int, bool, _Cell], ...] = (
    ("  stack", 0, True, lambda e, _: Text(e.execution.workflow_name)),
    ("execution", 60, False, lambda e, _: Text(e.execution.id[:8], style="dim")),
    ("state", 0, False, _state),
    ("mode", 100, False, lambda e, _: Text(e.mode.value)),
    ("done", 40, False, _done),
    ("running", 90, False, lambda e, _: _number(e.count(ResourceState.RUNNING))),
    ("failed", 90, False, lambda e, _: _number(e.count(ResourceState.FAILED))),
    ("stands at", 0, True, _place),
    ("since", 60, False, lambda e, now: Text(age(e.since, now) if e.since else "")),
    ("set by", 110, True, lambda e, _: Text(_set_by(e))),
    ("message", 130, True, lambda e, _: Text(first_line(e.message))),
    ("changed", 100, False, lambda e, now: Text(age(e.changed_at, now))),
)
"""Of each column its title, the width from which on it is there, whether it gives way, and its
cells."""
