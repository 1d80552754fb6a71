"""Run ``wfbreak`` on a terminal, and read its screen as a person does.

The terminal is a pseudo-terminal of the system's, drawn by pyte, which knows what an xterm does
with what it is sent.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyte

from cli.command import EXAMPLE, environment

PATIENCE = 120.0
"""Seconds to wait for something to be on the screen; it takes two when nothing else runs."""

_PAUSE = 0.1
"""Seconds; a picture is written at once."""


class _Xterm(pyte.HistoryScreen):
    """pyte's screen with the other page that full-screen programs draw on."""

    _ALTERNATE = 1049 << 5

    def __init__(self, columns: int, lines: int) -> None:
        self.is_alternate = False
        self._kept: tuple[Any, Any] | None = None
        super().__init__(columns, lines, history=10_000, ratio=0.5)

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        if 1049 in modes and kwargs.get("private"):
            self.is_alternate = True
            self._kept = (
                {line: dict(row) for line, row in self.buffer.items()},
                (self.cursor.y, self.cursor.x),
            )
            super().erase_in_display(2)
        super().set_mode(*modes, **kwargs)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        if 1049 in modes and kwargs.get("private") and self._kept is not None:
            self.is_alternate = False
            rows, (self.cursor.y, self.cursor.x) = self._kept
            super().erase_in_display(2)
            for line, row in rows.items():
                self.buffer[line].update(row)
            self._kept = None
        super().reset_mode(*modes, **kwargs)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    # What a shell runs in the background, this test perhaps, ignores Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A command on a terminal of its own. ``more`` are variables of its environment."""

    def __init__(
        self,
        *arguments: str | Path,
        columns: int = 80,
        lines: int = 24,
        cwd: Path = EXAMPLE,
        **more: str,
    ) -> None:
        self._screen = _Xterm(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        self._has_read = False
        variables = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **more}
        inherited = environment()
        for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "COLORTERM"):
            inherited.pop(name, None)
        self._own, theirs = pty.openpty()
        self._set_size(columns, lines)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "wfbreak", *map(str, arguments)],
            cwd=cwd,
            env={**inherited, **variables},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(theirs)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: Any) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(30)
        os.close(self._own)

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._own, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    @property
    def lines(self) -> list[str]:
        """What is on the screen, without the blanks at the ends."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def is_alternate(self) -> bool:
        """Whether a program has the whole window for itself."""
        return self._screen.is_alternate

    @property
    def text(self) -> str:
        return "\n".join(self.lines).rstrip()

    @property
    def cells(self) -> list[list[pyte.screens.Char]]:
        """The letters on the screen with their colours, line by line."""
        rows, columns = range(self._screen.lines), range(self._screen.columns)
        return [[self._screen.buffer[y][x] for x in columns] for y in rows]

    @property
    def history(self) -> list[str]:
        """What has left the screen at its top."""
        return [
            "".join(row[x].data for x in range(self._screen.columns)).rstrip()
            for row in self._screen.history.top
        ]

    @property
    def colours(self) -> set[str]:
        """The colours of the letters on the screen."""
        return {char.fg for row in self._screen.buffer.values() for char in row.values()}

    def until(self, is_there: str | Callable[[str], bool]) -> str:
        """Read until a text is on the screen, or the screen is as wanted."""
        wanted = (lambda text: is_there in text) if isinstance(is_there, str) else is_there
        deadline = time.monotonic() + PATIENCE
        while True:
            if wanted(self.text):
                # It may be half of a picture, and the rest of it on its way.
                while self._read(time.monotonic() + _PAUSE) and self._has_read:
                    pass
                if wanted(self.text):
                    return self.text
            if not self._read(deadline) or time.monotonic() > deadline:
                raise AssertionError(f"waited for {is_there!r}, and the screen has\n{self.text}")

    def end(self) -> int:
        """Read until the command has ended; its exit status."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            if time.monotonic() > deadline:
                raise AssertionError(f"it does not end, and the screen has\n{self.text}")
        return self._process.wait(30)

    def press(self, keys: str) -> None:
        os.write(self._own, keys.encode())

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.press("\x03")

    def resize(self, columns: int, lines: int) -> None:
        """Make the window another size; what is on it stays at its top left."""
        self._screen.resize(lines, columns)
        self._set_size(columns, lines)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGWINCH)

    def _read(self, deadline: float) -> bool:
        """Take what the command writes next; whether it may write more."""
        ready, _, _ = select.select([self._own], [], [], max(0.0, deadline - time.monotonic()))
        self._has_read = bool(ready)
        if not ready:
            return True
        try:
            found = os.read(self._own, 65536)
        except OSError:  # so Linux says that the other end is closed
            return False
        self.raw += found
        self._stream.feed(found)
        return bool(found)
