"""Whoever follows a stack of an embedded engine is answered when its state changes.

Mistral's API has nothing to wait on: who looks often keeps the engine busy (a look reads and sends
the whole execution), who looks seldom sees the end late. So a look may say for how long it would
wait (``Prefer: wait=SECONDS``, RFC 7240) and which state it knows (``Wfbreak-State: RUNNING``): the
answer comes when the state is another, after the seconds at the latest, and says that it has
waited. An engine that knows nothing of it answers at once, and does not say so.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

STATE = "Wfbreak-State"
PREFER, APPLIED = "Prefer", "Preference-Applied"

_LONGEST = 10.0
_MOST = 6
"""Looks that wait at a time: each has one of the API's ten threads."""

_LOOK = re.compile(r"/v2/executions/([0-9a-f-]{36})/?")
_WAIT = re.compile(r"wait=(\d+(?:\.\d*)?)")


class Changes:
    """Tells of changed states. ``app`` is the API's; what it has written is in ``database``."""

    def __init__(self, app: Any, database: Path) -> None:
        self._app = app
        self._database = f"file:{database}?mode=ro"
        self._changed = threading.Condition()
        self._waiting: Counter[str] = Counter()
        self._news: set[str] = set()
        self._ended = False

    def listen(self) -> None:
        """Have the database's transactions tell of what they change."""
        from mistral.db.v2.sqlalchemy import models
        from sqlalchemy import event, inspect, orm

        def updated(_mapper: Any, _connection: Any, execution: Any) -> None:
            if inspect(execution).attrs.state.history.has_changes():
                session: Any = orm.object_session(execution)
                session.info.setdefault(self, set()).add(execution.id)

        def committed(session: Any) -> None:
            self._tell(session.info.pop(self, ()))

        event.listen(models.WorkflowExecution, "after_update", updated)
        event.listen(orm.Session, "after_commit", committed)

    def end(self) -> None:
        """Have all that wait answered, and nobody wait any more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """The API, as WSGI has it."""
        found = _LOOK.fullmatch(environ.get("PATH_INFO", ""))
        wait = _WAIT.search(environ.get("HTTP_PREFER", ""))
        known = environ.get("HTTP_WFBREAK_STATE")
        if not (found and wait and known and environ["REQUEST_METHOD"] == "GET"):
            return self._app(environ, start_response)
        if not self._await(found[1], known, min(float(wait[1]), _LONGEST)):
            return self._app(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, (APPLIED, "wait")], *more)

        return self._app(environ, start)

    def _tell(self, executions: Iterable[str]) -> None:
        with self._changed:
            news = set(executions) & set(self._waiting)
            if news:
                self._news |= news
                self._changed.notify_all()

    def _await(self, execution: str, known: str, seconds: float) -> bool:
        """Wait until the state may be another than the one that is known; whether it was waited."""
        with self._changed:
            if self._ended or self._waiting.total() >= _MOST:
                return False
            self._waiting[execution] += 1
        try:
            # What happens from here on is told.
            if self._state(execution) == known:
                with self._changed:
                    self._changed.wait_for(
                        lambda: self._ended or execution in self._news, timeout=seconds
                    )
            return True
        finally:
            with self._changed:
                self._waiting[execution] -= 1
                if not self._waiting[execution]:
                    del self._waiting[execution]
                    self._news.discard(execution)

    def _state(self, execution: str) -> str | None:
        query = "SELECT state FROM workflow_executions_v2 WHERE id = ?"
        with closing(sqlite3.connect(self._database, uri=True)) as connection:
            row = connection.execute(query, (execution,)).fetchone()
        return row[0] if row else None
