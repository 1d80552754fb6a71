"""PostgreSQL, in a folder of its own, with Mistral's database, empty.

It refuses to run as root. So root runs it in a user namespace in which root has another number;
then the folder may lie anywhere and needs no other owner.
"""

from __future__ import annotations

import os
from pathlib import Path

from cloud.lab.errors import LabError
from cloud.lab.processes import Program
from cloud.lab.settings import DATABASE_USER, HOST, write_private
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_port

from cluster.settings import SCHEMA, ClusterSettings

NAME = "postgresql"
_NOT_ROOT = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")


def postgresql_steps(settings: ClusterSettings) -> list[Step]:
    """``database``: it is up, and Mistral's database is there and empty."""
    return [Step("database", lambda: _start(settings))]


def wait_for_postgresql(settings: ClusterSettings) -> None:
    """Wait until it listens. (It may still be recovering: then it refuses, and is asked again.)"""
    wait_for_port(settings, NAME, settings.ports.database)


def _start(settings: ClusterSettings) -> None:
    data = settings.data(NAME)
    password = settings.etc(NAME, "password")
    write_private(password, f"{settings.password}\n")
    settings.processes.run(
        Program(
            "postgresql-install",
            (
                *_as_somebody(_program("initdb")),
                *("--pgdata", str(data), "--username", DATABASE_USER, "--encoding", "UTF8"),
                *("--locale", "C.UTF-8", "--auth", "scram-sha-256", "--no-sync"),
                *("--pwfile", str(password)),
            ),
        )
    )
    settings.processes.start(
        Program(
            NAME,
            (
                *_as_somebody(_program("postgres")),
                *("-D", str(data), "-p", str(settings.ports.database)),
                *("-c", f"listen_addresses={HOST}"),
                *("-c", f"unix_socket_directories={settings.folder.run}"),
                *("-c", "max_connections=300"),
                # A crash of the machine may take it along, but not one of the server: what is
                # committed has left the process.
                *("-c", "fsync=off", "-c", "full_page_writes=off"),
            ),
        )
    )
    wait_for_postgresql(settings)
    settings.processes.run(
        Program(
            "postgresql-create",
            (
                _program("createdb"),
                *("-h", HOST, "-p", str(settings.ports.database), "-U", DATABASE_USER, SCHEMA),
            ),
            {"PGPASSWORD": settings.password},
        )
    )


def _as_somebody(program: str) -> tuple[str, ...]:
    return (*_NOT_ROOT, program) if os.geteuid() == 0 else (program,)


def _program(name: str) -> str:
    """Of the newest version that is installed; Debian keeps them out of the path.

    :raises LabError: if there is none.
    """
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=_version)
    if not found:
        raise LabError("PostgreSQL is not installed: run 'make test-cluster' as root")
    return str(found[-1])


def _version(path: Path) -> int:
    return int(path.parents[1].name)
