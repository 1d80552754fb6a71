"""Cinder: all of it but the store, which only says that it has made the volumes."""

from __future__ import annotations

import shutil

from cloud.lab.oslo import service_account, service_user, token_checks, write_config
from cloud.lab.processes import Program
from cloud.lab.settings import HOST, Settings
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_http
from cloud.lab.wsgi import wsgi

NAME = "cinder"
_BACKEND = "fake"
_UNLIMITED = ("volumes", "gigabytes", "snapshots", "backups", "backup_gigabytes", "groups")


def cinder_steps(settings: Settings) -> list[Step]:
    """``cinder``: it answers."""
    return [
        Step("cinder:schema", lambda: _schema(settings), ("database",)),
        Step("cinder", lambda: _start(settings), ("cinder:schema", "broker")),
    ]


def _schema(settings: Settings) -> None:
    etc = settings.etc(NAME)
    shutil.copytree(settings.installed(NAME), etc)
    state = settings.data(NAME)
    config = write_config(
        etc / "cinder.conf",
        {
            "DEFAULT": {
                "state_path": state,
                "my_ip": HOST,
                "host": "labhost",
                "auth_strategy": "keystone",
                "transport_url": settings.broker_url,
                "api_paste_config": etc / "api-paste.ini",
                "resource_query_filters_file": etc / "resource_filters.json",
                "enabled_backends": _BACKEND,
                "default_volume_type": "__DEFAULT__",
                "glance_api_servers": f"http://{HOST}:{settings.ports.glance}",
                **{f"quota_{name}": -1 for name in _UNLIMITED},
            },
            _BACKEND: {
                "volume_driver": "labvolumes.LabVolumes",
                "volume_backend_name": _BACKEND,
            },
            "coordination": {"backend_url": f"file://{state}/coordination"},
            "oslo_concurrency": {"lock_path": state / "lock"},
            "database": {"connection": settings.database_url("cinder")},
            "keystone_authtoken": token_checks(settings),
            "nova": service_account(settings),
            "service_user": service_user(settings),
        },
    )
    manage = (settings.bin("cinder-manage"), "--config-file", str(config))
    settings.processes.run(Program("cinder-schema", (*manage, "db", "sync")))


def _start(settings: Settings) -> None:
    arguments = f"--config-file {settings.etc(NAME, 'cinder.conf')}"
    for name in ("cinder-scheduler", "cinder-volume"):
        settings.processes.start(Program(name, (settings.bin(name), *arguments.split(" ", 1))))
    port = settings.ports.cinder
    settings.processes.start(
        wsgi(settings, "cinder-api", port, "cinder.wsgi.api:application", arguments=arguments)
    )
    wait_for_http(settings, "cinder-api", f"http://{HOST}:{port}/")
