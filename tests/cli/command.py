"""Run ``wfbreak`` as a person does: a process, its output, its exit status."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "three-tier"
PASSWORD = "correct-horse-battery"
TIMEOUT = 240
"""Seconds after which a command is taken to hang; a cloud's Heat may need two minutes for what a
machine with much else to do takes apart."""


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str


_NAMES = itertools.count(1)


def environment(**more: str) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OS_", "WFBREAK_"))}
    return {**clean, **more}


def wfbreak(*arguments: str | Path, cwd: Path = EXAMPLE, **more: str) -> Answer:
    """The command's answer. ``more`` are variables of its environment.

    A stack that is run without a name gets one of its own: a name is taken once.
    """
    if "run" in arguments and "--name" not in arguments:
        arguments = (*arguments, "--name", f"stack{next(_NAMES)}")
    done = subprocess.run(
        [sys.executable, "-m", "wfbreak", *map(str, arguments)],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        stdin=subprocess.DEVNULL,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Answer(done.returncode, done.stdout, done.stderr)


def run_example(state: Path, *more: str) -> Answer:
    """Run the three-tier example to its breakpoint."""
    files = ("web.yaml", "-e", "env.yaml", "-P", f"db_password={PASSWORD}")
    return wfbreak("run", *files, "--state", state, *more)
