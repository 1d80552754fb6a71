"""What a cluster's processes take: CPU seconds, memory, transactions, messages, connections.

CPU seconds are the machine's own account of each program, with all that it has forked, whether it
lives or has ended; so it does not matter what else the machine does meanwhile.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psutil
import psycopg2
from cloud.lab.settings import DATABASE_USER, HOST
from cluster.cluster import Cluster
from cluster.settings import SCHEMA, ClusterSettings

from benchmarks.usage import family, spent

KINDS = ("api", "engine", "executor", "database", "broker")

_PROGRAMS = {"postgresql": "database", "rabbitmq": "broker"}

_STARTS = 30.0
"""Seconds that the database may take until it answers."""

_SIZE = " + ".join(
    f"(SELECT coalesce(sum(pg_column_size(kept.*)), 0) FROM {kept}_v2 AS kept)"
    for kept in (
        "workflow_definitions",
        "workflow_executions",
        "task_executions",
        "action_executions",
    )
)
"""Bytes of the rows that stay, without indexes. (Files grow in steps, and shrink when cleaned.)"""

Counts = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Taken:
    """Counters that only grow: what was taken between two of them is their difference."""

    cpu: Counts
    """CPU seconds by kinds of process."""
    database: Counts
    messages: float

    def since(self, before: Taken) -> Taken:
        return Taken(
            {kind: self.cpu[kind] - before.cpu[kind] for kind in self.cpu},
            {name: self.database[name] - before.database[name] for name in self.database},
            self.messages - before.messages,
        )

    def without(self, rate: Taken, seconds: float) -> Taken:
        """Less what is taken at rest in so many seconds; ``rate`` is of one second."""
        return Taken(
            {kind: self.cpu[kind] - seconds * rate.cpu[kind] for kind in self.cpu},
            {name: self.database[name] - seconds * rate.database[name] for name in self.database},
            self.messages - seconds * rate.messages,
        )

    def each(self, number: float) -> Taken:
        return Taken(
            {kind: value / number for kind, value in self.cpu.items()},
            {name: value / number for name, value in self.database.items()},
            self.messages / number,
        )


@dataclass(frozen=True, slots=True)
class Held:
    """What is held at a moment: bytes of memory of a process of each kind (PSS; the largest), and
    connections."""

    memory: Counts
    connections: Counts

    def most(self, other: Held) -> Held:
        return Held(_most(self.memory, other.memory), _most(self.connections, other.connections))


def _most(one: Counts, other: Counts) -> Counts:
    return {name: max(one.get(name, 0.0), other.get(name, 0.0)) for name in {*one, *other}}


class Gauge:
    """Looks at one cluster on PostgreSQL."""

    def __init__(self, cluster: Cluster) -> None:
        self._settings = cluster.settings

    def cpu(self) -> Counts:
        """CPU seconds of each kind until now."""
        found: dict[str, float] = dict.fromkeys(KINDS, 0.0)
        for kind, pid in self._programs():
            found[kind] += spent([pid])
        return found

    def taken(self) -> Taken:
        """The counters of now. PostgreSQL's are late by up to ten seconds."""
        return Taken(self.cpu(), self._database(), self._messages())

    def held(self) -> Held:
        memory: dict[str, float] = defaultdict(float)
        for kind, pid in self._programs():
            size = 0
            for process in family([pid]):
                with suppress(psutil.NoSuchProcess):
                    size += process.memory_full_info().pss
            memory[kind] = max(memory[kind], float(size))
        return Held(dict(memory), self._connections())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with self._connected() as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall()) if cursor.description else []

    def _programs(self) -> Iterator[tuple[str, int]]:
        processes = self._settings.processes
        for name in processes.names():
            kind = _PROGRAMS.get(name, name.partition("-")[0])
            if kind in KINDS and processes.is_alive(name):
                yield kind, processes.pid(name)

    def _database(self) -> Counts:
        names = (
            "commits",
            "read",
            "written",
            "sessions",
            "bytes",
            "syncs",
            "syncing",
            "statements",
        )
        mine = f"""FROM pg_stat_statements
            WHERE dbid = (SELECT oid FROM pg_database WHERE datname = '{SCHEMA}')"""
        query = f"""SELECT xact_commit, tup_fetched + tup_returned,
            tup_inserted + tup_updated + tup_deleted, sessions, {_SIZE},
            (SELECT wal_sync FROM pg_stat_wal), (SELECT wal_sync_time / 1000 FROM pg_stat_wal),
            (SELECT sum(calls) {mine})
            FROM pg_stat_database WHERE datname = '{SCHEMA}'"""
        return dict(zip(names, map(float, self.rows(query)[0]), strict=True))

    def open(self) -> Held:
        """The connections to the database alone: a look that takes little."""
        query = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{SCHEMA}'"
        return Held({}, {"database": float(self.rows(query)[0][0]) - 1})  # less the one that asks

    def _connections(self) -> Counts:
        held = dict(self.open().connections)
        with suppress(ValueError):
            found = _erlang(self._settings, "length(rabbit_networking:connections()).")
            held["broker"] = float(found)
        return held

    def _messages(self) -> float:
        """How many the broker has been given."""
        said = _erlang(self._settings, "rabbit_global_counters:overview().")
        return float(sum(map(int, re.findall(r"messages_received_total\s*=>\s*(\d+)", said))))

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        settings = self._settings
        where = {"host": HOST, "port": settings.ports.database, "dbname": SCHEMA}
        account = {"user": DATABASE_USER, "password": settings.password}
        deadline = time.monotonic() + _STARTS
        while True:
            try:
                connection = psycopg2.connect(**where, **account)
                break
            except psycopg2.OperationalError:  # it recovers from its last end
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        with closing(connection):
            connection.autocommit = True
            yield connection


def _erlang(settings: ClusterSettings, expression: str) -> str:
    """What RabbitMQ's own interpreter says to an expression."""
    ports, home = settings.ports, settings.data("rabbitmq")
    done = subprocess.run(
        [
            "/usr/lib/rabbitmq/bin/rabbitmqctl",
            *("--node", f"lab{ports.broker}@localhost", "--quiet", "eval", expression),
        ],
        env={
            **os.environ,
            "HOME": str(home),
            "RABBITMQ_NODENAME": f"lab{ports.broker}@localhost",
            "ERL_EPMD_PORT": str(ports.broker_names),
            "ERL_EPMD_ADDRESS": HOST,
            "RABBITMQ_CONFIG_FILE": str(settings.etc("rabbitmq", "rabbitmq")),
        },
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"rabbitmqctl: {done.stdout}{done.stderr}")
    return done.stdout.strip()
