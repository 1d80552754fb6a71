"""Neutron: all of its API, and no agent. A port that has a host is bound and ACTIVE at once."""

from __future__ import annotations

import shutil

from cloud.lab.oslo import service_account, token_checks, write_config
from cloud.lab.processes import Program
from cloud.lab.settings import HOST, Settings
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_http
from cloud.lab.wsgi import wsgi

NAME = "neutron"
_PLUGINS = (
    "router",
    "qos",
    "trunk",
    "segments",
    "port_forwarding",
    "tag",
    "revisions",
    "timestamp",
)
_UNLIMITED = (
    "network",
    "subnet",
    "port",
    "router",
    "floatingip",
    "security_group",
    "security_group_rule",
    "rbac_policy",
    "trunk",
)


def neutron_steps(settings: Settings) -> list[Step]:
    """``neutron``: it answers. There is no quota until a test sets one."""
    return [
        Step("neutron:schema", lambda: _schema(settings), ("database",)),
        Step("neutron", lambda: _start(settings), ("neutron:schema", "identity")),
    ]


def _schema(settings: Settings) -> None:
    paste = settings.etc(NAME, "api-paste.ini")
    shutil.copy(settings.installed(NAME, "api-paste.ini"), paste)
    state = settings.data(NAME)
    config = write_config(
        settings.etc(NAME, "neutron.conf"),
        {
            "DEFAULT": {
                "state_path": state,
                "auth_strategy": "keystone",
                "core_plugin": "ml2",
                "service_plugins": _PLUGINS,
                "api_paste_config": paste,
                # There is no agent to talk to.
                "transport_url": "fake://",
                "notify_nova_on_port_status_changes": False,
                "notify_nova_on_port_data_changes": False,
                "network_link_prefix": f"http://{HOST}:{settings.ports.neutron}",
                "rpc_workers": 0,
            },
            "oslo_concurrency": {"lock_path": state / "lock"},
            "database": {"connection": settings.database_url("neutron")},
            "keystone_authtoken": token_checks(settings),
            "placement": service_account(settings),
            "quotas": {f"quota_{name}": -1 for name in _UNLIMITED},
        },
    )
    plugin = write_config(
        settings.etc(NAME, "ml2.ini"),
        {
            "ml2": {
                "type_drivers": "flat,vlan,vxlan,geneve,local",
                "tenant_network_types": "vxlan,local",
                # The trunk plugin wants a driver that knows trunks; labports does the binding.
                "mechanism_drivers": "openvswitch,labports,logger",
                "extension_drivers": "port_security,qos",
            },
            "ml2_type_flat": {"flat_networks": "*"},
            "ml2_type_vlan": {"network_vlan_ranges": "physnet1:100:200"},
            "ml2_type_vxlan": {"vni_ranges": "1:10000"},
            "securitygroup": {"enable_security_group": True},
        },
    )
    files = ("--config-file", str(config), "--config-file", str(plugin))
    settings.processes.run(
        Program("neutron-schema", (settings.bin("neutron-db-manage"), *files, "upgrade", "heads"))
    )


def _start(settings: Settings) -> None:
    env = {
        "OS_NEUTRON_CONFIG_DIR": str(settings.etc(NAME)),
        "OS_NEUTRON_CONFIG_FILES": ";".join(
            str(settings.etc(NAME, name)) for name in ("neutron.conf", "ml2.ini")
        ),
    }
    port = settings.ports.neutron
    settings.processes.start(wsgi(settings, NAME, port, "neutron.wsgi.api:application", env=env))
    wait_for_http(settings, NAME, f"http://{HOST}:{port}/")
