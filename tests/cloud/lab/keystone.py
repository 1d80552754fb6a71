"""Keystone, with its first administrator."""

from __future__ import annotations

import base64
import os

from cloud.lab.oslo import write_config
from cloud.lab.processes import Program
from cloud.lab.settings import REGION, Settings, write_private
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_http
from cloud.lab.wsgi import wsgi

NAME = "keystone"
_LIFE_OF_A_TOKEN = 86_400
_UNCACHED = (
    "application_credential",
    "assignment",
    "catalog",
    "identity",
    "resource",
    "revoke",
    "role",
)


def keystone_steps(settings: Settings) -> list[Step]:
    """``keystone``: it answers, and ``admin`` has all rights on the project ``admin``."""
    return [
        Step("keystone:schema", lambda: _schema(settings), ("database",)),
        Step("keystone", lambda: _start(settings), ("keystone:schema",)),
    ]


def _schema(settings: Settings) -> None:
    tokens, receipts, credentials = (
        settings.etc(NAME, name) for name in ("tokens", "receipts", "credentials")
    )
    config = write_config(
        settings.etc(NAME, "keystone.conf"),
        {
            "database": {"connection": settings.database_url("keystone")},
            "token": {"provider": "fernet", "expiration": _LIFE_OF_A_TOKEN},
            "fernet_tokens": {"key_repository": tokens},
            "fernet_receipts": {"key_repository": receipts},
            "credential": {"key_repository": credentials},
            "cache": {"enabled": True, "backend": "dogpile.cache.memory"},
            # Each process has a cache of its own, and must know what the other one has revoked,
            # changed or deleted.
            **{group: {"caching": False} for group in _UNCACHED},
        },
    )
    # Calls of keystone-manage take 3 s each. 0 is the key to come, 1 the one in use.
    for repository in (tokens, receipts, credentials):
        repository.mkdir(mode=0o700)
        for name in ("0", "1"):
            write_private(repository / name, base64.urlsafe_b64encode(os.urandom(32)).decode())
    manage = (settings.bin("keystone-manage"), "--config-file", str(config))
    settings.processes.run(Program("keystone-schema", (*manage, "db_sync")))
    addresses = [
        argument
        for interface in ("admin", "public", "internal")
        for argument in (f"--bootstrap-{interface}-url", settings.keystone_url)
    ]
    settings.processes.run(
        Program(
            "keystone-bootstrap",
            (*manage, "bootstrap", "--bootstrap-region-id", REGION, *addresses),
            {"OS_BOOTSTRAP_PASSWORD": settings.password},
        )
    )


def _start(settings: Settings) -> None:
    env = {"OS_KEYSTONE_CONFIG_DIR": str(settings.etc(NAME))}
    settings.processes.start(
        wsgi(
            settings,
            NAME,
            settings.ports.keystone,
            "keystone.wsgi.api:application",
            env=env,
            processes=2,
            threads=1,
        )
    )
    wait_for_http(settings, NAME, settings.keystone_url)
