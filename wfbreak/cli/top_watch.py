"""``wfbreak top`` on a terminal: it takes keys at once, however long the engine takes to answer.

rich draws; prompt_toolkit knows what terminals send for a key, which rich does not. A thread asks
the engine: it waits the longer, the longer that has taken, so that who only looks does not keep an
engine busy.
"""

from __future__ import annotations

import select
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TextIO

from prompt_toolkit.input import Input, create_input
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys
from rich.console import RenderableType
from rich.live import Live

from wfbreak import looking
from wfbreak.cli.picture import console
from wfbreak.cli.top_view import Key, View
from wfbreak.diagnostics import WfbreakError
from wfbreak.overview import Entry, Overview

_TICK = 0.25
"""Seconds between two looks at the window's size."""

_AGES = 1.0
"""Seconds after which the window is drawn again though nothing has changed but the time."""

_KEYS = {
    Keys.Up: Key.UP,
    Keys.Down: Key.DOWN,
    Keys.PageUp: Key.PAGE_UP,
    Keys.PageDown: Key.PAGE_DOWN,
    Keys.Home: Key.HOME,
    Keys.End: Key.END,
    Keys.Enter: Key.ENTER,
    Keys.ControlJ: Key.ENTER,
    Keys.Escape: Key.ESCAPE,
    Keys.Backspace: Key.BACKSPACE,
}


def watch(
    overview: Overview, interval: float, is_wanted: Callable[[Entry], bool], stream: TextIO
) -> None:
    """Show the executions until somebody has seen enough; ``interval`` is in seconds.

    :raises EngineUnreachable: if the engine does not answer the first time; later that is shown.
    """
    asker = _Asker(overview, interval, is_wanted)
    asker.look()
    drawn = console(stream)
    size, drawn_at = drawn.size, 0.0
    keyboard = create_input(sys.stdin)
    with keyboard.raw_mode(), Live(console=drawn, screen=True, auto_refresh=False) as live, asker:
        while not asker.view.is_over and not keyboard.closed:
            now = time.monotonic()
            if asker.has_news() or drawn.size != size or now - drawn_at > _AGES:
                size, drawn_at = drawn.size, now
                live.update(asker.picture(size.width, size.height), refresh=True)
            for press in _pressed(keyboard):
                if press.key == Keys.ControlC:
                    raise KeyboardInterrupt
                if isinstance(press.key, Keys):
                    if press.key in _KEYS:
                        asker.press(_KEYS[press.key])
                elif press.key.isprintable():
                    asker.press(press.key)


def _pressed(keyboard: Input) -> list[KeyPress]:
    """The keys of the next moment. An escape is known as a key by nothing following it."""
    ready, _, _ = select.select([keyboard.fileno()], [], [], _TICK)
    return keyboard.read_keys() if ready else keyboard.flush_keys()


class _Asker:
    """The view, and a thread that keeps it up to date."""

    def __init__(
        self, overview: Overview, interval: float, is_wanted: Callable[[Entry], bool]
    ) -> None:
        self.view = View()
        self._overview = overview
        self._interval = interval
        self._is_wanted = is_wanted
        self._lock = threading.Lock()
        self._has_news = threading.Event()
        self._wakes = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> _Asker:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # It is not waited for: an answer that is under way may take long.
        self.view.is_over = True
        self._wakes.set()

    def look(self) -> None:
        """Ask which executions there are."""
        self._overview.look()
        self._take(None)

    def has_news(self) -> bool:
        """Whether something has changed since the last time."""
        had = self._has_news.is_set()
        self._has_news.clear()
        return had

    def picture(self, width: int, height: int) -> RenderableType:
        """The window, in lines and columns.

        Raises what has ended the thread, if something has: a mistake of wfbreak's.
        """
        if self._failure is not None:
            raise self._failure
        with self._lock:
            before = self.view.visible
            drawn = self.view.draw(width, height)
            if self.view.visible != before:
                self._wakes.set()
            return drawn

    def press(self, key: Key | str) -> None:
        with self._lock:
            self.view.press(key)
        self._has_news.set()
        self._wakes.set()  # there may be others to ask about

    def _take(self, trouble: str | None) -> None:
        with self._lock:
            self.view.trouble = trouble
            self.view.take(filter(self._is_wanted, self._overview.entries()))
        self._has_news.set()

    def _run(self) -> None:
        next_look = time.monotonic() + self._interval
        try:
            while not self.view.is_over:
                began = time.monotonic()
                is_due = began >= next_look
                left = self._ask(is_look=is_due)
                now = time.monotonic()
                if is_due:
                    next_look = now + looking.pause(self._interval, took=now - began)
                if not left and self._wakes.wait(max(0.0, next_look - now)):
                    self._wakes.clear()
        except Exception as error:
            self._failure = error
            self._has_news.set()

    def _ask(self, *, is_look: bool) -> int:
        """Ask about what is on the screen; how much of it is still unknown."""
        try:
            if is_look:
                self._overview.look()
            with self._lock:
                wanted, opened = self.view.visible, self.view.opened
            left = self._overview.ask(wanted, opened)
        except WfbreakError as error:
            self._take(str(error).splitlines()[0])
            return 0
        self._take(None if is_look else self.view.trouble)
        return left
