"""A real Mistral in a process of its own, which a test can kill and start again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from wfbreak.engine.client import EngineClient
from wfbreak.engine.connect import without_token

START = 60.0
"""Seconds that an engine may take to come up; it takes 2 s when nothing else runs."""


def client_of(url: str) -> EngineClient:
    from keystoneauth1 import session

    return EngineClient(url, session.Session(auth=without_token(url)))


class EngineProcess:
    """An engine on ``state`` that can be killed and started again.

    ``variables`` are for its environment, which has none of ``OS_*`` and ``WFBREAK_*`` otherwise.
    """

    program: tuple[str, ...] = ("-m", "wfbreak.engine.serve")

    def __init__(self, state: Path, variables: Mapping[str, str] | None = None) -> None:
        self.state = state
        self._variables = dict(variables or {})
        self._process: subprocess.Popen[str] | None = None
        self._client: EngineClient | None = None

    def start(self) -> EngineClient:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("OS_", "WFBREAK_"))}
        self._process = subprocess.Popen(
            [sys.executable, *self.program, "--state", str(self.state)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment | self._variables,
        )
        assert self._process.stdout is not None
        timer = threading.Timer(START, self._process.kill)
        timer.start()
        line = self._process.stdout.readline().strip()
        timer.cancel()
        if not line.startswith("http"):
            self.kill()
            pytest.fail(f"the engine does not start: {line or 'it says nothing'}")
        self._client = client_of(line)
        return self._client

    @property
    def client(self) -> EngineClient:
        assert self._client is not None
        return self._client

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL: as if the machine had lost its power."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        try:
            return self._process.wait(30)
        finally:
            self._process.kill()
            assert self._process.stdout is not None
            self._process.stdout.close()

    def __enter__(self) -> EngineProcess:
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        if self._process is not None and self._process.poll() is None:
            self.stop()


class TalkativeEngine(EngineProcess):
    """One that writes into its log whatever Mistral and its libraries can say."""

    program = (
        "-c",
        "from wfbreak.engine import embedded, serve\n"
        "embedded._CONFIG = embedded._CONFIG.replace('[DEFAULT]', '[DEFAULT]\\ndebug = true')\n"
        "embedded._LOG_LEVELS = 'sqlalchemy.engine=INFO'\n"
        "raise SystemExit(serve.main())\n",
    )
