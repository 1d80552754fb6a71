"""What must be on the machine: Debian's databases and RabbitMQ, and wfbreak beside Mistral.

The services themselves are in the interpreter that the Makefile makes from requirements.txt.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cloud.lab.errors import LabError

_ROOT = Path(__file__).parents[3]
_SOURCES = (
    "wfbreak",
    "schemas",
    "workflows",
    "setup.cfg",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)
_DIGEST = ".wfbreak"


@dataclass(frozen=True, slots=True)
class Packages:
    """Debian's packages, and the programs (or files) of theirs that are used."""

    names: tuple[str, ...]
    programs: tuple[str, ...]

    def __add__(self, other: Packages) -> Packages:
        return Packages(self.names + other.names, self.programs + other.programs)

    @property
    def missing(self) -> list[str]:
        path = f"{os.environ.get('PATH', '')}:/usr/sbin"
        return [program for program in self.programs if shutil.which(program, path=path) is None]


CLOUD = Packages(
    # The server without Debian's service around it; RabbitMQ has no such package.
    ("mariadb-server-core", "mariadb-client", "rabbitmq-server"),
    (
        "mariadbd",
        "mariadb-install-db",
        "mariadb-dump",
        "epmd",
        "/usr/lib/rabbitmq/bin/rabbitmq-server",
    ),
)
"""What a whole cloud stands on."""

_POLICY = Path("/usr/sbin/policy-rc.d")


def install_packages(packages: Packages = CLOUD) -> bool:
    """Install Debian's packages unless they are there; whether anything had to be done.

    Nothing of them is started.

    :raises LabError: if it is not Debian, or not root, or apt-get fails.
    """
    if not packages.missing:
        return False
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise LabError(f"install {' '.join(packages.names)}, or be root on a Debian that may do so")
    with _nothing_starts():
        for command in (
            ["update"],
            ["install", "--yes", "--no-install-recommends", *packages.names],
        ):
            done = subprocess.run(
                ["apt-get", "--quiet", *command],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            if done.returncode:
                raise LabError(f"apt-get {command[0]} failed:\n{done.stdout[-3000:]}")
    if packages.missing:
        raise LabError(f"the packages do not bring {', '.join(packages.missing)}")
    return True


def packages_command(packages: Packages) -> int:
    """The same for a command's whole work: what cannot be is said, and the exit status tells."""
    try:
        install_packages(packages)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def install_wfbreak(venv: Path) -> str:
    """Install this checkout into ``venv`` as an operator does; a digest of its sources.

    A normal installation, not an editable one: what packaging forgets is missing here too. If the
    sources are those that were installed last, nothing is done.

    :raises LabError: if it cannot be installed.
    """
    digest = _digest()
    with _locked(venv / f"{_DIGEST}.lock"), tempfile.TemporaryDirectory() as folder:
        installed = venv / f"{_DIGEST}.digest"
        if installed.exists() and installed.read_text() == digest:
            return digest
        # Built from a copy: setuptools packs what earlier builds have left in the checkout.
        for name in _SOURCES:
            source, copy = _ROOT / name, Path(folder, name)
            if source.is_dir():
                shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy)
        done = subprocess.run(
            [
                *(venv / "bin" / "uv", "pip", "install", "--python", venv / "bin" / "python"),
                *("--no-build-isolation", "--reinstall-package", "wfbreak", folder),
            ],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise LabError(f"wfbreak cannot be installed into {venv}:\n{done.stderr}")
        installed.write_text(digest)
    return digest


@contextmanager
def _nothing_starts() -> Iterator[None]:
    """Debian's way to keep an installation from starting what it installs."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _digest() -> str:
    total = hashlib.sha256()
    for name in _SOURCES:
        top = _ROOT / name
        files = [top] if top.is_file() else sorted(p for p in top.rglob("*") if p.is_file())
        for file in files:
            if file.suffix != ".pyc":
                total.update(f"{file.relative_to(_ROOT)}\0".encode())
                total.update(file.read_bytes())
    return total.hexdigest()
