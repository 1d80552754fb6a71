"""What processes take while something runs: CPU seconds, and memory at its peak.

Memory is looked at several times a second. RSS counts a page that several processes share once for
each of them, PSS once in all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType

import psutil

_STEP = 0.25
"""Seconds between two looks at the memory."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one group of processes."""

    cpu: float = 0.0
    rss: int = 0
    pss: int = 0


def family(pids: Iterable[int]) -> list[psutil.Process]:
    """The processes, with all that descends from them and lives."""
    found: dict[int, psutil.Process] = {}
    for pid in pids:
        try:
            process = psutil.Process(pid)
            for member in (process, *process.children(recursive=True)):
                found[member.pid] = member
        except psutil.NoSuchProcess:
            continue
    return list(found.values())


def spent(pids: Iterable[int]) -> float:
    """CPU seconds of the processes until now, with all that they have forked, lives or not.

    What has ended is in its parent's account, so one that ends meanwhile is not lost.
    """
    wanted = list(pids)
    while True:
        try:
            return float(sum(sum(process.cpu_times()[:4]) for process in family(wanted)))
        except psutil.NoSuchProcess:
            continue


class Meter:
    """Measures the group that ``processes`` finds, from the beginning of a block to its end.

    The processes of a group may change meanwhile; what one that ended has taken since the last
    look is lost.
    """

    def __init__(self, processes: Callable[[], list[psutil.Process]]) -> None:
        self._processes = processes
        self._before: dict[int, float] = {}
        self._now: dict[int, float] = {}
        self._rss = self._pss = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Meter:
        self._look()
        self._before = dict(self._now)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._look()

    @property
    def usage(self) -> Usage:
        """What was taken since the block began."""
        cpu = sum(seconds - self._before.get(pid, 0.0) for pid, seconds in self._now.items())
        return Usage(cpu, self._rss, self._pss)

    def _watch(self) -> None:
        while not self._ended.wait(_STEP):
            self._look()

    def _look(self) -> None:
        rss = pss = 0
        for process in self._processes():
            try:
                times = process.cpu_times()
                memory = process.memory_full_info()
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            self._now[process.pid] = times.user + times.system
            rss += memory.rss
            pss += memory.pss
        self._rss, self._pss = max(self._rss, rss), max(self._pss, pss)
