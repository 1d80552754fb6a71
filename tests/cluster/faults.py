"""What happens to a cluster: its programs die, its link is cut, one after the other, by chance."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable

from cluster.cluster import Cluster
from cluster.settings import SERVERS

Say = Callable[[str], None]

PARTITION = "partition"

_GONE = (0.2, 5.0)
"""Seconds for which a program that was killed is gone, by chance."""

_CUT = (20.0, 30.0)
"""Likewise the link."""

_BETWEEN = (1.0, 6.0)
"""Likewise between two faults."""


class Faults:
    """All of them, once, in a random order, in a thread of its own."""

    def __init__(self, cluster: Cluster, chance: random.Random, say: Say) -> None:
        self._cluster, self._chance, self._say = cluster, chance, say
        self.done: Counter[str] = Counter()
        self._error: BaseException | None = None
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._guarded, name="faults")

    def start(self) -> None:
        self._thread.start()

    @property
    def are_over(self) -> bool:
        return not self._thread.is_alive()

    def join(self) -> None:
        """Wait for the last one, after which everything is up and connected again.

        :raises Exception: what kept a fault from being done, or a program from coming up.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _guarded(self) -> None:
        try:
            self._all()
        except BaseException as error:
            self._error = error

    def _all(self) -> None:
        cluster = self._cluster
        kinds = [*SERVERS, cluster.broker, cluster.database, PARTITION]
        self._chance.shuffle(kinds)
        for kind in kinds:
            time.sleep(self._chance.uniform(*_BETWEEN))
            if kind == PARTITION:
                self._cut()
            else:
                self._restart(kind)
            self.done[kind] += 1

    def _restart(self, program: str) -> None:
        seconds = self._chance.uniform(*_GONE)
        self._tell(f"SIGKILL to {program}, gone for {seconds:.1f} s")
        self._cluster.kill(program)
        time.sleep(seconds)
        self._cluster.start(program)

    def _cut(self) -> None:
        seconds = self._chance.uniform(*_CUT)
        self._tell(f"an engine and the broker are parted for {seconds:.1f} s")
        self._cluster.cut()
        try:
            time.sleep(seconds)
        finally:
            self._cluster.mend()

    def _tell(self, what: str) -> None:
        self._say(f"{time.monotonic() - self._began:6.1f} s  {what}")
