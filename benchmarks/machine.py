"""On what was measured: figures without their machine say nothing."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import psutil

import wfbreak

_ROOT = Path(__file__).parents[1]


def describe(cloud_python: Path | None) -> dict[str, str]:
    """Names and values, in the order in which they are to be read.

    ``cloud_python`` is the interpreter in which Heat is installed, if it is measured.
    """
    facts = {
        "date": datetime.date.today().isoformat(),
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "wfbreak": f"{wfbreak.__version__}, {_commit()}",
        "Mistral": version("mistral"),
    }
    if cloud_python is not None:
        facts["Heat"] = _said([str(cloud_python), "-c", _HEAT])
        facts["MariaDB"] = _said(["mariadbd", "--version"]).partition("Ver ")[2].split(" ", 1)[0]
        facts["RabbitMQ"] = _said(["dpkg-query", "-Wf", "${Version}", "rabbitmq-server"])
    return facts | {"load": f"{os.getloadavg()[0]:.1f} before the first run"}


_HEAT = "from importlib.metadata import version; print(version('openstack-heat'))"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    commit = _said(["git", "-C", str(_ROOT), "rev-parse", "--short", "HEAD"])
    changed = _said(["git", "-C", str(_ROOT), "status", "--porcelain", "wfbreak"])
    return commit + (" with changes" if changed else "")


def _said(command: Iterable[str]) -> str:
    """What a command prints; nothing if it cannot be run."""
    try:
        done = subprocess.run(list(command), capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip()
