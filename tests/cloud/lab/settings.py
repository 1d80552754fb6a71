"""What all services of one cloud are told: its folder, its programs, its ports, its password."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cloud.lab.folder import Folder
from cloud.lab.ports import Ports
from cloud.lab.processes import Processes

HOST = "127.0.0.1"
REGION = "RegionOne"
BROKER_USER = "guest"
DATABASE_USER = "cloud"
SERVICE_USER = "service"
SERVICE_PROJECT = "service"


@dataclass(frozen=True, slots=True)
class Settings:
    """One cloud. ``venv`` holds its programs; ``password`` is every account's, and random."""

    folder: Folder
    venv: Path
    ports: Ports
    password: str = field(repr=False)

    @classmethod
    def new(cls, folder: Folder, venv: Path, ports: Ports) -> Settings:
        return cls(folder, venv, ports, secrets.token_hex(12))

    @classmethod
    def load(cls, folder: Folder) -> Settings:
        """The settings of a cloud that was brought up.

        :raises FileNotFoundError: if none was, or not to its end.
        """
        saved = json.loads(folder.settings.read_text())
        return cls(folder, Path(saved["venv"]), Ports(**saved["ports"]), saved["password"])

    def save(self) -> None:
        saved = {"venv": str(self.venv), "ports": asdict(self.ports), "password": self.password}
        write_private(self.folder.settings, json.dumps(saved, indent=2) + "\n")

    @property
    def processes(self) -> Processes:
        return Processes(self.folder)

    @property
    def keystone_url(self) -> str:
        return f"http://{HOST}:{self.ports.keystone}/v3"

    @property
    def broker_url(self) -> str:
        return f"rabbit://{BROKER_USER}:guest@{HOST}:{self.ports.broker}/"

    def database_url(self, name: str) -> str:
        account = f"{DATABASE_USER}:{self.password}"
        return f"mysql+pymysql://{account}@{HOST}:{self.ports.database}/{name}?charset=utf8"

    def bin(self, name: str) -> str:
        return str(self.venv / "bin" / name)

    def installed(self, *parts: str) -> Path:
        """A file that a service's package installs below the interpreter's own ``etc``."""
        return self.venv.joinpath("etc", *parts)

    @property
    def packages(self) -> Path:
        """Where the interpreter has its packages."""
        (found,) = self.venv.glob("lib/python*/site-packages")
        return found

    def etc(self, *parts: str) -> Path:
        """A place for a service's configuration; its folder is made."""
        path = self.folder.etc.joinpath(*parts)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def data(self, name: str) -> Path:
        """A folder for a service's state, which is made."""
        path = self.folder.data / name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path


def write_private(path: Path, text: str) -> None:
    """Write a file for its owner only."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
