"""RabbitMQ, with the name server of its own that Erlang wants."""

from __future__ import annotations

import secrets

from cloud.lab.processes import Program
from cloud.lab.settings import HOST, Settings, write_private
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_for_port

NAME = "rabbitmq"
_NAMES = "epmd"

# Debian's own wrapper changes the user and the folder.
_SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"


def broker_steps(settings: Settings, also: tuple[str, ...] = ()) -> list[Step]:
    """``broker``: it listens, on loopback and at the addresses ``also``."""
    needs = ("network",) if also else ()
    return [Step("broker", lambda: _start(settings, also), needs)]


def wait_for_broker(settings: Settings) -> None:
    """Wait until it listens."""
    wait_for_port(settings, NAME, settings.ports.broker)


def _start(settings: Settings, also: tuple[str, ...]) -> None:
    ports = settings.ports
    # In the foreground: what Erlang starts itself is a daemon that outlives it.
    settings.processes.start(
        Program(_NAMES, ("epmd", "-port", str(ports.broker_names), "-address", HOST))
    )
    wait_for_port(settings, _NAMES, ports.broker_names)
    home = settings.data("rabbitmq")
    write_private(home / ".erlang.cookie", secrets.token_hex(16))
    config = settings.etc("rabbitmq", "rabbitmq.conf")
    places = enumerate([HOST, *also], 1)
    lines = [f"listeners.tcp.{number} = {host}:{ports.broker}" for number, host in places]
    # Its only account is for loopback, unless it is told otherwise.
    lines += ["loopback_users = none"] if also else []
    config.write_text("\n".join([*lines, ""]))
    plugins = settings.etc("rabbitmq", "plugins")
    plugins.write_text("[].\n")
    settings.processes.start(
        Program(
            NAME,
            (_SERVER,),
            {
                "HOME": str(home),
                "RABBITMQ_NODENAME": f"lab{ports.broker}@localhost",
                "RABBITMQ_NODE_IP_ADDRESS": HOST,
                "RABBITMQ_NODE_PORT": str(ports.broker),
                "RABBITMQ_DIST_PORT": str(ports.broker_nodes),
                "RABBITMQ_MNESIA_BASE": str(home),
                "RABBITMQ_LOG_BASE": str(home / "log"),
                "RABBITMQ_LOGS": "-",
                "RABBITMQ_CONFIG_FILE": str(config.with_suffix("")),
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
                "RABBITMQ_PID_FILE": str(home / "pid"),
                "ERL_EPMD_ADDRESS": HOST,
                "ERL_EPMD_PORT": str(ports.broker_names),
                # Its schedulers would spin on all cores while they wait.
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                    "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none"
                ),
            },
        )
    )
    wait_for_broker(settings)
