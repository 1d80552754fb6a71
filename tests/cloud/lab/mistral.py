"""Mistral as a cluster: its API, its engine and its executor are processes of their own.

wfbreak is installed and configured here as docs/cluster.md tells an operator to do it; the two go
together.
"""

from __future__ import annotations

from pathlib import Path

from cloud.lab.installation import install_wfbreak
from cloud.lab.oslo import Section, token_checks, write_config
from cloud.lab.processes import Program
from cloud.lab.settings import HOST, Settings
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_http
from wfbreak.keys import KEY_FILE_VARIABLE, create_keys

NAME = "mistral"
SERVERS = ("engine", "executor", "api")
_CODE = "wfbreak.digest"


def mistral_steps(settings: Settings) -> list[Step]:
    """``mistral``: its API answers; the wfbreak of this checkout is installed in it."""
    return [
        Step("mistral:wfbreak", lambda: _install(settings)),
        Step("mistral:schema", lambda: _schema(settings), ("database", "mistral:wfbreak")),
        Step("mistral", lambda: _start(settings), ("mistral:schema", "broker", "identity")),
    ]


def renew_wfbreak(settings: Settings) -> bool:
    """Install the checkout's wfbreak again if it has changed; whether it had.

    Mistral's processes are started again then.
    """
    before = (settings.folder.etc / _CODE).read_text()
    _install(settings)
    if (settings.folder.etc / _CODE).read_text() == before:
        return False
    for server in SERVERS:
        settings.processes.kill(f"{NAME}-{server}")
        settings.processes.start_again(f"{NAME}-{server}")
    wait_for_mistral(settings)
    return True


def wait_for_mistral(settings: Settings) -> None:
    """Wait until the API answers."""
    wait_for_http(settings, "mistral-api", f"http://{HOST}:{settings.ports.mistral}/v2/")


def _install(settings: Settings) -> None:
    digest = install_wfbreak(settings.venv)
    (settings.folder.etc / _CODE).write_text(digest)


def _schema(settings: Settings) -> None:
    create_keys(settings.folder.seal_key)
    manage = (settings.bin("mistral-db-manage"), "--config-file", str(_write_config(settings)))
    settings.processes.run(Program("mistral-schema", (*manage, "upgrade", "head")))


def _write_config(settings: Settings) -> Path:
    advised = as_advised(settings.broker_url, settings.database_url("mistral"))
    return write_config(
        settings.etc(NAME, "mistral.conf"),
        {
            **advised,
            "DEFAULT": {**advised["DEFAULT"], "auth_type": "keystone"},
            "api": {**advised["api"], "host": HOST, "port": settings.ports.mistral},
            "pecan": {"auth_enable": True},
            "keystone_authtoken": token_checks(settings),
            # Only what wfbreak's workflows use; a stack cannot have the executor run anything else.
            "legacy_action_provider": {"allowlist": "wfbreak.*,std.noop"},
        },
    )


def as_advised(broker_url: str, database_url: str) -> dict[str, Section]:
    """The sections as docs/cluster.md advises them, for any Mistral of the tests."""
    return {
        "DEFAULT": {
            "transport_url": broker_url,
            # The legacy one polls once a second; with many joins that doubles the time.
            "scheduler_type": "default",
        },
        # Mandatory validation takes 0.2 s of CPU a task at each upload.
        "api": {"validation_mode": "enabled"},
        "database": {"connection": database_url},
        "notifier": {"type": "local"},
        # The tests' webhooks listen on this machine.
        "action_std_http": {"denied_cidrs": "169.254.0.0/16,fe80::/10"},
        "cron_trigger": {"enabled": False},
        # What was scheduled when an engine was killed goes on after 2 s, not after a minute.
        "scheduler": {"pickup_job_after": 2},
        # An action that a crash has taken is found out after 30 s, not after an hour.
        "action_heartbeat": {
            "check_interval": 5,
            "max_missed_heartbeats": 6,
            "first_heartbeat_timeout": 30,
        },
    }


def _start(settings: Settings) -> None:
    config = str(settings.etc(NAME, "mistral.conf"))
    env = {KEY_FILE_VARIABLE: str(settings.folder.seal_key)}
    server = (settings.bin("mistral-server"), "--config-file", config, "--server")
    for name in SERVERS:
        settings.processes.start(Program(f"{NAME}-{name}", (*server, name), env))
    wait_for_mistral(settings)
