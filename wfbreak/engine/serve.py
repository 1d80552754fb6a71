"""Serve the embedded engine until it is told to end: what a service manager or a test starts.

``python -m wfbreak.engine.serve --state DIR [--port PORT]`` prints the API's address once it is up
and ends on SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from wfbreak.diagnostics import ExitStatus, WfbreakError
from wfbreak.engine.embedded import EmbeddedEngine

_SIGNAL_SEEN = 0.5
"""Seconds after which a signal is seen that the kernel gave to another of the engine's threads:
Python notes it there, and its handler runs in the main thread once that one is awake."""


def serve(
    state: Path, port: int = 0, ready: Callable[[EmbeddedEngine], None] | None = None
) -> None:
    """Run the engine in ``state`` until SIGTERM or SIGINT; ``ready`` is called when it is up.

    Only for a process's main thread, because of the signals.

    :raises EngineUnavailable: if it cannot be started.
    """
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with EmbeddedEngine(state, port, is_service=True) as engine:
        if ready is not None:
            ready(engine)
        while not ended.wait(_SIGNAL_SEEN):
            pass


def main() -> int:
    """The module as a command."""
    parser = argparse.ArgumentParser(prog="python -m wfbreak.engine.serve", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="the engine's folder")
    parser.add_argument("--port", type=int, default=0, help="its port on 127.0.0.1 (a free one)")
    arguments = parser.parse_args()
    try:
        serve(arguments.state, arguments.port, lambda engine: print(engine.url, flush=True))
    except WfbreakError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return ExitStatus.DONE


if __name__ == "__main__":
    sys.exit(main())
