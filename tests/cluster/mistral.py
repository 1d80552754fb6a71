"""Mistral's processes: two APIs, two engines, two executors, each started by itself.

Mistral is configured as docs/cluster.md says, but for Keystone: there is none. The executors make
things in a file (``properties.filecloud``), so that what was really made can be counted.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cloud.lab.errors import LabError
from cloud.lab.mistral import as_advised
from cloud.lab.oslo import write_config
from cloud.lab.processes import Program
from cloud.lab.settings import HOST
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_http
from properties import filecloud

from cluster.network import inside
from cluster.settings import APART, SERVERS, ClusterSettings
from wfbreak.keys import KEY_FILE_VARIABLE, create_keys

_TESTS = Path(__file__).parents[1]

_EXECUTOR = """\
import sys
from properties import filecloud
filecloud.install()
from mistral.cmd.launch import main
sys.exit(main())
"""


def mistral_steps(settings: ClusterSettings) -> list[Step]:
    """``mistral``: both APIs answer."""
    return [
        Step("mistral:schema", lambda: _schema(settings), ("database",)),
        Step("mistral", lambda: _start(settings), ("mistral:schema", "broker", "network")),
    ]


def wait_for_api(settings: ClusterSettings, server: str) -> None:
    """Wait until an API answers."""
    wait_for_http(settings, server, f"{settings.api_url(server)}/")


def _schema(settings: ClusterSettings) -> None:
    create_keys(settings.folder.seal_key)
    manage = (settings.bin("mistral-db-manage"), "--config-file", str(_config(settings, "api-1")))
    settings.processes.run(Program("mistral-schema", (*manage, "upgrade", "head")))


def _start(settings: ClusterSettings) -> None:
    for server in SERVERS:
        settings.processes.start(_program(settings, server))
    for server in ("api-1", "api-2"):
        wait_for_api(settings, server)


def _program(settings: ClusterSettings, server: str) -> Program:
    kind = server.partition("-")[0]
    options = ("--config-file", str(_config(settings, server)), "--server", kind)
    command: tuple[str, ...] = (settings.bin("mistral-server"), *options)
    env = {}
    if kind == "executor":
        command = (sys.executable, "-c", _EXECUTOR, *options)
        env = {
            "PYTHONPATH": str(_TESTS),
            KEY_FILE_VARIABLE: str(settings.folder.seal_key),
            filecloud.FILE: str(settings.things),
        }
    if server == APART:
        command = (*inside(settings), *command)
    return Program(server, command, env | _clock(dict(settings.skew).get(server, 0)))


def _clock(seconds: int) -> dict[str, str]:
    """What makes the wall clock of a process wrong by this; the others of its clocks stay."""
    if not seconds:
        return {}
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        raise LabError("libfaketime is not installed: run 'make test-cluster' as root")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME": f"{seconds:+d}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def _config(settings: ClusterSettings, server: str) -> Path:
    kind = server.partition("-")[0]
    advised = as_advised(settings.broker_for(server), settings.database_for(server))
    port = settings.ports.first_api if server == "api-1" else settings.ports.second_api
    return write_config(
        settings.etc("mistral", f"{server}.conf"),
        {
            **advised,
            "api": {**advised["api"], "host": HOST, "port": port},
            "pecan": {"auth_enable": False},
            **({kind: {"host": server}} if kind != "api" else {}),
        },
    )
