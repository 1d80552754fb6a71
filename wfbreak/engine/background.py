"""An embedded engine that stays when its command has ended: later commands find it.

A command that needs an engine and finds none brings one up for as long as it lasts, which takes two
seconds of each, and a stack goes on only while some command is there. An engine in the background
spares both. It is the same program in a session of its own; what it cannot say to anybody lies in
its folder.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from wfbreak.engine.embedded import EngineUnavailable, folder_refused, is_held, running

_OUTPUT = "engine.out"
"""The file in the engine's folder with what it prints."""

_PATIENCE = 60.0
"""Seconds for an engine to come up, or to end: its actions come to their end first."""

_LOOK = 0.05
"""Seconds between two looks whether it has."""


def begin(state: Path, port: int = 0) -> str:
    """Bring an engine up on the folder and leave it; the address of its API. If there is one
    already, that one's.

    :raises EngineUnavailable: if it does not come up; with what it said.
    """
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EngineUnavailable(folder_refused(state, error)) from None
    engine: subprocess.Popen[bytes] | None = None
    deadline = time.monotonic() + _PATIENCE
    while (found := running(state)) is None:
        if not is_held(state):
            if engine is None:
                engine = _start(state, port)
            elif engine.poll() is not None:
                said = (state / _OUTPUT).read_text(errors="replace").strip()
                raise EngineUnavailable(said or f"the engine in {state} ended at once")
        if time.monotonic() > deadline:
            raise EngineUnavailable(f"the engine in {state} is not up after {_PATIENCE:.0f} s")
        time.sleep(_LOOK)
    return found.url


def end(state: Path) -> bool:
    """End the folder's engine, if it is a service; whether there was one.

    :raises EngineUnavailable: if it does not end, or belongs to another command.
    """
    found = running(state)
    if found is None:
        return False
    if not found.is_service:
        raise EngineUnavailable(
            f"the engine in {state} is that of a command (process {found.pid}) and ends with it"
        )
    with contextlib.suppress(ProcessLookupError):
        os.kill(found.pid, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE
    while is_held(state):
        if time.monotonic() > deadline:
            raise EngineUnavailable(f"the engine in {state} has not ended in {_PATIENCE:.0f} s")
        time.sleep(_LOOK)
    return True


def _start(state: Path, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "wfbreak.engine.serve", "--state", str(state.absolute())]
    descriptor = os.open(state / _OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as output:
        return subprocess.Popen(  # noqa: S603  # Python and the engine, nothing of a caller's
            [*command, "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
