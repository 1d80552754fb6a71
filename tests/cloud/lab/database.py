"""MariaDB, in a folder of its own, with a database for each service."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from cloud.lab.errors import LabError
from cloud.lab.processes import Program
from cloud.lab.settings import DATABASE_USER, HOST, Settings, write_private
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_port

NAME = "mariadb"
_SOCKET = "mariadb.sock"
_DATABASES = (
    "keystone",
    "neutron",
    "placement",
    "glance",
    "nova_api",
    "nova_cell0",
    "nova",
    "cinder",
    "heat",
    "barbican",
    "mistral",
)


def database_steps(settings: Settings, names: Iterable[str] = _DATABASES) -> list[Step]:
    """``database``: it is up, and the services' databases are there and empty."""
    return [Step("database", lambda: _start(settings, names))]


def wait_for_database(settings: Settings) -> None:
    """Wait until it listens."""
    wait_for_port(settings, NAME, settings.ports.database)


def socket_of(settings: Settings) -> Path:
    """Where it listens beside its port."""
    return settings.folder.data / "mariadb" / _SOCKET


def dump_database(settings: Settings, name: str) -> str:
    """Every row of a database, as SQL text; blobs in hexadecimal.

    :raises LabError: if it cannot be had.
    """
    return _client(settings, "mariadb-dump", "--skip-extended-insert", "--hex-blob", name)


def has_rows(settings: Settings, database: str, table: str) -> bool:
    """Whether a table has any row: how a service's start is seen that nothing else tells of."""
    statement = f"SELECT EXISTS (SELECT 1 FROM {table})"
    return _client(settings, "mariadb", "-N", database, "-e", statement).strip() == "1"


def _client(settings: Settings, program: str, *arguments: str) -> str:
    done = subprocess.run(
        [program, f"--defaults-file={settings.etc('mariadb', 'client.cnf')}", *arguments],
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode:
        raise LabError(f"{program}: {done.stderr}")
    return done.stdout


def _start(settings: Settings, names: Iterable[str]) -> None:
    data = settings.data("mariadb")
    settings.processes.run(
        Program(
            "mariadb-install",
            (
                "mariadb-install-db",
                "--no-defaults",
                "--user=root",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ),
        )
    )
    settings.processes.start(
        Program(
            NAME,
            (
                "mariadbd",
                "--no-defaults",
                "--user=root",
                f"--datadir={data}",
                f"--init-file={_accounts(settings, names)}",
                f"--bind-address={HOST}",
                f"--port={settings.ports.database}",
                # Relative to its data: an absolute path may be too long for a socket.
                f"--socket={_SOCKET}",
                "--skip-name-resolve",
                "--max-connections=1000",
                # A crash of the machine may take it along, but not one of the server.
                "--innodb-flush-log-at-trx-commit=2",
                "--innodb-doublewrite=0",
                "--character-set-server=utf8mb3",
                "--collation-server=utf8mb3_general_ci",
            ),
        )
    )
    wait_for_database(settings)


def _accounts(settings: Settings, names: Iterable[str]) -> Path:
    """The SQL that the server runs before it listens."""
    lines = [f"CREATE DATABASE IF NOT EXISTS {name};" for name in names]
    for account in (f"'{DATABASE_USER}'@'{HOST}'", f"'{DATABASE_USER}'@'localhost'"):
        lines.append(f"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY '{settings.password}';")
        lines.append(f"GRANT ALL ON *.* TO {account};")
    path = settings.etc("mariadb", "accounts.sql")
    write_private(path, "\n".join([*lines, ""]))
    client = {
        "host": HOST,
        "port": settings.ports.database,
        "protocol": "tcp",
        "user": DATABASE_USER,
        "password": settings.password,
    }
    options = "".join(f"{name} = {value}\n" for name, value in client.items())
    write_private(settings.etc("mariadb", "client.cnf"), f"[client]\n{options}")
    return path
