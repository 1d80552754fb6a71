"""Nova: all of it but the hypervisor, which only remembers the servers that it was told of."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from cloud.lab.identity import ADMIN, connect
from cloud.lab.oslo import Section, service_account, service_user, token_checks, write_config
from cloud.lab.processes import Program
from cloud.lab.settings import HOST, Settings
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_http, wait_until
from cloud.lab.wsgi import wsgi

NAME = "nova"
COMPUTE_HOST = "labhost"
_SERVICES = {
    "conductor": "nova.conf",
    "scheduler": "nova.conf",
    "compute": "nova-compute.conf",
}
_UNLIMITED = (
    "instances",
    "cores",
    "ram",
    "metadata_items",
    "injected_files",
    "injected_file_content_bytes",
    "injected_file_path_length",
    "key_pairs",
    "server_groups",
    "server_group_members",
)


def nova_steps(settings: Settings) -> list[Step]:
    """``nova``: it answers. ``nova:host``: its one host takes servers."""
    return [
        Step("nova:schema", lambda: _schema(settings), ("database",)),
        Step("nova", lambda: _start(settings), ("nova:schema", "broker", "identity")),
        Step("nova:host", lambda: _wait_for_host(settings), ("nova", "placement")),
    ]


def _schema(settings: Settings) -> None:
    config = _write_config(settings)
    manage = (settings.bin("nova-manage"), "--config-file", str(config))
    cell0 = ("--database_connection", settings.database_url("nova_cell0"))
    for name, command in (
        ("api", ("api_db", "sync")),
        ("cell0", ("cell_v2", "map_cell0", *cell0)),
        ("cells", ("db", "sync")),
        ("cell1", ("cell_v2", "create_cell", "--name", "cell1")),
    ):
        settings.processes.run(Program(f"nova-schema-{name}", (*manage, *command)))


def _write_config(settings: Settings) -> Path:
    paste = settings.etc(NAME, "api-paste.ini")
    shutil.copy(settings.installed(NAME, "api-paste.ini"), paste)
    state = settings.data(NAME)
    # A compute service looks for its host's identity, and ends if it does not know the host.
    identity = uuid.uuid5(uuid.NAMESPACE_DNS, COMPUTE_HOST)
    (state / "compute_id").write_text(f"{identity}\n")
    sections: dict[str, Section] = {
        "DEFAULT": {
            "state_path": state,
            "my_ip": HOST,
            "host": COMPUTE_HOST,
            "transport_url": settings.broker_url,
            "compute_driver": "labcompute.LabDriver",
            # Neutron has no agent that would tell.
            "vif_plugging_is_fatal": False,
            "vif_plugging_timeout": 0,
            # Periodic tasks begin at once, not within a minute.
            "periodic_fuzzy_delay": 0,
            "allow_resize_to_same_host": True,
        },
        "oslo_concurrency": {"lock_path": state / "lock"},
        "conductor": {"workers": 1},
        "scheduler": {"workers": 1, "discover_hosts_in_cells_interval": 3},
        "wsgi": {"api_paste_config": paste},
        "quota": dict.fromkeys(_UNLIMITED, -1),
        "vnc": {"enabled": False},
        "spice": {"enabled": False},
        "keystone_authtoken": token_checks(settings),
        "placement": service_account(settings),
        "neutron": service_account(settings),
        "glance": service_account(settings),
        "cinder": service_account(settings),
        "service_user": service_user(settings),
    }
    # A compute service must not know of the databases; it asks the conductor.
    write_config(settings.etc(NAME, "nova-compute.conf"), sections)
    databases: dict[str, Section] = {
        "api_database": {"connection": settings.database_url("nova_api")},
        "database": {"connection": settings.database_url("nova")},
    }
    return write_config(settings.etc(NAME, "nova.conf"), {**sections, **databases})


def _start(settings: Settings) -> None:
    config = settings.etc(NAME, "nova.conf")
    for service in _SERVICES:
        name = f"nova-{service}"
        settings.processes.start(Program(name, (settings.bin(name), "--config-file", str(config))))
    env = {"OS_NOVA_CONFIG_DIR": str(config.parent)}
    port = settings.ports.nova
    settings.processes.start(
        wsgi(settings, "nova-api", port, "nova.wsgi.osapi_compute:application", env=env)
    )
    wait_for_http(settings, "nova-api", f"http://{HOST}:{port}/")


def _wait_for_host(settings: Settings) -> None:
    compute = connect(settings, ADMIN).compute
    # A hypervisor is listed as soon as its host is mapped to its cell.
    wait_until(settings, "nova-compute", lambda: any(compute.hypervisors()))
