"""``mistral-server`` as it is for the tests: ``python -m cluster.launch``, with its arguments.

An executor makes things in a file, so that they can be counted, and a process may have a clock that
is wrong by so many seconds: its wall clock, as any code of Python's reads it; what measures how
long something takes stays. (libfaketime breaks Python's sleeps; a machine's clock cannot be set
for one process.)
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

from properties import filecloud

SKEW = "WFBREAK_TEST_SKEW"
"""The variable that holds the seconds."""


def launch() -> None:
    if filecloud.FILE in os.environ:
        filecloud.install()
    if seconds := int(os.environ.get(SKEW, "0")):
        import time_machine

        time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True).start()
    from mistral.cmd.launch import main

    sys.exit(main())


if __name__ == "__main__":
    launch()
