"""``wfbreak ui`` as a person starts it, beside the engine of a test."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from cli.command import EXAMPLE, environment, wfbreak

START = 60.0
"""Seconds that it may take to come up; it takes two when it has to bring an engine up."""

TWO = """\
heat_template_version: 2021-04-16
resources:
  a: {type: OS::Heat::RandomString}
  b: {type: OS::Heat::RandomString}
  last: {type: OS::Heat::Value, properties: {value: {get_resource: a}}, depends_on: b}
"""
"""Two resources that nothing keeps apart, and one after them."""


class UiProcess:
    """The command; ``address`` is what it prints. ``more`` are variables."""

    def __init__(self, *options: str | Path, cwd: Path = EXAMPLE, **more: str) -> None:
        self._command = [sys.executable, "-m", "wfbreak", "ui", "--no-browser", *map(str, options)]
        self._cwd = cwd
        self._environment = environment(**more)
        self.address = ""

    @property
    def root(self) -> str:
        return self.address.partition("/?")[0]

    def __enter__(self) -> UiProcess:
        self._process = subprocess.Popen(
            self._command,
            cwd=self._cwd,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        timer = threading.Timer(START, self._process.kill)
        timer.start()
        self.address = self._process.stdout.readline().strip()
        timer.cancel()
        if not self.address.startswith("http"):
            pytest.fail(f"it does not start: {self.end()}")
        return self

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Ask it to end: its exit status, and what it has said since it was up."""
        self._process.send_signal(number)
        try:
            out, err = self._process.communicate(timeout=30)
        finally:
            self._process.kill()
        return self._process.returncode, out, err

    def __exit__(self, *_: Any) -> None:
        if self._process.poll() is None:
            self.end()


def begun(folder: Path, template: str, state: Path, *options: str) -> str:
    """Run a stack until it stands, fails or is done; its execution's id."""
    (folder / "t.yaml").write_text(template)
    answer = wfbreak("run", "t.yaml", "--state", state, "-f", "json", *options, cwd=folder)
    assert answer.out, answer.err
    return str(json.loads(answer.out)["execution"])
