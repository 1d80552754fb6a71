"""The whole cluster: brought up, its programs killed and started, its link cut, taken down."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cloud.lab import broker, database
from cloud.lab.errors import LabError
from cloud.lab.folder import Folder
from cloud.lab.guardian import Guardian
from cloud.lab.ports import free_ports
from cloud.lab.processes import Processes
from cloud.lab.steps import Step, run_all

from cluster import mistral, network, postgresql
from cluster.settings import SCHEMA, SERVERS, ClusterPorts, ClusterSettings, Database

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that is up."""

    settings: ClusterSettings

    @property
    def urls(self) -> tuple[str, str]:
        """Of its two APIs."""
        return self.settings.api_url("api-1"), self.settings.api_url("api-2")

    @property
    def things(self) -> Path:
        """The file in which its executors make things."""
        return self.settings.things

    @property
    def broker(self) -> str:
        """The broker's name as a program."""
        return broker.NAME

    @property
    def database(self) -> str:
        """The database's name as a program."""
        return self.settings.database.value

    def kill(self, program: str) -> None:
        """SIGKILL to a program and all that it forked, at once.

        :raises LabError: if there is none of this name, or it has ended by itself before.
        """
        self.settings.processes.pid(program)
        self.settings.processes.kill(program)

    def start(self, program: str) -> None:
        """Start a program that has ended, and wait until it works.

        :raises LabError: if it is running, or there is none of this name.
        """
        if program in SERVERS:
            mistral.start_again(self.settings, program)
            return
        self.settings.processes.start_again(program)
        if program == broker.NAME:
            broker.wait_for_broker(self.settings)
        elif program == postgresql.NAME:
            postgresql.wait_for_postgresql(self.settings)
        elif program == database.NAME:
            database.wait_for_database(self.settings)

    def cut(self) -> None:
        """Part the engine that is apart from the broker."""
        network.cut(self.settings)

    def mend(self) -> None:
        network.mend(self.settings)

    def check(self) -> None:
        """:raises LabError: if anything has ended by itself."""
        processes = self.settings.processes
        for name in processes.names():
            if not processes.is_alive(name):
                raise LabError(f"{name} has ended\n{processes.tail(name)}")


def _bring_up(settings: ClusterSettings, say: Say) -> Cluster:
    began = time.monotonic()

    def report(name: str, seconds: float) -> None:
        say(f"{time.monotonic() - began:6.1f} s  {name} ({seconds:.1f} s)")

    run_all(_steps(settings), report, settings.processes.end_all)
    return Cluster(settings)


def _steps(settings: ClusterSettings) -> list[Step]:
    stores = (
        postgresql.postgresql_steps(settings)
        if settings.database is Database.POSTGRESQL
        else database.database_steps(settings, (SCHEMA,))
    )
    return [
        *network.network_steps(settings),
        *stores,
        *broker.broker_steps(settings, (settings.broker_address,)),
        *mistral.mistral_steps(settings),
    ]


@contextmanager
def own_cluster(
    folder: Folder,
    venv: Path,
    say: Say,
    kind: Database = Database.POSTGRESQL,
    skew: tuple[tuple[str, int], ...] = (),
) -> Iterator[Cluster]:
    """A new cluster that ends with the block, or with this process, however it ends.

    :raises LabError: if it does not come up, or another process has the folder.
    """
    with folder.owned() as lock:
        guardian = Guardian(folder, lock)
        try:
            Processes(folder).end_all()
            folder.make()
            with free_ports(ClusterPorts) as ports:
                fresh = ClusterSettings.new(folder, venv, ports)
                settings = ClusterSettings(
                    folder, venv, ports, fresh.password, database=kind, skew=skew
                )
                cluster = _bring_up(settings, say)
            yield cluster
        finally:
            guardian.dismiss()
