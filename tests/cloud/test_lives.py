"""A stack's life on the cloud, beside Heat's: the same templates one after the other, the same
resources at the end of each step, and the same decisions between a change and a replacement."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli.command import Answer

from cloud.person import Person

PATIENCE = 300.0
STOPPED, FAILED, CONFLICT = 5, 4, 9

FIRST = """
heat_template_version: 2018-08-31
resources:
  net: {type: OS::Neutron::Net, properties: {name: one}}
  subnet:
    type: OS::Neutron::Subnet
    properties: {network: {get_resource: net}, cidr: 10.77.0.0/24, dns_nameservers: [10.0.0.1]}
  port:
    type: OS::Neutron::Port
    properties: {network: {get_resource: net}, fixed_ips: [{subnet: {get_resource: subnet}}]}
  group: {type: OS::Neutron::SecurityGroup, properties: {description: one}}
  volume: {type: OS::Cinder::Volume, properties: {size: 1, description: one}}
  router: {type: OS::Neutron::Router, properties: {name: one}}
  pool: {type: OS::Neutron::SubnetPool, properties: {prefixes: [10.80.0.0/16], min_prefixlen: 20}}
  word: {type: OS::Heat::RandomString, properties: {length: 8}}
outputs:
  word: {value: {get_attr: [word, value]}}
"""


def changed(*edits: tuple[str, Any], without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The first template with other values at ``resource.property``, and without some resources."""
    template: dict[str, Any] = yaml.safe_load(FIRST)
    template["heat_template_version"] = "2018-08-31"
    for place, value in edits:
        name, _, key = place.partition(".")
        resource = template["resources"].setdefault(name, {})
        if key:
            resource["properties"][key] = value
        else:
            template["resources"][name] = value
    for name in without:
        del template["resources"][name]
    return template


STEPS: dict[str, dict[str, Any]] = {
    "create": changed(),
    "nothing": changed(),
    "in place": changed(
        ("net.name", "two"),
        ("subnet.dns_nameservers", ["10.0.0.2"]),
        ("group.description", "two"),
        ("volume.description", "two"),
        ("router.name", "two"),
        ("pool.min_prefixlen", 18),
    ),
    "replace": changed(("net.name", "two"), ("subnet.cidr", "10.78.0.0/24"), ("word.length", 9)),
    "shrink": changed(("word.length", 9), without=("volume", "group")),
    "grow": changed(("more", {"type": "OS::Neutron::SecurityGroup"}), ("word.length", 9)),
}


class OfWfbreak:
    """The stack by wfbreak, on the cloud's Mistral."""

    def __init__(self, person: Person, folder: Path) -> None:
        self.person, self.folder = person, folder
        self.name = f"life-{uuid.uuid4().hex[:8]}"

    def call(self, *arguments: str | Path, status: int = 0) -> dict[str, Any]:
        answer: Answer = self.person.wfbreak(*arguments, "-f", "json", cwd=self.folder)
        assert answer.status == status, answer.err + answer.out
        found: dict[str, Any] = json.loads(answer.out)
        return found

    def step(self, template: dict[str, Any], *options: str, status: int = 0) -> dict[str, str]:
        """Create or update it; the references by the resources' names."""
        path = self.folder / "t.yaml"
        path.write_text(yaml.safe_dump(template))
        listed = self.person.wfbreak("list", "--stacks", "-f", "value", "-c", "stack").out.split()
        if self.name in listed:
            shown = self.call("update", self.name, path, *options, status=status)
        else:
            shown = self.call("run", path, "--name", self.name, *options, status=status)
        return _refs(shown)

    def delete(self) -> None:
        self.call("delete", self.name)


def _refs(shown: dict[str, Any]) -> dict[str, str]:
    return {
        r["name"]: r["ref"]
        for r in shown["resources"]
        if r["action"] != "delete" and r["state"] == "done"
    }


class OfHeat:
    """The stack by the cloud's Heat."""

    def __init__(self, person: Person) -> None:
        self.heat = person.connection().orchestration
        self.name = f"life-{uuid.uuid4().hex[:8]}"
        self.ident = ""

    def step(
        self, template: dict[str, Any], status: str = "", *, rollback: bool = False
    ) -> dict[str, str]:
        """Create or update it, until it has that status; the references by the names."""
        body = {"stack_name": self.name, "template": template, "disable_rollback": not rollback}
        if not self.ident:
            answer = self.heat.post("/stacks", json=body)
            assert answer.status_code == 201, answer.text
            self.ident = str(answer.json()["stack"]["id"])
            self._wait(status or "CREATE_COMPLETE")
        else:
            answer = self.heat.put(self._path(), json=body)
            assert answer.status_code == 202, answer.text
            self._wait(status or "UPDATE_COMPLETE")
        found = self.heat.get(f"{self._path()}/resources").json()["resources"]
        return {r["resource_name"]: r["physical_resource_id"] for r in found}

    def abandon(self) -> dict[str, Any]:
        """Have Heat let go of it; what Heat says of it then."""
        answer = self.heat.delete(f"{self._path()}/abandon")
        assert answer.status_code == 200, answer.text
        self.ident = ""
        said: dict[str, Any] = answer.json()
        return said

    def inside(self, name: str) -> dict[str, str]:
        """The references of what a resource has inside."""
        found = self.heat.get(f"{self._path()}/resources?nested_depth=2").json()["resources"]
        inner = [r for r in found if r.get("parent_resource") == name]
        return {r["resource_name"]: r["physical_resource_id"] for r in inner}

    def _path(self) -> str:
        return f"/stacks/{self.name}/{self.ident}"

    def _wait(self, status: str) -> None:
        rolls = "ROLLBACK" in status or "FAILED" in status
        deadline = time.monotonic() + PATIENCE
        time.sleep(1)  # an update begins a moment later
        while True:
            stack = self.heat.get(self._path()).json()["stack"]
            if stack["stack_status"] == status:
                return
            assert stack["stack_status"].endswith(("IN_PROGRESS", "COMPLETE")) or rolls, stack
            assert time.monotonic() < deadline, stack["stack_status"]
            time.sleep(0.5)

    def delete(self) -> None:
        if self.ident:
            self.heat.delete(self._path())


@pytest.fixture
def mine(as_member: Person, tmp_path: Path) -> Iterator[OfWfbreak]:
    stack = OfWfbreak(as_member, tmp_path)
    yield stack
    as_member.wfbreak("delete", stack.name)


@pytest.fixture
def theirs(as_member: Person) -> Iterator[OfHeat]:
    stack = OfHeat(as_member)
    yield stack
    stack.delete()


def check(cloud: Any, template: dict[str, Any], refs: dict[str, str], gone: set[str]) -> None:
    """The services show what the template says, and nothing of what is gone."""
    said = {name: r.get("properties", {}) for name, r in template["resources"].items()}
    assert cloud.network.get_network(refs["net"]).name == said["net"]["name"]
    subnet = cloud.network.get_subnet(refs["subnet"])
    assert (subnet.cidr, subnet.dns_nameservers) == (
        said["subnet"]["cidr"],
        said["subnet"]["dns_nameservers"],
    )
    assert cloud.network.get_router(refs["router"]).name == said["router"]["name"]
    pool = cloud.network.get_subnet_pool(refs["pool"])
    assert pool.minimum_prefix_length == said["pool"]["min_prefixlen"]
    if "group" in said:
        group = cloud.network.get_security_group(refs["group"])
        assert group.description == said["group"]["description"]
    if "volume" in said:
        volume = cloud.block_storage.get_volume(refs["volume"])
        assert volume.description == said["volume"]["description"]
    assert not gone & {s.id for s in cloud.network.subnets()}
    assert not gone & {g.id for g in cloud.network.security_groups()}
    assert not gone & {v.id for v in cloud.block_storage.volumes()}


@pytest.mark.timeout(900, func_only=True)
def test_the_same_decisions(mine: OfWfbreak, theirs: OfHeat, as_member: Person) -> None:
    cloud = as_member.connection()
    gone: set[str] = set()
    before: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for step, template in STEPS.items():
        now = mine.step(template), theirs.step(template)
        assert set(now[0]) == set(now[1]) == set(template["resources"]), step
        kept = [
            {name for name in new if new[name] == old.get(name)}
            for new, old in zip(now, before, strict=True)
        ]
        # The reference of a random string is its value, in Heat its name: by what is new it is
        # told, too.
        assert kept[0] - {"word"} == kept[1] - {"word"}, step
        gone |= set(before[0].values()) - set(now[0].values())
        check(cloud, template, now[0], gone)
        before = now
    mine.delete()
    assert cloud.network.find_network(before[0]["net"]) is None


def _kept(new: dict[str, str], old: dict[str, str]) -> set[str]:
    """What is still the same; the reference of a random string is its name in Heat, never new."""
    return {name for name in new if new[name] == old.get(name)} - {"word"}


@pytest.mark.timeout(900, func_only=True)
def test_the_same_way_back(mine: OfWfbreak, theirs: OfHeat, as_member: Person) -> None:
    """What fails is taken back to the same, and what fails and stands is mended to the same."""
    cloud = as_member.connection()
    ours, heats = mine.step(STEPS["create"]), theirs.step(STEPS["create"])
    elsewhere = [{"subnet": {"get_resource": "subnet"}, "ip_address": "10.99.0.5"}]
    edits = [("port.fixed_ips", elsewhere), ("net.name", "three"), ("word.length", 9)]
    more = ("more", {"type": "OS::Neutron::SecurityGroup"})
    bad = changed(*edits, more, without=("group",))
    mine.step(bad, "--on-failure", "rollback", status=FAILED)
    back = _refs(mine.call("show", mine.name))
    theirs_back = theirs.step(bad, "ROLLBACK_COMPLETE", rollback=True)
    assert set(back) == set(theirs_back) == set(ours)
    assert _kept(back, ours) == _kept(theirs_back, heats)
    for refs in (back, theirs_back):
        assert cloud.network.get_network(refs["net"]).name == "one"
    # Without the way back it stands as it failed, and a mended template goes on from there.
    mine.step(bad, status=FAILED)
    theirs.step(bad, "UPDATE_FAILED")
    mended = changed(*edits[1:], more, without=("group",))
    now, theirs_now = mine.step(mended), theirs.step(mended)
    assert set(now) == set(theirs_now) == set(mended["resources"])
    assert _kept(now, back) == _kept(theirs_now, theirs_back)
    mine.delete()


@pytest.mark.timeout(900, func_only=True)
def test_a_create_that_fails_leaves_nothing(mine: OfWfbreak, as_member: Person) -> None:
    cloud = as_member.connection()
    bad = changed(("group.description", mine.name))
    bad["resources"]["port"]["properties"]["fixed_ips"][0]["ip_address"] = "10.99.0.5"
    mine.step(bad, "--on-failure", "rollback", status=FAILED)
    assert mine.name not in [group.description for group in cloud.network.security_groups()]
    listed = as_member.wfbreak("list", "--stacks", "-f", "value", "-c", "stack").out.split()
    assert mine.name not in listed


GROUP = """
heat_template_version: 2018-08-31
resources:
  web:
    type: OS::Heat::ResourceGroup
    update_policy: {rolling_update: {max_batch_size: 2}}
    properties:
      count: 3
      resource_def:
        type: OS::Neutron::SecurityGroup
        properties: {name: member-%index%, description: one}
"""


def _grouped(count: int, text: str, *removed: str) -> dict[str, Any]:
    template: dict[str, Any] = yaml.safe_load(GROUP)
    template["heat_template_version"] = "2018-08-31"
    properties = template["resources"]["web"]["properties"]
    properties["count"] = count
    properties["resource_def"]["properties"]["description"] = text
    if removed:
        properties["removal_policies"] = [{"resource_list": list(removed)}]
    return template


@pytest.mark.timeout(900, func_only=True)
def test_a_group_rolls_as_in_heat(mine: OfWfbreak, theirs: OfHeat, as_member: Person) -> None:
    cloud = as_member.connection()
    before: tuple[dict[str, str], dict[str, str]] = ({}, {})
    steps = [(3, "one", ()), (4, "two", ()), (4, "two", ("1",)), (3, "three", ())]
    for count, text, removed in steps:
        template = _grouped(count, text, *removed)
        ours = mine.step(template)
        theirs.step(template)
        now = (
            {name.removeprefix("web/"): ref for name, ref in ours.items() if name != "web"},
            theirs.inside("web"),
        )
        assert set(now[0]) == set(now[1]), text
        kept = [
            {name for name in new if new[name] == old.get(name)}
            for new, old in zip(now, before, strict=True)
        ]
        assert kept[0] == kept[1], text
        for refs in now:
            for ref in refs.values():
                assert cloud.network.get_security_group(ref).description == text
        before = now
    mine.delete()


@pytest.mark.timeout(900, func_only=True)
def test_a_stack_of_heats_lives_on(mine: OfWfbreak, theirs: OfHeat, as_member: Person) -> None:
    """Heat lets go of a stack, and nothing changes when it is imported; then it lives on."""
    cloud = as_member.connection()
    member = {"type": "OS::Neutron::SecurityGroup", "properties": {"description": "one"}}
    sizes = {"min_size": 2, "max_size": 2}
    groups = {
        "web": {
            "type": "OS::Heat::ResourceGroup",
            "properties": {"count": 2, "resource_def": member},
        },
        "scaled": {
            "type": "OS::Heat::AutoScalingGroup",
            "properties": {**sizes, "resource": member},
        },
    }
    first = changed(*groups.items(), without=("word",))
    del first["outputs"]
    before = {n: ref for n, ref in theirs.step(first).items() if n not in groups}
    members = {ref for group in groups for ref in theirs.inside(group).values()}
    data, template = mine.folder / "data.json", mine.folder / "t.yaml"
    data.write_text(json.dumps(theirs.abandon()))
    template.write_text(yaml.safe_dump(first))
    arguments = ("import", data, template, "--name", mine.name)
    rows = mine.call(*arguments, "--dry-run")["resources"]
    assert {row["change"] for row in rows} == {"unchanged"}
    shown = mine.call(*arguments)
    refs = _refs(shown)
    assert {name: refs[name] for name in before} == before
    assert {ref for name, ref in refs.items() if "/" in name} == members
    assert {r["change"] for r in shown["resources"] if r["action"] == "update"} == {"unchanged"}
    assert as_member.wfbreak(*arguments, cwd=mine.folder).status == CONFLICT
    second = changed(
        ("net.name", "two"), ("subnet.cidr", "10.78.0.0/24"), without=("word", "volume")
    )
    del second["outputs"]
    after = mine.step(second)
    assert {name for name in after if after[name] != before[name]} == {"subnet"}
    assert not members & {group.id for group in cloud.network.security_groups()}
    assert cloud.network.get_network(before["net"]).name == "two"
    assert before["volume"] not in {v.id for v in cloud.block_storage.volumes()}
    mine.delete()
    assert cloud.network.find_network(before["net"]) is None


@pytest.mark.timeout(900, func_only=True)
def test_edit_at_a_stop_fail_and_mend_and_go_back(mine: OfWfbreak, as_member: Person) -> None:
    cloud = as_member.connection()
    first = mine.step(STEPS["create"], "--break", "port", status=STOPPED)
    assert set(first) == {"net", "subnet", "group", "volume", "router", "pool", "word"}
    whole = mine.step(STEPS["in place"])
    assert {name: whole[name] for name in first} == first
    elsewhere = [{"subnet": {"get_resource": "subnet"}, "ip_address": "10.99.0.5"}]
    bad = changed(("port.fixed_ips", elsewhere), ("net.name", "three"))
    mine.step(bad, status=FAILED)
    assert cloud.network.get_network(first["net"]).name == "three"
    mine.call("rollback", mine.name)
    assert cloud.network.get_network(first["net"]).name == "two"
    assert _refs(mine.call("show", mine.name)) == whole
    # What somebody has taken away is made again.
    cloud.network.delete_security_group(whole["group"])
    mended = mine.step(STEPS["in place"] | {"outputs": {}})
    assert {name for name in whole if mended[name] != whole[name]} == {"group"}
    assert cloud.network.get_security_group(mended["group"]).description == "two"
    mine.delete()
    assert cloud.network.find_port(whole["port"]) is None


@pytest.mark.timeout(900, func_only=True)
def test_of_several_updates_one_begins(mine: OfWfbreak, as_member: Person) -> None:
    """On the cluster's own database, too."""
    cloud = as_member.connection()
    net = mine.step(_named("one"))["net"]
    files = [mine.folder / f"{name}.yaml" for name in ("two", "three", "four")]
    for file in files:
        file.write_text(yaml.safe_dump(_named(file.stem)))

    def update(file: Path) -> int:
        return as_member.wfbreak("update", mine.name, file, cwd=mine.folder).status

    with ThreadPoolExecutor() as pool:
        statuses = list(pool.map(update, files))
    assert sorted(statuses) == [0, CONFLICT, CONFLICT]
    assert cloud.network.get_network(net).name == files[statuses.index(0)].stem


def _named(name: str) -> dict[str, Any]:
    net = {"type": "OS::Neutron::Net", "properties": {"name": name}}
    return {"heat_template_version": "2018-08-31", "resources": {"net": net}}


@pytest.mark.timeout(900, func_only=True)
def test_heat_updates_its_stacks(mine: OfWfbreak, as_member: Person) -> None:
    cloud = as_member.connection()
    some = ("port", "volume", "word", "router", "pool")
    options = ("--provider", "heat")
    first = mine.step(_without(STEPS["create"], *some), *options)
    assert mine.step(_without(STEPS["create"], *some), *options) == first
    second = mine.step(_without(STEPS["in place"], *some), *options)
    assert second == first
    assert cloud.network.get_network(first["net"]).name == "two"
    assert cloud.network.get_subnet(first["subnet"]).dns_nameservers == ["10.0.0.2"]
    third = mine.step(_without(STEPS["replace"], *some), *options)
    assert {name for name in first if third[name] != first[name]} == {"subnet"}
    assert cloud.network.find_subnet(first["subnet"]) is None
    mine.delete()
    assert cloud.network.find_network(first["net"]) is None


@pytest.mark.timeout(900, func_only=True)
def test_a_server_is_renamed(mine: OfWfbreak, as_member: Person) -> None:
    cloud = as_member.connection()
    server = {
        "type": "OS::Nova::Server",
        "properties": {
            "name": "one",
            "flavor": "m1.tiny",
            "image": "debian-12",
            "networks": [{"allocate_network": "none"}],
        },
    }
    template = {"heat_template_version": "2018-08-31", "resources": {"server": server}}
    first = mine.step(template)
    server["properties"] |= {"name": "two"}
    assert mine.step(template) == first
    assert cloud.compute.get_server(first["server"]).name == "two"


def _without(template: dict[str, Any], *names: str) -> dict[str, Any]:
    rest = {n: r for n, r in template["resources"].items() if n not in names}
    return {key: value for key, value in template.items() if key != "outputs"} | {"resources": rest}
