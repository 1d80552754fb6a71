"""Tell an open page when what it shows has changed: one look at the engine for all of them.

A page says which version it has and waits for another. As long as somebody waits, a thread looks:
the less happens the less often, and never so often that the engine is kept busy. An engine that can
wait itself (:mod:`wfbreak.engine.awaiting`) tells a stack's stop or end at once.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from wfbreak import looking
from wfbreak.diagnostics import WfbreakError
from wfbreak.engine.model import Execution, Task

_POLL = 0.5
"""Seconds between two looks, at least."""

_WANTED = 15.0
"""Seconds for which a thread goes on looking when nobody waits: a page asks again at once."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen: its ``version``, and how to wait for so many seconds for another."""

    version: str
    rest: Callable[[float], Any] = time.sleep


def version_of(*seen: Any) -> str:
    """What tells two states apart, of data that JSON can hold."""
    text = json.dumps(seen, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def version_of_stack(execution: Execution, tasks: Iterable[Task], lacks: bool) -> str:
    """Likewise, of a stack: its execution's state and env, and its tasks'; and whether it ``lacks``
    results of theirs."""
    told = sorted((t.id, t.state.value, t.state_info, t.finished_at) for t in tasks)
    info = (execution.state.value, execution.state_info, execution.updated_at)
    return version_of(execution.id, info, execution.params.get("env"), told, lacks)


class Watching:
    """All that is looked at, by its name; ``look`` looks once."""

    def __init__(self, look: Callable[[str], Look]) -> None:
        self._look = look
        self._watches: dict[str, _Watch] = {}
        self._changed = threading.Condition()
        self._ended = False

    def changed(self, name: str, known: str, seconds: float) -> str:
        """The version when it is another than the one that is known, or after so many seconds.

        :raises WfbreakError: if the engine cannot be asked.
        """
        deadline = time.monotonic() + seconds
        watch = self._watched(name, deadline)
        while True:
            with self._changed:
                left = max(0.0, deadline - time.monotonic())
                self._changed.wait_for(lambda: self._ended or watch.tells(known), timeout=left)
                if watch.error is not None:
                    raise watch.error
                if self._ended or watch.version in (None, known):
                    return known
            # That may have been seen before the page was written which asks.
            version = self._look(name).version
            if version != known:
                return version
            with self._changed:
                watch.version = version

    def _watched(self, name: str, deadline: float) -> _Watch:
        with self._changed:
            watch = self._watches.get(name)
            if watch is None:
                watch = self._watches[name] = _Watch()
                threading.Thread(
                    target=self._run, args=(name, watch), name="watching", daemon=True
                ).start()
            watch.wanted = max(watch.wanted, deadline + _WANTED)
            return watch

    def end(self) -> None:
        """Have all that wait answered, and nobody wait any more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _run(self, name: str, watch: _Watch) -> None:
        failure: WfbreakError | None = None
        try:
            self._follow(name, watch)
        except WfbreakError as error:
            failure = error
        finally:
            with self._changed:
                # Whoever asks after this has it looked at anew.
                if self._watches.get(name) is watch:
                    del self._watches[name]
                watch.error = failure
                self._changed.notify_all()

    def _follow(self, name: str, watch: _Watch) -> None:
        changed = time.monotonic()
        while True:
            began = time.monotonic()
            look = self._look(name)
            now = time.monotonic()
            with self._changed:
                if self._ended or now > watch.wanted:
                    del self._watches[name]
                    return
                if look.version != watch.version:
                    watch.version, changed = look.version, now
                    self._changed.notify_all()
            try:
                look.rest(looking.pause(_POLL, took=now - began, quiet=now - changed))
            except WfbreakError:
                time.sleep(_POLL)  # the next look says so


class _Watch:
    """What is known of one thing; ``wanted`` until when, by the monotonic clock."""

    def __init__(self) -> None:
        self.version: str | None = None
        self.error: WfbreakError | None = None
        self.wanted = 0.0

    def tells(self, known: str) -> bool:
        return self.error is not None or self.version not in (None, known)
