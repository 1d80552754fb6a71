"""A stack's life by the commands: under its name, through updates, failures and its end."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from engine.process import EngineProcess

from cli.command import environment, wfbreak

pytestmark = pytest.mark.engine

DONE, BAD_INPUT, FAILED, PAUSED, NOT_FOUND, CONFLICT = 0, 3, 4, 5, 7, 9

FIRST = """\
heat_template_version: 2018-08-31
resources:
  net: {type: OS::Neutron::Net, properties: {name: one}}
  subnet:
    type: OS::Neutron::Subnet
    properties: {network: {get_resource: net}, cidr: 10.0.0.0/24}
  word: {type: OS::Heat::RandomString}
  volume: {type: OS::Cinder::Volume, properties: {size: 1, description: {get_attr: [word, value]}}}
outputs:
  word: {value: {get_attr: [word, value]}}
"""
SECOND = (
    FIRST.replace("name: one", "name: two").replace("10.0.0.0", "10.1.0.0")
    + "  added: {value: more}\n"
)
"""The net is changed in place, the subnet replaced."""

SMALLER = "\n".join(line for line in FIRST.splitlines() if "volume:" not in line) + "\n"

_NUMBERS = itertools.count(1)


class Stack:
    """A stack of its own name, and the commands on it."""

    def __init__(self, engine: EngineProcess, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.name = f"life{next(_NUMBERS)}"

    def __call__(self, *arguments: str, status: int = DONE) -> Any:
        answer = wfbreak(*arguments, "-f", "json", "--state", self.engine.state, cwd=self.folder)
        assert answer.status == status, answer.err + answer.out
        self.err = answer.err
        return json.loads(answer.out) if answer.out else None

    def run(self, text: str, *more: str, status: int = DONE) -> Any:
        (self.folder / "t.yaml").write_text(text)
        return self("run", "t.yaml", "--name", self.name, *more, status=status)

    def update(self, text: str, *more: str, status: int = DONE) -> Any:
        (self.folder / "t.yaml").write_text(text)
        return self("update", self.name, "t.yaml", *more, status=status)

    def refs(self) -> dict[str, str]:
        return {
            r["name"]: r["ref"]
            for r in self("show", self.name)["resources"]
            if r["action"] != "delete"
        }


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    with EngineProcess(tmp_path_factory.mktemp("lives") / "state") as engine:
        yield engine


@pytest.fixture
def stack(process: EngineProcess, tmp_path: Path) -> Stack:
    return Stack(process, tmp_path)


def changes(shown: Any) -> dict[str, str]:
    return {
        r["name"] + (":delete" if r["action"] == "delete" else ""): r["change"] or r["action"]
        for r in shown["resources"]
    }


def test_a_name_is_taken_once(stack: Stack) -> None:
    stack.run(FIRST)
    assert stack.run(FIRST, status=CONFLICT) is None
    assert f"there is a stack '{stack.name}' already" in stack.err
    stack("delete", stack.name)
    for command in (("delete", stack.name), ("update", stack.name, "t.yaml")):
        stack(*command, status=NOT_FOUND)
        assert "has been deleted" in stack.err
    assert stack.name not in {s["stack"] for s in stack("list", "--stacks")}
    stack.run(FIRST)
    assert stack.name in {s["stack"] for s in stack("list", "--stacks")}


def test_an_update(stack: Stack) -> None:
    first = stack.run(FIRST)
    before = stack.refs()
    secret = stack("outputs", stack.name, "--reveal")
    foreseen = stack.update(SECOND, "--dry-run")
    assert stack.refs() == before
    second = stack.update(SECOND)
    told = {r["resource"]: {r["change"], r["perhaps"]} for r in foreseen["resources"]}
    assert told["net"] == {"updated", None}
    assert told["subnet"] == {"replaced", None}
    assert told["word"] == {"unchanged", None}
    assert told["volume"] == {"unchanged", "updated"}  # it reads what is random
    assert second["execution"] != first["execution"]
    assert changes(second) == {
        "net": "updated",
        "subnet": "replaced",
        "word": "unchanged",
        "volume": "unchanged",
    }
    after = stack.refs()
    assert {name for name in before if before[name] != after[name]} == {"subnet"}
    # What was drawn once stays, and what is sealed for one execution opens in the next.
    assert stack("outputs", stack.name, "--reveal") == secret | {"added": "more"}
    third = stack.update(SMALLER)
    assert changes(third)["volume:delete"] == "delete"
    assert set(stack.refs()) == {"net", "subnet", "word"}
    assert stack("show", first["execution"])["state"] == "SUCCESS"  # it is as it was
    stack("update", first["execution"], "t.yaml", status=CONFLICT)
    assert third["execution"] in stack.err or "has a successor" in stack.err


def test_stops_in_an_update_and_in_a_deletion(stack: Stack) -> None:
    stack.run(FIRST)
    stops = ("--break", "net", "--break", "subnet:pre-delete", "--break", "volume:pre-delete")
    stopped = stack.update(SMALLER, *stops[:2], *stops[4:], status=PAUSED)
    assert stopped["reason"] == "stopped before net is updated; before volume is deleted"
    assert stack("resume", stack.name)["state"] == "SUCCESS"
    # The subnet is replaced in this update, and so its old one is deleted; it was not in that.
    stopped = stack.update(FIRST.replace("10.0.0.0", "10.2.0.0"), *stops[2:4], status=PAUSED)
    assert stopped["reason"] == "stopped before subnet is deleted"
    stack("resume", stack.name)
    stopped = stack("delete", stack.name, "--break", "net", status=PAUSED)
    assert stopped["reason"] == "stopped before net is deleted"
    assert stack("resume", stack.name)["state"] == "SUCCESS"


def test_edit_at_a_stop_and_go_on(stack: Stack) -> None:
    first = stack.run(FIRST, "--break", "volume", status=PAUSED)
    made = {r["name"]: r["ref"] for r in first["resources"] if r["state"] == "done"}
    stack.update(FIRST.replace("size: 1", "size: 2"))
    assert made.items() <= stack.refs().items()
    former = stack("show", first["execution"])
    assert former["state"] == "CANCELLED"
    assert former["reason"].startswith("succeeded by ")
    stack("resume", first["execution"], status=BAD_INPUT)


def test_retry_and_skip(stack: Stack) -> None:
    broken = ("--rehearse", "net:fail=broken")
    stack.run(FIRST, *broken, "--rehearse", "net:fail_times=1", status=FAILED)
    stack("retry", stack.name, "volume", status=BAD_INPUT)
    assert "'volume' has not failed (failed: net)" in stack.err
    assert stack("retry", stack.name)["state"] == "SUCCESS"
    stack("retry", stack.name, status=BAD_INPUT)
    stack.update(FIRST.replace("name: one", "name: 2"), *broken, status=FAILED)
    assert stack("skip", stack.name, "net", "--reason", "by hand")["state"] == "SUCCESS"
    assert stack.refs()["net"]
    trail = stack("audit", stack.name)
    assert [e["event"] for e in trail] == [
        *("run", "retry", "success"),  # the failure was not its end
        *("update", "skip", "success"),
    ]
    assert len({e["execution"] for e in trail}) == 2
    events = {e["event"]: e for e in trail}
    assert (events["skip"]["why"], events["skip"]["details"]) == ("by hand", "skipped: net")


def test_what_is_skipped_with_an_id_is_not_deleted(stack: Stack) -> None:
    stack.run(FIRST, "--rehearse", "net:fail=broken", status=FAILED)
    assert stack("skip", stack.name, "net", "--id", "my-own")["state"] == "SUCCESS"
    assert stack.refs()["net"] == "my-own"
    deleted = stack("delete", stack.name)
    tasks = stack.engine.client.tasks(deleted["execution"])
    found = stack.engine.client.inputs(tasks)
    assert len(found) == 4
    # What was begun of it is looked for, by its mark; what was put in its place is not touched.
    assert "physical_id" not in found["net:delete-1"]["existing"]
    assert not [f for f in found.values() if f["existing"].get("physical_id") == "my-own"]


def test_of_two_deletions_under_one_name_one_is_skipped(stack: Stack) -> None:
    stack.run(FIRST)
    changed = FIRST.replace("name: one", "name: two")
    stack.update(changed, "--rehearse", "net:fail=no", status=FAILED)
    failed = stack("delete", stack.name, "--rehearse", "net:fail=no", status=FAILED)
    tasks = {r["task"] for r in failed["resources"] if r["state"] == "failed"}
    assert tasks == {"net:delete", "net:delete-1"}
    stack("skip", stack.name, "net:delete-1", status=FAILED)
    results = stack.engine.client.results(stack.engine.client.tasks(failed["execution"]))
    assert results["net:delete-1"] == {"deleted": None, "skipped": True}
    assert "skipped" not in str(results["net:delete"])


def test_whoever_waits_takes_a_failed_stack_back(stack: Stack) -> None:
    """The one who started it is gone when it fails."""
    (stack.folder / "t.yaml").write_text(FIRST)
    options = ("--rehearse", "subnet:fail=no", "--rehearse", "net:seconds=4")
    command = ("run", "t.yaml", "--name", stack.name, "--on-failure", "rollback", *options)
    started = subprocess.Popen(
        [sys.executable, "-m", "wfbreak", *command, "--state", str(stack.engine.state)],
        cwd=stack.folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stderr is not None
    assert started.stderr.readline().startswith("execution ")
    started.kill()
    started.wait()
    ended = stack("wait", stack.name, status=FAILED)
    assert {r["action"] for r in ended["resources"]} == {"delete"}
    assert stack.name not in {s["stack"] for s in stack("list", "--stacks")}


def test_nothing_begins_after_a_failure(stack: Stack) -> None:
    late = FIRST.replace(
        "    properties: {network", "    depends_on: word\n    properties: {network"
    )
    options = ("--rehearse", "net:fail=broken", "--rehearse", "word:seconds=1")
    stopped = stack.run(late, *options, "--on-failure", "stop", status=FAILED)
    states = {r["name"]: r["state"] for r in stopped["resources"]}
    assert states == {"net": "failed", "subnet": "waiting", "word": "done", "volume": "waiting"}
    assert stack("delete", stack.name)["state"] == "SUCCESS"


def test_a_creation_is_taken_back(stack: Stack) -> None:
    ended = stack.run(
        FIRST, "--rehearse", "subnet:fail=no", "--on-failure", "rollback", status=FAILED
    )
    assert ended["state"] == "SUCCESS"  # of the way back
    assert {r["action"] for r in ended["resources"]} == {"delete"}
    assert "taken back, because something has failed: subnet" in stack.err
    stack.run(FIRST)


def test_an_update_is_taken_back(stack: Stack) -> None:
    stack.run(FIRST)
    before, secret = stack.refs(), stack("outputs", stack.name, "--reveal")
    options = ("--rehearse", "more:fail=no", "--on-failure", "rollback")
    more = SECOND.replace("outputs:", "  more: {type: OS::Heat::TestResource}\noutputs:")
    stack.update(more, *options, status=FAILED)
    assert set(stack.refs()) == set(before)
    assert stack("outputs", stack.name, "--reveal") == secret
    stack.update(SECOND)
    stack("rollback", stack.name, "--reason", "not what we wanted")
    assert stack("outputs", stack.name, "--reveal") == secret
    assert {name: ref for name, ref in stack.refs().items() if name != "subnet"} == {
        name: ref for name, ref in before.items() if name != "subnet"
    }


def test_there_is_nothing_to_go_back_to(stack: Stack) -> None:
    stack.run(FIRST)
    stack("rollback", stack.name, status=BAD_INPUT)
    assert f"wfbreak delete {stack.name}" in stack.err
    stack("update", "no-such-stack", "t.yaml", status=NOT_FOUND)


def test_a_mistake_in_the_new_template_changes_nothing(stack: Stack) -> None:
    first = stack.run(FIRST, "--break", "volume", status=PAUSED)
    stack.update("heat_template_version: 2018-08-31\nresources: {a: 1}\n", status=BAD_INPUT)
    assert stack("show", first["execution"])["state"] == "PAUSED"
    assert stack("resume", stack.name)["state"] == "SUCCESS"


def test_what_was_deleted_comes_back(stack: Stack) -> None:
    stack.run(FIRST)
    before = set(stack.refs())
    stack("delete", stack.name)
    assert stack("rollback", stack.name)["state"] == "SUCCESS"
    assert set(stack.refs()) == before
    assert stack.name in {s["stack"] for s in stack("list", "--stacks")}


def test_restricted_actions(stack: Stack) -> None:
    stack.run(FIRST)
    (stack.folder / "e.yaml").write_text(
        "resource_registry:\n  resources:\n"
        "    net: {restricted_actions: update}\n    sub*: {restricted_actions: [replace]}\n"
    )
    failed = stack.update(SECOND, "-e", "e.yaml", status=FAILED)
    told = {r["name"]: r["error"] for r in failed["resources"] if r["state"] == "failed"}
    assert "it may not be updated (restricted_actions)" in told["net"]
    stack.update(FIRST, "-e", "e.yaml")


NESTED = """\
heat_template_version: 2018-08-31
resources:
  word: {type: OS::Heat::RandomString}
  inner: {type: inner.yaml, properties: {given: {get_attr: [word, value]}}}
  group:
    type: OS::Heat::ResourceGroup
    properties: {count: 2, resource_def: {type: inner.yaml, properties: {given: "%index%"}}}
outputs:
  inner: {value: {get_attr: [inner, got]}}
  group: {value: {get_attr: [group, got]}}
"""
INNER = """\
heat_template_version: 2018-08-31
parameters: {given: {type: string}}
resources:
  net: {type: OS::Neutron::Net, properties: {name: {get_param: given}}}
  value: {type: OS::Heat::Value, depends_on: net, properties: {value: {get_param: given}}}
outputs: {got: {value: {get_attr: [value, value]}}}
"""


def test_stacks_inside_of_a_stack_live_too(stack: Stack) -> None:
    (stack.folder / "inner.yaml").write_text(INNER)
    stack.run(NESTED)
    before, outputs = stack.refs(), stack("outputs", stack.name, "--reveal")
    grown = stack.update(NESTED.replace("count: 2", "count: 3"))
    assert changes(grown)["group/2/net"] == "create"
    assert stack("outputs", stack.name)["group"] == ["0", "1", "2"]
    fewer = NESTED.replace("count: 2", "count: 1").replace("  inner: {type", "  x: {type")
    shrunk = stack.update(fewer.replace("[inner, got]", "[x, got]"))
    assert {r["name"] for r in shrunk["resources"] if r["action"] == "delete"} >= {
        "group/2/net",
        "group/1/value",
        "inner/net",
    }
    stack("rollback", stack.name)
    now = stack("outputs", stack.name, "--reveal")
    assert now == {"group": ["0", "1", "2"], "inner": outputs["inner"]}
    assert {name for name in before if before[name] == stack.refs()[name]} >= {"group/0/net"}


IMPORTED = """\
heat_template_version: 2018-08-31
resources:
  net: {type: OS::Neutron::Net, properties: {name: one}}
  subnet:
    type: OS::Neutron::Subnet
    properties: {network: {get_resource: net}, cidr: 10.0.0.0/24}
  volume:
    type: OS::Cinder::Volume
    properties: {size: 1, description: {get_attr: [net, name]}}
outputs:
  net: {value: {get_resource: net}}
"""


def _abandoned(name: str) -> str:
    types = {
        "net": "OS::Neutron::Net",
        "subnet": "OS::Neutron::Subnet",
        "volume": "OS::Cinder::Volume",
    }
    said = {"action": "CREATE", "status": "COMPLETE", "metadata": {}, "resource_data": {}}
    resources = {
        own: {**said, "name": own, "type": kind, "resource_id": f"{own}-id"}
        for own, kind in types.items()
    }
    template = yaml.safe_load(IMPORTED) | {"heat_template_version": "2018-08-31"}
    return json.dumps({"name": name, "id": name, "template": template, "resources": resources})


def test_a_stack_of_heats_is_imported(stack: Stack) -> None:
    data = stack.folder / "data.json"
    data.write_text(_abandoned(stack.name))
    (stack.folder / "t.yaml").write_text(IMPORTED)
    rows = stack("import", "data.json", "t.yaml", "--dry-run")["resources"]
    assert {row["change"] for row in rows} == {"unchanged"}
    assert not [s for s in stack("list", "--stacks") if s["stack"] == stack.name]
    shown = stack("import", "data.json", "t.yaml")
    assert {r["name"]: r["change"] for r in shown["resources"] if r["action"] == "update"} == {
        "net": "unchanged",
        "subnet": "unchanged",
        "volume": "unchanged",
    }
    assert stack("outputs", stack.name) == {"net": "net-id"}
    stack("import", "data.json", "t.yaml", status=CONFLICT)
    stack("rollback", stack.name, status=BAD_INPUT)
    audit = stack("audit", stack.name)
    assert audit[0]["event"] == "import"
    text = IMPORTED.replace("name: one", "name: two").replace("10.0.0.0", "10.1.0.0")
    changes = {r["name"]: r["change"] for r in stack.update(text)["resources"]}
    assert (changes["net"], changes["subnet"]) == ("updated", "replaced")
    smaller = "".join(line for line in text.splitlines(True) if "subnet" not in line)
    smaller = "\n".join(
        x for x in smaller.splitlines() if "10.1.0.0" not in x and "OS::Neutron::Subnet" not in x
    )
    stack.update(smaller)
    refs = {r["name"] for r in stack("show", stack.name)["resources"] if r["action"] != "delete"}
    assert refs == {"net", "volume"}
    stack("delete", stack.name)
    assert not [s for s in stack("list", "--stacks") if s["stack"] == stack.name]


def test_an_import_stops_and_fails_as_an_update(stack: Stack) -> None:
    (stack.folder / "data.json").write_text(_abandoned(stack.name))
    text = IMPORTED.replace("name: one", "name: two")
    (stack.folder / "t.yaml").write_text(text)
    asked = ("import", "data.json", "t.yaml", "--break", "subnet", "--rehearse", "volume:fail=no")
    stack(*asked, status=PAUSED)
    stack("rollback", stack.name, status=BAD_INPUT)
    assert "was imported" in stack.err
    shown = stack.update(text)
    assert {r["state"] for r in shown["resources"] if r["action"] == "update"} == {"done"}
    assert stack("outputs", stack.name) == {"net": "net-id"}


def test_what_cannot_be_imported(stack: Stack) -> None:
    (stack.folder / "data.json").write_text("{}")
    (stack.folder / "t.yaml").write_text(IMPORTED)
    stack("import", "data.json", "t.yaml", status=BAD_INPUT)
    assert "data.json:1:1" in stack.err
    assert "'template' is missing" in stack.err
    stack("import", "none.json", "t.yaml", status=BAD_INPUT)
    assert "Traceback" not in stack.err
