"""A cluster in the place of an engine that a test kills and starts again.

What was the end of the engine is the end of one of the cluster's processes, drawn by chance: the
others go on with what they have.
"""

from __future__ import annotations

import random
from typing import Any

from engine.process import EngineProcess, client_of

from cluster.cluster import Cluster
from cluster.settings import SERVERS
from wfbreak.engine.client import EngineClient

SEED = 20261126


class ClusterProcess(EngineProcess):
    """As :class:`EngineProcess`; it does not end the cluster, which is shared."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster.settings.folder.root)
        self._cluster = cluster
        self._chance = random.Random(SEED)
        self._killed: list[str] = []

    @property
    def client(self) -> EngineClient:
        return client_of(self._chance.choice(self._cluster.urls))

    def kill(self) -> None:
        """SIGKILL to one of the processes."""
        victim = self._chance.choice(SERVERS)
        self._cluster.kill(victim)
        self._killed.append(victim)

    def start(self) -> EngineClient:
        """Start what was killed; a client of one of the APIs."""
        while self._killed:
            self._cluster.start(self._killed.pop())
        return self.client

    def __enter__(self) -> ClusterProcess:
        return self

    def __exit__(self, *_: Any) -> None:
        self.start()
