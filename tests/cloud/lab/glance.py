"""Glance, with its images in files."""

from __future__ import annotations

import shutil

from cloud.lab.oslo import token_checks, write_config
from cloud.lab.processes import Program
from cloud.lab.settings import HOST, Settings
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_http
from cloud.lab.wsgi import wsgi

NAME = "glance"


def glance_steps(settings: Settings) -> list[Step]:
    """``glance``: it answers."""
    return [
        Step("glance:schema", lambda: _schema(settings), ("database",)),
        Step("glance", lambda: _start(settings), ("glance:schema",)),
    ]


def _schema(settings: Settings) -> None:
    paste = settings.etc(NAME, "glance-api-paste.ini")
    shutil.copy(settings.installed(NAME, "glance-api-paste.ini"), paste)
    config = write_config(
        settings.etc(NAME, "glance-api.conf"),
        {
            "DEFAULT": {
                "enabled_backends": "files:file",
                "enabled_import_methods": "[web-download]",
                "worker_self_reference_url": f"http://{HOST}:{settings.ports.glance}",
                "image_cache_dir": settings.data("glance-cache"),
            },
            "glance_store": {"default_backend": "files"},
            "files": {"filesystem_store_datadir": settings.data("glance-images")},
            "os_glance_staging_store": {
                "filesystem_store_datadir": settings.data("glance-staging")
            },
            "os_glance_tasks_store": {"filesystem_store_datadir": settings.data("glance-tasks")},
            # From a test's own server, on whatever port that has.
            "import_filtering_opts": {"allowed_hosts": f"[{HOST}]", "allowed_ports": "[]"},
            "paste_deploy": {"flavor": "keystone", "config_file": paste},
            "database": {"connection": settings.database_url("glance")},
            "keystone_authtoken": token_checks(settings),
        },
    )
    manage = (settings.bin("glance-manage"), "--config-file", str(config))
    settings.processes.run(Program("glance-schema", (*manage, "db_sync")))


def _start(settings: Settings) -> None:
    env = {"OS_GLANCE_CONFIG_DIR": str(settings.etc(NAME))}
    port = settings.ports.glance
    settings.processes.start(wsgi(settings, NAME, port, "glance.wsgi.api:application", env=env))
    wait_for_http(settings, NAME, f"http://{HOST}:{port}/healthcheck")
