"""A stack on a Mistral with Keystone, as a plain member of a project.

Its API, engine and executor are processes of their own; resources are rehearsed unless a test says
so.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from cli.command import Answer

from cloud.lab.cloud import Cloud
from cloud.person import Person

BEFORE = 14
ALL = 20
NO_SUCH_EXECUTION = 7

NET_AND_ROUTER = """\
heat_template_version: 2018-08-31
resources:
  net: {type: "OS::Neutron::Net"}
  router: {type: "OS::Neutron::Router"}
"""


@pytest.fixture(scope="module")
def password() -> str:
    """A hidden parameter's value, found nowhere else."""
    return f"planted-{secrets.token_hex(12)}"


@pytest.fixture
def stopped(as_member: Person, password: str) -> Iterator[str]:
    """The member's three-tier stack at its breakpoint; the execution's id."""
    execution = run(as_member, password)
    yield execution
    as_member.wfbreak("cancel", execution)


@pytest.fixture(scope="module")
def held(as_member: Person, password: str) -> Iterator[str]:
    """One that no test may move."""
    execution = run(as_member, password)
    yield execution
    as_member.wfbreak("cancel", execution)


def run(person: Person, password: str) -> str:
    """Run the example to its stop; the execution's id."""
    files = ("web.yaml", "-e", "env.yaml", "-P", f"db_password={password}")
    answer = person.wfbreak("run", *files, "--provider", "rehearse", "-f", "json")
    assert answer.status == 5, answer.err
    return str(json.loads(answer.out)["execution"])


def references(answer: Answer) -> dict[str, str]:
    return {r["name"]: r["ref"] for r in json.loads(answer.out)["resources"] if r["ref"]}


def test_members_find_wfbreaks_actions(as_member: Person) -> None:
    """Those, and what the operator's list lets pass."""
    listed = as_member.openstack("action", "definition", "list", "-f", "json")
    names = {action["Name"] for action in json.loads(listed)}
    own = {e.name for e in entry_points(group="mistral.actions") if e.name.startswith("wfbreak.")}
    assert own | {"std.noop"} == names


def test_a_stack_from_its_stop_to_its_end(as_member: Person, stopped: str) -> None:
    listed = json.loads(as_member.wfbreak("list", "--paused", "-f", "json").out)
    assert stopped in [stack["execution"] for stack in listed]
    shown = as_member.wfbreak("show", stopped[:8], "-f", "json")
    assert json.loads(shown.out)["reason"] == "stopped before db is created"
    assert len(references(shown)) == BEFORE
    done = as_member.wfbreak("resume", stopped, "--reason", "looks good", "-f", "json")
    assert done.status == 0, done.err
    assert len(references(done)) == ALL
    assert references(shown).items() <= references(done).items()
    outputs = json.loads(as_member.wfbreak("outputs", stopped, "-f", "json").out)
    assert "http://" in json.dumps(outputs)


def test_the_trail_has_the_clouds_user(as_member: Person, stopped: str) -> None:
    as_member.wfbreak("resume", stopped, "--reason", "looks good")
    trail = json.loads(as_member.wfbreak("audit", stopped, "-f", "json").out)
    (resumed,) = [entry for entry in trail if entry["why"] == "looks good"]
    assert resumed["who"].startswith(f"{as_member.account.user} (")


def test_a_rule_for_some_types_leaves_the_others_to_the_services(
    as_member: Person, member: Any, tmp_path: Path
) -> None:
    template = tmp_path / "t.yaml"
    template.write_text(NET_AND_ROUTER)
    rule = "OS::Neutron::Router=rehearse"
    answer = as_member.wfbreak("run", template, "--provider", rule, "-f", "json")
    assert answer.status == 0, answer.err + answer.out
    made = references(answer)
    try:
        assert member.network.find_network(made["net"]) is not None
        assert member.network.find_router(made["router"]) is None
    finally:
        deleted = as_member.wfbreak("delete", json.loads(answer.out)["execution"])
    assert deleted.status == 0, deleted.err + deleted.out
    assert member.network.find_network(made["net"]) is None


@pytest.mark.parametrize("program", ["mistral-executor", "mistral-engine", "mistral-api"])
def test_a_stop_survives_a_kill(
    cloud: Cloud, as_member: Person, stopped: str, program: str
) -> None:
    before = references(as_member.wfbreak("show", stopped, "-f", "json"))
    cloud.restart(program)
    done = as_member.wfbreak("resume", stopped, "-f", "json")
    assert done.status == 0, done.err
    assert len(references(done)) == ALL
    assert before.items() <= references(done).items()


@pytest.mark.parametrize(
    "command", ["show", "resume", "cancel", "delete", "outputs", "audit", "wait"]
)
def test_another_project_has_no_such_stack(
    as_member: Person, as_other_member: Person, held: str, command: str
) -> None:
    before = as_member.wfbreak("show", held, "-f", "json").out
    answer = as_other_member.wfbreak(command, held)
    assert answer.status == NO_SUCH_EXECUTION
    assert answer.out == ""
    assert as_member.wfbreak("show", held, "-f", "json").out == before


def test_another_project_has_stacks_of_its_own(
    as_member: Person, as_other_member: Person, held: str, password: str
) -> None:
    """The same template under the same name: neither sees or takes the other's."""
    theirs = run(as_other_member, password)
    try:
        ours = as_member.wfbreak("list", "-f", "json").out
        assert held in ours
        assert theirs not in ours
        listed = as_other_member.wfbreak("list", "-f", "json").out
        assert theirs in listed
        assert held not in listed
    finally:
        as_other_member.wfbreak("cancel", theirs)
    assert json.loads(as_member.wfbreak("show", held, "-f", "json").out)["state"] == "PAUSED"


def test_a_hidden_value_is_nowhere(
    cloud: Cloud, as_member: Person, stopped: str, password: str
) -> None:
    assert as_member.wfbreak("resume", stopped).status == 0
    rows = cloud.dump("mistral")
    assert stopped in rows
    assert "wfbreak:sealed" in rows
    assert password not in rows
    assert password.encode().hex() not in rows.lower()  # as the dump writes a blob
    assert [name for name, text in cloud.logs().items() if password in text] == []
