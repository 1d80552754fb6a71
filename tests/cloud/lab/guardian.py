"""Ends a cloud when the test run that uses it has ended, however it ended.

A process of its own that reads a pipe. The pipe closes when the test run closes it or dies (SIGKILL
too); then the guardian kills what the run left, and forgets it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cloud.lab.folder import Folder
from cloud.lab.processes import Processes

_TESTS = Path(__file__).parents[2]


class Guardian:
    """Watches over the cloud in ``folder`` from its construction until :meth:`dismiss`.

    ``lock`` is the folder's owner's descriptor: nobody has the folder before the guardian is done.
    """

    def __init__(self, folder: Folder, lock: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cloud.lab.guardian", str(folder.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(_TESTS)},
            start_new_session=True,
            pass_fds=[lock],
        )

    def dismiss(self) -> None:
        """Have it end the cloud, and wait until it has."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def watch(folder: Folder) -> None:
    """Wait for the end of standard input, then end the cloud in ``folder``."""
    sys.stdin.buffer.read()
    Processes(folder).end_all()
    folder.forget()


if __name__ == "__main__":
    watch(Folder(Path(sys.argv[1])))
