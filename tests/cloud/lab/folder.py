"""Where a cloud keeps its state: one folder, so that one removal forgets it."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cloud.lab.errors import LabError

_PATIENCE = 30.0
"""Seconds to wait for the end of a run that has just been killed."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A cloud's folder, by an absolute path."""

    root: Path

    @property
    def etc(self) -> Path:
        """Configurations; ``clouds.yaml`` among them."""
        return self.root / "etc"

    @property
    def log(self) -> Path:
        """What each program says, in a file of its name."""
        return self.root / "log"

    @property
    def run(self) -> Path:
        """Which programs there are, and as which processes they run."""
        return self.root / "run"

    @property
    def data(self) -> Path:
        """Databases, images, queues."""
        return self.root / "data"

    @property
    def settings(self) -> Path:
        """The ports and passwords, for whoever comes later."""
        return self.root / "lab.json"

    @property
    def clouds_yaml(self) -> Path:
        return self.etc / "clouds.yaml"

    @property
    def seal_key(self) -> Path:
        return self.etc / "seal.key"

    def make(self) -> None:
        """Make it, empty, for its owner only; what was in it is lost."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.settings.unlink(missing_ok=True)
        for part in (self.etc, self.log, self.run, self.data):
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(mode=0o700)

    def forget(self) -> None:
        """Remove all but the logs, which someone may want to read."""
        self.settings.unlink(missing_ok=True)
        for part in (self.etc, self.run, self.data):
            shutil.rmtree(part, ignore_errors=True)

    @contextmanager
    def owned(self) -> Iterator[int]:
        """Keep others from using the folder inside the block, and while the descriptor is open.

        A child process that inherits the descriptor owns the folder too.

        :raises LabError: if another process owns it and does not let it go within 30 s.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.root / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            deadline = time.monotonic() + _PATIENCE
            while not _lock(descriptor):
                if time.monotonic() > deadline:
                    raise LabError(f"another process has the cloud in {self.root}")
                time.sleep(0.2)
            yield descriptor
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
