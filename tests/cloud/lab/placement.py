"""Placement, which Nova cannot do without."""

from __future__ import annotations

from cloud.lab.oslo import token_checks, write_config
from cloud.lab.processes import Program
from cloud.lab.settings import HOST, Settings
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_http
from cloud.lab.wsgi import wsgi

NAME = "placement"


def placement_steps(settings: Settings) -> list[Step]:
    """``placement``: it answers."""
    return [
        Step("placement:schema", lambda: _schema(settings), ("database",)),
        Step("placement", lambda: _start(settings), ("placement:schema",)),
    ]


def _schema(settings: Settings) -> None:
    config = write_config(
        settings.etc(NAME, "placement.conf"),
        {
            "api": {"auth_strategy": "keystone"},
            "placement_database": {"connection": settings.database_url("placement")},
            "keystone_authtoken": token_checks(settings),
        },
    )
    manage = (settings.bin("placement-manage"), "--config-file", str(config))
    settings.processes.run(Program("placement-schema", (*manage, "db", "sync")))


def _start(settings: Settings) -> None:
    env = {"OS_PLACEMENT_CONFIG_DIR": str(settings.etc(NAME))}
    port = settings.ports.placement
    settings.processes.start(wsgi(settings, NAME, port, "placement.wsgi.api:application", env=env))
    wait_for_http(settings, NAME, f"http://{HOST}:{port}/")
