"""The whole cloud: brought up, found again, its programs killed and started, taken down."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud.lab.barbican import barbican_steps
from cloud.lab.broker import broker_steps
from cloud.lab.cinder import cinder_steps
from cloud.lab.database import database_steps, dump_database
from cloud.lab.errors import LabError
from cloud.lab.folder import Folder
from cloud.lab.glance import glance_steps
from cloud.lab.guardian import Guardian
from cloud.lab.heat import heat_steps
from cloud.lab.horizon import dashboard_url, horizon_steps
from cloud.lab.identity import Account, connect, identity_steps
from cloud.lab.keystone import keystone_steps
from cloud.lab.mistral import mistral_steps, renew_wfbreak, wait_for_mistral
from cloud.lab.neutron import neutron_steps
from cloud.lab.nova import nova_steps
from cloud.lab.offers import offer_steps
from cloud.lab.placement import placement_steps
from cloud.lab.ports import Ports, free_ports
from cloud.lab.processes import Processes
from cloud.lab.settings import Settings
from cloud.lab.steps import Step, run_all

StepsOf = Callable[[Settings], list[Step]]
"""What one service needs to come up."""

# In the order in which steps that could all run do so: the longest chains first.
EVERYTHING: tuple[StepsOf, ...] = (
    database_steps,
    broker_steps,
    keystone_steps,
    nova_steps,
    identity_steps,
    neutron_steps,
    mistral_steps,
    heat_steps,
    cinder_steps,
    placement_steps,
    glance_steps,
    barbican_steps,
    offer_steps,
)

WITH_DASHBOARD: tuple[StepsOf, ...] = (
    database_steps,
    broker_steps,
    keystone_steps,
    lambda settings: identity_steps(settings, ("mistral",)),
    mistral_steps,
    horizon_steps,
)
"""What Horizon needs to show stacks that are rehearsed: Keystone and Mistral, and nothing else. Its
pages leave out what the catalogue has not."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """A cloud that is up."""

    settings: Settings

    @property
    def clouds_yaml(self) -> Path:
        """For ``OS_CLIENT_CONFIG_FILE``; the entries are in :mod:`cloud.lab.identity`."""
        return self.settings.folder.clouds_yaml

    @property
    def seal_key(self) -> Path:
        """For ``WFBREAK_SEAL_KEY_FILE``: the key that Mistral's processes have."""
        return self.settings.folder.seal_key

    @property
    def dashboard(self) -> str:
        """The address of its Horizon, if it has one: it ends with a slash."""
        return dashboard_url(self.settings)

    @property
    def programs(self) -> list[str]:
        """The names of what can be killed and started."""
        return self.settings.processes.names()

    def connection(self, account: Account) -> Any:
        """A new ``openstack.connection.Connection``."""
        return connect(self.settings, account)

    def kill(self, program: str) -> None:
        """SIGKILL to a program and all that it forked, at once."""
        if program not in self.programs:
            raise LabError(f"there is no program {program}: {', '.join(self.programs)}")
        self.settings.processes.kill(program)

    def start(self, program: str) -> None:
        """Start a program that has ended; Mistral's API is waited for.

        :raises LabError: if it is running, or there is none of this name.
        """
        self.settings.processes.start_again(program)
        if program == "mistral-api":
            wait_for_mistral(self.settings)

    def restart(self, program: str) -> None:
        """Kill a program and start it again."""
        self.kill(program)
        self.start(program)

    def is_alive(self, program: str) -> bool:
        return self.settings.processes.is_alive(program)

    def dump(self, database: str) -> str:
        """Every row of a service's database, as SQL; what is binary in hexadecimal."""
        return dump_database(self.settings, database)

    def logs(self) -> dict[str, str]:
        """What each program has said until now."""
        return {
            path.stem: path.read_text(errors="replace")
            for path in sorted(self.settings.folder.log.glob("*.log"))
        }


def bring_up(
    folder: Folder,
    venv: Path,
    say: Callable[[str], None] = print,
    services: Iterable[StepsOf] = EVERYTHING,
) -> Cloud:
    """A new cloud in ``folder``; what was left of an earlier one there is ended and forgotten.

    ``services`` may be fewer than all, if they have with them what they need.

    :raises LabError: if anything does not come up. Nothing is left running then.
    """
    began = time.monotonic()
    Processes(folder).end_all()
    folder.make()
    with free_ports(Ports) as ports:
        settings = Settings.new(folder, venv, ports)
        steps = [step for steps_of in services for step in steps_of(settings)]

        def report(name: str, seconds: float) -> None:
            say(f"{time.monotonic() - began:6.1f} s  {name} ({seconds:.1f} s)")

        run_all(steps, report, settings.processes.end_all)
    settings.save()
    return Cloud(settings)


def find(folder: Folder) -> Cloud:
    """The cloud that is up in ``folder``, with this checkout's wfbreak.

    :raises LabError: if there is none, or something of it has ended.
    """
    try:
        settings = Settings.load(folder)
    except FileNotFoundError:
        raise LabError(f"there is no cloud in {folder.root}") from None
    ended = [name for name in settings.processes.names() if not settings.processes.is_alive(name)]
    if ended:
        raise LabError(f"in the cloud in {folder.root} {', '.join(ended)} has ended")
    renew_wfbreak(settings)
    return Cloud(settings)


def take_down(folder: Folder) -> None:
    """End the cloud in ``folder``, if there is one, and forget it; the logs stay."""
    Processes(folder).end_all()
    folder.forget()


@contextmanager
def own_cloud(
    folder: Folder,
    venv: Path,
    say: Callable[[str], None],
    services: Iterable[StepsOf] = EVERYTHING,
) -> Iterator[Cloud]:
    """A new cloud that ends with the block, or with this process, however it ends.

    ``say`` is told how far it is; ``services`` are what it is made of.

    :raises LabError: if it does not come up, or another process has the folder.
    """
    with folder.owned() as lock:
        guardian = Guardian(folder, lock)
        try:
            yield bring_up(folder, venv, say, services)
        finally:
            guardian.dismiss()
