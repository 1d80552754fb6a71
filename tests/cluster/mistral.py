"""Mistral's processes: two APIs, two engines, two executors, each started by itself.

Mistral is configured as docs/cluster.md says, but for Keystone: there is none. The executors make
things in a file (``properties.filecloud``), so that what was really made can be counted.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cloud.lab.mistral import as_advised
from cloud.lab.oslo import write_config
from cloud.lab.processes import Program
from cloud.lab.settings import HOST
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_http, wait_until
from properties import filecloud

from cluster.launch import SKEW
from cluster.network import inside
from cluster.settings import APART, SERVERS, ClusterSettings
from wfbreak.keys import KEY_FILE_VARIABLE, create_keys

_TESTS = Path(__file__).parents[1]

_STARTED = b" server started."


def mistral_steps(settings: ClusterSettings) -> list[Step]:
    """``mistral``: all of its processes work."""
    return [
        Step("mistral:schema", lambda: _schema(settings), ("database",)),
        Step("mistral", lambda: _start(settings), ("mistral:schema", "broker", "network")),
    ]


def start_again(settings: ClusterSettings, server: str) -> None:
    """Start a process that has ended, and wait until it works."""
    said = _said(settings, server)
    settings.processes.start_again(server)
    _wait(settings, server, said)


def _wait(settings: ClusterSettings, server: str, said: int = 0) -> None:
    """An API answers; the others say in their logs that they work, after what they said before."""
    if server.startswith("api-"):
        wait_for_http(settings, server, f"{settings.api_url(server)}/")
        return
    log = settings.folder.log / f"{server}.log"
    wait_until(settings, server, lambda: _STARTED in log.read_bytes()[said:])


def _said(settings: ClusterSettings, server: str) -> int:
    return (settings.folder.log / f"{server}.log").stat().st_size


def _schema(settings: ClusterSettings) -> None:
    create_keys(settings.folder.seal_key)
    manage = (settings.bin("mistral-db-manage"), "--config-file", str(_config(settings, "api-1")))
    settings.processes.run(Program("mistral-schema", (*manage, "upgrade", "head")))


def _start(settings: ClusterSettings) -> None:
    for server in SERVERS:
        settings.processes.start(_program(settings, server))
    for server in SERVERS:
        _wait(settings, server)


def _program(settings: ClusterSettings, server: str) -> Program:
    kind = server.partition("-")[0]
    config = str(_config(settings, server))
    command = (sys.executable, "-m", "cluster.launch", "--config-file", config, "--server", kind)
    env = {"PYTHONPATH": str(_TESTS), SKEW: str(dict(settings.skew).get(server, 0))}
    if kind == "executor":
        env |= {
            KEY_FILE_VARIABLE: str(settings.folder.seal_key),
            filecloud.FILE: str(settings.things),
        }
    if server == APART:
        command = (*inside(settings), *command)
    return Program(server, command, env)


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
