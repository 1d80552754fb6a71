"""Waiting for a program to be there, no longer than it lives."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from cloud.lab.errors import LabError
from cloud.lab.settings import HOST, Settings

PATIENCE = 600.0
"""Seconds. On a machine with nothing else to do each needs less than ten."""

_STEP = 0.2
_THERE = {200, 300, 401}

# A proxy of the machine's is not for loopback.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def wait_until(settings: Settings, program: str, is_there: Callable[[], bool]) -> None:
    """Ask ``is_there`` until it says yes.

    :raises LabError: if the program ends before, or it takes 10 minutes.
    """
    deadline = time.monotonic() + PATIENCE
    while not is_there():
        if not settings.processes.is_alive(program):
            raise LabError(f"{program} has ended\n{settings.processes.tail(program)}")
        if time.monotonic() > deadline:
            raise LabError(f"{program} does not come up\n{settings.processes.tail(program)}")
        time.sleep(_STEP)


def wait_for_port(settings: Settings, program: str, port: int) -> None:
    """Wait until something listens at the port."""

    def listens() -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((HOST, port)) == 0

    wait_until(settings, program, listens)


def wait_for_http(settings: Settings, program: str, url: str) -> None:
    """Wait until an API answers at ``url``."""

    def answers() -> bool:
        try:
            with _open(url, timeout=20) as answer:
                return answer.status in _THERE
        except urllib.error.HTTPError as error:
            return error.code in _THERE
        except OSError:
            return False

    wait_until(settings, program, answers)
