"""A network of its own for one of the engines, whose link to the broker can be cut.

A network namespace with a pair of virtual interfaces. It has no name: a program that does nothing
holds it, and it goes with that program, interfaces and all.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from cloud.lab.errors import LabError
from cloud.lab.processes import Program
from cloud.lab.steps import Step

from cluster.settings import ClusterSettings

NAME = "network"


def network_steps(settings: ClusterSettings) -> list[Step]:
    """``network``: the link is there and up."""
    return [Step("network", lambda: _start(settings))]


def inside(settings: ClusterSettings) -> tuple[str, ...]:
    """What stands before a command that shall run on the network of its own."""
    return ("nsenter", f"--net={_namespace(settings)}")


def cut(settings: ClusterSettings) -> None:
    """Take the link down: what is sent is lost, and neither side is told."""
    _run("ip", "link", "set", _outer(settings), "down")


def mend(settings: ClusterSettings) -> None:
    _run("ip", "link", "set", _outer(settings), "up")


def _start(settings: ClusterSettings) -> None:
    settings.processes.start(Program(NAME, ("unshare", "--net", "sleep", "infinity")))
    own = Path("/proc/self/ns/net").readlink()
    while (namespace := _namespace(settings)).readlink() == own:
        time.sleep(0.02)
    pid = str(settings.processes.pid(NAME))
    outer, inner = _outer(settings), f"{_outer(settings)}i"
    _run("ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", pid)
    _run("ip", "addr", "add", f"{settings.broker_address}/30", "dev", outer)
    _run("ip", "link", "set", outer, "up")
    there = ("nsenter", f"--net={namespace}", "ip")
    _run(*there, "addr", "add", f"{settings.subnet}.2/30", "dev", inner)
    _run(*there, "link", "set", inner, "up")
    _run(*there, "link", "set", "lo", "up")


def _namespace(settings: ClusterSettings) -> Path:
    return Path(f"/proc/{settings.processes.pid(NAME)}/ns/net")


def _outer(settings: ClusterSettings) -> str:
    return f"wfbreak{settings.ports.broker}"


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"{' '.join(command)}: {done.stderr.strip()}")
