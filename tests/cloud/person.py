"""Someone who has an account on the cloud, and types commands."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli import command

from cloud.lab.cloud import Cloud
from cloud.lab.identity import Account


@dataclass(frozen=True, slots=True)
class Person:
    """``account``'s owner, at a shell whose folder is the example's unless told."""

    cloud: Cloud
    account: Account

    def wfbreak(
        self, *arguments: str | Path, cwd: Path = command.EXAMPLE, **more: str
    ) -> command.Answer:
        """``wfbreak --os-cloud ENTRY …``: its answer. ``more`` are variables."""
        return command.wfbreak(
            "--os-cloud", self.account.entry, *arguments, cwd=cwd, **self.variables, **more
        )

    def openstack(self, *arguments: str) -> str:
        """``openstack --os-cloud ENTRY …``: its output.

        :raises subprocess.CalledProcessError: if it fails.
        """
        program = Path(sys.executable).with_name("openstack")
        return subprocess.run(
            [program, "--os-cloud", self.account.entry, *arguments],
            env=command.environment(**self.variables),
            capture_output=True,
            text=True,
            check=True,
            timeout=command.TIMEOUT,
        ).stdout

    def connection(self) -> Any:
        """A new ``openstack.connection.Connection``."""
        return self.cloud.connection(self.account)

    @property
    def variables(self) -> dict[str, str]:
        """Of the environment, so that ``--os-cloud`` finds the account."""
        return {"OS_CLIENT_CONFIG_FILE": str(self.cloud.clouds_yaml)}
