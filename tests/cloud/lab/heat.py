"""Heat, which judges what wfbreak creates, and creates for it what only Heat can."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping

from cloud.lab.database import has_rows
from cloud.lab.identity import HEAT_DOMAIN, HEAT_DOMAIN_ADMIN
from cloud.lab.oslo import Section, service_account, token_checks, write_config
from cloud.lab.processes import Program
from cloud.lab.settings import HOST, Settings
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_http, wait_until
from cloud.lab.wsgi import wsgi

NAME = "heat"
_NONE: Mapping[str, Section] = {}


def heat_steps(settings: Settings, changes: Mapping[str, Section] = _NONE) -> list[Step]:
    """``heat``: it answers, and its engine listens. ``changes`` are to its configuration."""
    return [
        Step("heat:schema", lambda: _schema(settings, changes), ("database",)),
        Step("heat", lambda: _start(settings), ("heat:schema", "broker", "identity")),
    ]


def _schema(settings: Settings, changes: Mapping[str, Section]) -> None:
    etc = settings.etc(NAME)
    shutil.copytree(settings.installed(NAME), etc)
    sections: dict[str, Section] = {
        "DEFAULT": {
            "transport_url": settings.broker_url,
            "num_engine_workers": 1,
            "enable_stack_abandon": True,
            "deferred_auth_method": "trusts",
            # All roles that the caller has: a plain member may have stacks.
            "trusts_delegated_roles": "",
            "auth_encryption_key": secrets.token_hex(16),
            "stack_domain_admin": HEAT_DOMAIN_ADMIN,
            "stack_domain_admin_password": settings.password,
            "stack_user_domain_name": HEAT_DOMAIN,
            "server_keystone_endpoint_type": "public",
            "heat_metadata_server_url": f"http://{HOST}:{settings.ports.heat}",
            "environment_dir": etc / "environment.d",
            "template_dir": etc / "templates",
            "convergence_engine": True,
        },
        "paste_deploy": {"api_paste_config": etc / "api-paste.ini"},
        "clients": {"endpoint_type": "publicURL"},
        "clients_keystone": {"auth_uri": settings.keystone_url.removesuffix("/v3")},
        "database": {"connection": settings.database_url("heat")},
        "keystone_authtoken": token_checks(settings),
        "trustee": service_account(settings),
    }
    changed = {name: {**sections.get(name, {}), **options} for name, options in changes.items()}
    config = write_config(etc / "heat.conf", sections | changed)
    manage = (settings.bin("heat-manage"), "--config-file", str(config))
    settings.processes.run(Program("heat-schema", (*manage, "db_sync")))


def heat_engine(settings: Settings, *command: str) -> Program:
    """Heat's engine; ``command`` is what stands in for the one that is installed."""
    config = str(settings.etc(NAME, "heat.conf"))
    return Program(
        "heat-engine", (*(command or (settings.bin("heat-engine"),)), "--config-file", config)
    )


def _start(settings: Settings) -> None:
    settings.processes.start(heat_engine(settings))
    arguments = f"--config-file {settings.etc(NAME, 'heat.conf')}"
    port = settings.ports.heat
    settings.processes.start(
        wsgi(settings, "heat-api", port, "heat.wsgi.api:application", arguments=arguments)
    )
    wait_for_http(settings, "heat-api", f"http://{HOST}:{port}/")
    # It comes to the list of engines when it listens. Before, any request takes a minute and fails.
    wait_until(settings, "heat-engine", lambda: has_rows(settings, "heat", "service"))
