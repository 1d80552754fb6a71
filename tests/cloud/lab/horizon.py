"""Horizon with Mistral's dashboard: where a cloud's members look at executions, and resume them.

It is installed as its documentation tells an operator to do it: the dashboard's file is copied
into Horizon's folder of enabled ones, and a file of settings lies beside. Several clouds may have
one interpreter, so that file reads what differs between them from a cloud's own.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from cloud.lab.processes import Program
from cloud.lab.settings import HOST, Settings, write_private
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_http
from cloud.lab.wsgi import wsgi

NAME = "horizon"
_SETTINGS = "WFBREAK_LAB_HORIZON"
_LOCAL_SETTINGS = f"""\
import json
import os

with open(os.environ["{_SETTINGS}"]) as file:
    globals().update(json.load(file))
"""


def horizon_steps(settings: Settings) -> list[Step]:
    """``horizon``: its page to log in answers."""
    return [
        Step("horizon:static", lambda: _collect(settings)),
        Step("horizon", lambda: _start(settings), ("horizon:static", "identity")),
    ]


def dashboard_url(settings: Settings) -> str:
    """Where it is, with the slash at the end."""
    return f"http://{HOST}:{settings.ports.horizon}/"


def _collect(settings: Settings) -> None:
    """Install and configure it; then put its scripts and styles where they are served from."""
    packages = settings.packages
    horizon = packages / "openstack_dashboard" / "local"
    dashboard = packages / "mistraldashboard" / "enabled" / "_50_mistral.py"
    write_private(horizon / "local_settings.py", _LOCAL_SETTINGS)
    write_private(horizon / "enabled" / dashboard.name, dashboard.read_text())
    data = settings.data(NAME)
    told = {
        "ALLOWED_HOSTS": [HOST],
        "SECRET_KEY": secrets.token_hex(24),
        "OPENSTACK_KEYSTONE_URL": settings.keystone_url,
        "SESSION_ENGINE": "django.contrib.sessions.backends.file",
        "SESSION_FILE_PATH": str(settings.data(f"{NAME}-sessions")),
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        "STATIC_ROOT": str(data),
        "COMPRESS_OFFLINE": True,
        "TIME_ZONE": "UTC",
    }
    write_private(_settings_file(settings), json.dumps(told, indent=2))
    manage = (settings.bin("django-admin"),)
    for name, *arguments in (("collectstatic", "--noinput", "-v0"), ("compress", "--force")):
        argv = (*manage, name, *arguments)
        settings.processes.run(Program(f"{NAME}-{name}", argv, _environment(settings)))


def _start(settings: Settings) -> None:
    settings.processes.start(
        wsgi(
            settings,
            NAME,
            settings.ports.horizon,
            "openstack_dashboard.wsgi:application",
            env=_environment(settings),
            static={"/static": settings.data(NAME)},
        )
    )
    wait_for_http(settings, NAME, f"{dashboard_url(settings)}auth/login/")


def _settings_file(settings: Settings) -> Path:
    return settings.etc(NAME, "settings.json")


def _environment(settings: Settings) -> dict[str, str]:
    return {
        _SETTINGS: str(_settings_file(settings)),
        "DJANGO_SETTINGS_MODULE": "openstack_dashboard.settings",
    }
