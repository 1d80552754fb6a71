"""The example on the cloud: it stops with half of it really there, goes on, and is deleted.

What there is, the cloud's own command line tells.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli.command import EXAMPLE, Answer

from cloud.person import Person

PASSWORD = "correct-horse-battery"
STOPPED = 5

LISTS = {
    "OS::Neutron::Net": ("network", "list", "--internal"),
    "OS::Neutron::Subnet": ("subnet", "list"),
    "OS::Neutron::Router": ("router", "list"),
    "OS::Neutron::SecurityGroup": ("security", "group", "list"),
    "OS::Neutron::FloatingIP": ("floating", "ip", "list"),
    "OS::Cinder::Volume": ("volume", "list"),
    "OS::Nova::Server": ("server", "list"),
}
"""The commands that list what a project has, by types. (Ports are other resources' own, too.)"""


def existing(person: Person) -> dict[str, set[str]]:
    """The ids of what the person's project has, by types."""
    return {
        kind: {row["ID"] for row in json.loads(person.openstack(*command, "-f", "json"))}
        for kind, command in LISTS.items()
    }


def without_balancer(folder: Path) -> None:
    """The example in ``folder``, for a cloud that has no Octavia."""
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    template = yaml.safe_load((folder / "web.yaml").read_text())
    template["heat_template_version"] = str(template["heat_template_version"])
    resources = template["resources"]
    for name in [n for n in resources if "::Octavia::" in resources[n]["type"]]:
        del resources[name]
    del resources["public_ip"]["properties"]["port_id"]
    (folder / "web.yaml").write_text(yaml.safe_dump(template))


class Run:
    """The example, made by one provider, in the project of one person; in parts where told."""

    def __init__(self, person: Person, provider: str, parts: str, folder: Path) -> None:
        self.person = person
        self.before = existing(person)
        without_balancer(folder)
        stops = ("--break", "web*:post-create", "-P", f"db_password={PASSWORD}")
        asked = ("--provider", provider, "--partition", parts, "-f", "json")
        options = ("web.yaml", "-e", "env.yaml", *stops, *asked)
        self.plan = json.loads(person.wfbreak("plan", *options, cwd=folder).out)
        self.shown = self._shown(person.wfbreak("run", *options, cwd=folder), STOPPED)
        self.execution = str(self.shown["execution"])

    def resume(self, status: int) -> None:
        self.shown = self._shown(
            self.person.wfbreak("resume", self.execution, "-f", "json"), status
        )

    def check(self, done: set[str]) -> None:
        """These resources are done, and are what the project has more than before."""
        made = {r["name"]: r for r in self.shown["resources"] if r["state"] == "done"}
        assert set(made) == done
        refs = {
            kind: {r["ref"] for r in made.values() if r["type"] == kind} for kind in self.before
        }
        now = existing(self.person)
        assert {kind: now[kind] - self.before[kind] for kind in now} == refs

    @staticmethod
    def _shown(answer: Answer, status: int) -> dict[str, Any]:
        assert answer.status == status, answer.err + answer.out
        found: dict[str, Any] = json.loads(answer.out)
        return found


@pytest.mark.timeout(600, func_only=True)
@pytest.mark.parametrize(
    ("provider", "parts"), [("openstack", "auto"), ("heat", "auto"), ("openstack", "3")]
)
def test_half_of_it_is_there_at_each_stop_and_nothing_at_the_end(
    as_member: Person, provider: str, parts: str, tmp_path: Path
) -> None:
    run = Run(as_member, provider, parts, tmp_path)
    for number, stop in enumerate(run.plan, 1):
        run.check(set(stop["done"]))
        run.resume(0 if number == len(run.plan) else STOPPED)
    run.check({r["name"] for r in run.shown["resources"]})
    outputs = json.loads(as_member.wfbreak("outputs", run.execution, "-f", "json").out)
    assert outputs["url"].startswith("http://203.0.113.")
    assert all(address.startswith("10.20.0.") for address in outputs["web_addresses"])
    deleted = as_member.wfbreak("delete", run.execution, "--partition", parts)
    assert deleted.status == 0, deleted.err + deleted.out
    assert existing(as_member) == run.before
