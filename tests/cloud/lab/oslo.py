"""Configuration files as oslo.config reads them, and the sections that most services share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cloud.lab.settings import (
    REGION,
    SERVICE_PROJECT,
    SERVICE_USER,
    Settings,
    write_private,
)

Section = Mapping[str, object]


def write_config(path: Path, sections: Mapping[str, Section]) -> Path:
    """Write ``{section: {option: value}}``; ``path`` itself, to be named in a command."""
    lines: list[str] = []
    for section, options in sections.items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {_text(value)}" for name, value in options.items()]
    write_private(path, "\n".join([*lines, ""]))
    return path


def service_account(settings: Settings) -> dict[str, object]:
    """How a service shows itself to Keystone and to other services."""
    return {
        "www_authenticate_uri": settings.keystone_url,
        "auth_url": settings.keystone_url,
        "auth_type": "password",
        "username": SERVICE_USER,
        "password": settings.password,
        "project_name": SERVICE_PROJECT,
        "user_domain_id": "default",
        "project_domain_id": "default",
        "region_name": REGION,
    }


def token_checks(settings: Settings) -> dict[str, object]:
    """The section ``keystone_authtoken``."""
    return {**service_account(settings), "service_token_roles_required": True}


def service_user(settings: Settings) -> dict[str, object]:
    """The section ``service_user``: long work outlives the caller's token."""
    return {**service_account(settings), "send_service_user_token": True}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(value)
