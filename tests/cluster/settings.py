"""What all programs of one cluster are told: which database they have, and how it is reached."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path

from cloud.lab.installation import CLOUD, Packages
from cloud.lab.ports import BasePorts
from cloud.lab.settings import BROKER_USER, DATABASE_USER, HOST, Settings

SCHEMA = "mistral"
"""The database's name."""

PACKAGES = CLOUD + Packages(
    ("postgresql", "iproute2", "util-linux"),
    ("pg_ctlcluster", "ip", "unshare", "nsenter"),
)

ENGINE, APART, OTHER_EXECUTOR = "engine-1", "engine-2", "executor-2"
"""``APART`` is on a network of its own, which can be cut off; it and ``OTHER_EXECUTOR`` may have a
clock of their own."""

SERVERS = ("api-1", "api-2", ENGINE, APART, "executor-1", OTHER_EXECUTOR)
"""Mistral's processes: each can be killed and started by this name."""


SKEW = ((APART, 20), (OTHER_EXECUTOR, -120))
"""Seconds by which the clocks of some servers are wrong where faults are made. An engine's must be
wrong by less than what an action's heartbeat may be late (docs/cluster.md)."""


class Database(enum.Enum):
    POSTGRESQL = "postgresql"
    MARIADB = "mariadb"


@dataclass(frozen=True, slots=True)
class ClusterPorts(BasePorts):
    """And one for each API."""

    first_api: int
    second_api: int


@dataclass(frozen=True, slots=True)
class ClusterSettings(Settings):
    """One cluster. ``skew`` is by how many seconds the clocks of some servers are wrong."""

    ports: ClusterPorts
    database: Database = Database.POSTGRESQL
    skew: tuple[tuple[str, int], ...] = ()

    @property
    def subnet(self) -> str:
        """The beginning of the addresses between the engine that is apart and the broker: the
        last ports but one tell clusters apart, which run side by side."""
        return f"169.254.{self.ports.broker // 20 % 250 + 1}"

    @property
    def broker_address(self) -> str:
        """The broker's, for the engine that is apart."""
        return f"{self.subnet}.1"

    def broker_for(self, server: str) -> str:
        host = self.broker_address if server == APART else HOST
        return f"rabbit://{BROKER_USER}:guest@{host}:{self.ports.broker}/"

    def database_for(self, server: str) -> str:
        """By its port; by its socket in the file system for the engine that is apart, since the
        database is not to be cut off from it."""
        account = f"{DATABASE_USER}:{self.password}"
        is_apart = server == APART
        if self.database is Database.POSTGRESQL:
            host = self.folder.run if is_apart else HOST
            where = f"host={host}&port={self.ports.database}"
            return f"postgresql+psycopg2://{account}@/{SCHEMA}?{where}"
        socket = self.folder.data / "mariadb" / "mariadb.sock"
        options = f"charset=utf8&unix_socket={socket}" if is_apart else "charset=utf8"
        return f"mysql+pymysql://{account}@{HOST}:{self.ports.database}/{SCHEMA}?{options}"

    def api_url(self, server: str) -> str:
        port = self.ports.first_api if server == "api-1" else self.ports.second_api
        return f"http://{HOST}:{port}/v2"

    @property
    def things(self) -> Path:
        """The file in which the executors make things (``properties.filecloud``)."""
        return self.folder.data / "things.sqlite"
