"""A transaction of an embedded engine does not wait for the disk.

SQLite by default writes a journal for each transaction and has the disk confirm it twice: some
milliseconds, in which nothing else happens, at a task's start and at its end. With a write-ahead
log and ``synchronous=NORMAL`` it writes once and leaves the rest to the kernel. A process that is
killed loses nothing by that. A machine that loses its power may lose the last transactions, whole
ones, from the end: what it finds is what a kill some seconds earlier would have left, which
:mod:`wfbreak.engine.recovery` is made for.
"""

from __future__ import annotations

import functools
import sqlite3
from pathlib import Path
from typing import Any


@functools.cache
def install() -> None:
    """Have this process's connections do so. To be called before the first is made."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    event.listen(Engine, "connect", _connected)


def prepare(database: Path) -> None:
    """Make the database's file its owner's alone; SQLite gives those beside it the same rights."""
    database.touch(0o600)
    for file in database.parent.glob(f"{database.name}*"):
        file.chmod(0o600)


def _connected(connection: Any, _: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
