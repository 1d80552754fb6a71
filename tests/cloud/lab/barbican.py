"""Barbican, with its secrets in its database below a key of its own.

A member of a project may make, read and delete the project's secrets, as Barbican's policies have
it since they know scopes; the older ones want a role of Barbican's own.
"""

from __future__ import annotations

import base64
import os
import shutil

from cloud.lab.oslo import token_checks, write_config
from cloud.lab.processes import Program
from cloud.lab.settings import HOST, Settings
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_http
from cloud.lab.wsgi import wsgi

NAME = "barbican"


def barbican_steps(settings: Settings) -> list[Step]:
    """``barbican``: it answers."""
    return [
        Step("barbican:schema", lambda: _schema(settings), ("database",)),
        Step("barbican", lambda: _start(settings), ("barbican:schema",)),
    ]


def _env(settings: Settings) -> dict[str, str]:
    # Its WSGI application takes no path of its configuration, and looks for one at home first.
    return {"HOME": str(settings.etc(NAME))}


def _schema(settings: Settings) -> None:
    write_config(
        settings.etc(NAME, "barbican.conf"),
        {
            "DEFAULT": {"host_href": f"http://{HOST}:{settings.ports.barbican}"},
            "database": {"connection": settings.database_url("barbican")},
            "keystone_authtoken": token_checks(settings),
            "oslo_policy": {"enforce_scope": True, "enforce_new_defaults": True},
            "simple_crypto_plugin": {"kek": base64.urlsafe_b64encode(os.urandom(32)).decode()},
        },
    )
    paste = settings.etc(NAME, "barbican-api-paste.ini")
    shutil.copy(settings.installed(NAME, "barbican-api-paste.ini"), paste)
    manage = (settings.bin("barbican-db-manage"), "upgrade")
    settings.processes.run(Program("barbican-schema", manage, _env(settings)))


def _start(settings: Settings) -> None:
    port, paste = settings.ports.barbican, settings.etc(NAME, "barbican-api-paste.ini")
    settings.processes.start(wsgi(settings, NAME, port, paste=paste, env=_env(settings)))
    wait_for_http(settings, NAME, f"http://{HOST}:{port}/healthcheck")
