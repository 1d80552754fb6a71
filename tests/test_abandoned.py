"""What Heat says of a stack that it lets go of, as what exists of a stack of wfbreak's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wfbreak import abandoned, adoption
from wfbreak.abandoned import Abandoned
from wfbreak.diagnostics import InputError
from wfbreak.existing import Existing, Stock
from wfbreak.providers import Provider, Rule
from wfbreak.translate import Request, translate

INNER = """\
heat_template_version: 2018-08-31
parameters: {text: {type: string}}
resources:
  volume: {type: OS::Cinder::Volume, properties: {size: 1, description: {get_param: text}}}
  config: {type: OS::Heat::SoftwareConfig, properties: {config: {get_file: 'file:///x/run.sh'}}}
"""


def one(name: str, kind: str, ident: str | None, **more: Any) -> dict[str, Any]:
    """A resource as Heat's ``prepare_abandon`` gives it."""
    said = {"action": "CREATE", "status": "COMPLETE", "metadata": {}, "resource_data": {}}
    return {**said, "name": name, "type": kind, "resource_id": ident, **more}


def stack(name: str, template: dict[str, Any], **resources: Any) -> dict[str, Any]:
    return {
        "name": name,
        "id": f"id-{name}",
        "action": "CREATE",
        "status": "COMPLETE",
        "template": template,
        "environment": {"parameters": {}, "encrypted_param_names": [], "event_sinks": []},
        "files": {},
        "resources": resources,
        "project_id": "p",
        "stack_user_project_id": None,
        "tags": [],
    }


TEMPLATE: dict[str, Any] = {
    "heat_template_version": "2018-08-31",
    "parameters": {"name": {"type": "string"}, "secret": {"type": "string", "hidden": True}},
    "resources": {
        "net": {
            "type": "OS::Neutron::Net",
            "properties": {"name": {"get_param": "name"}, "tags": [{"get_param": "secret"}]},
        },
        "subnet": {
            "type": "OS::Neutron::Subnet",
            "properties": {
                "network": {"get_resource": "net"},
                "cidr": "10.0.0.0/24",
                "name": {"get_attr": ["net", "name"]},
            },
            "deletion_policy": "Retain",
        },
        "late": {"type": "OS::Neutron::Net"},
        "bad": {"type": "OS::Neutron::Net"},
        "inner": {"type": "My::Type", "properties": {"text": {"get_resource": "subnet"}}},
        "web": {
            "type": "OS::Heat::AutoScalingGroup",
            "properties": {
                "min_size": 2,
                "max_size": 3,
                "resource": {"type": "OS::Neutron::Net", "properties": {"name": "member"}},
            },
        },
    },
}


def data() -> dict[str, Any]:
    found = stack(
        "old stack",
        TEMPLATE,
        net=one("net", "OS::Neutron::Net", "net-id"),
        subnet=one("subnet", "OS::Neutron::Subnet", "subnet-id"),
        late=one("late", "OS::Neutron::Net", None, action="INIT"),
        bad=one("bad", "OS::Neutron::Net", "bad-id", status="FAILED"),
        inner=stack(
            "old-inner",
            {},
            volume=one("volume", "OS::Cinder::Volume", "volume-id"),
            config=one("config", "OS::Heat::SoftwareConfig", "config-id"),
        ),
        web=stack(
            "old-web",
            {},
            **{
                name: one(name, "OS::Neutron::Net", f"{name}-id") for name in ("zx3", "ab1", "more")
            },
        ),
    )
    found["environment"] |= {
        "parameters": {"name": "one", "secret": "hush"},
        "resource_registry": {"My::Type": "file:///x/inner.yaml", "resources": {}},
    }
    found["files"] = {"file:///x/inner.yaml": INNER, "file:///x/run.sh": "#!/bin/sh\n"}
    return found


def read(folder: Path, said: Any) -> Abandoned:
    path = folder / "data.json"
    path.write_text(said if isinstance(said, str) else json.dumps(said))
    return abandoned.read(str(path))


def stock_of(folder: Path, said: Any, *rules: Rule) -> Stock:
    return adoption.adopt(read(folder, said), rules).stock


@pytest.fixture
def found(tmp_path: Path) -> Stock:
    return stock_of(tmp_path, data(), Rule("*", Provider.OPENSTACK))


def test_what_it_was_made_with(found: Stock) -> None:
    net, subnet = found.resources["net"], found.resources["subnet"]
    assert (net.physical_id, net.ref, net.provider) == ("net-id", "net-id", Provider.OPENSTACK)
    assert net.properties == {"name": "one"}
    assert net.unknown == ("tags",)  # what is hidden is in no workflow
    assert subnet.properties == {"network": "net-id", "cidr": "10.0.0.0/24"}
    assert subnet.unknown == ("name",)  # it reads an attribute
    assert (subnet.deletion_policy, subnet.needs) == ("Retain", ("net",))


def test_nothing_hidden_is_in_it(found: Stock) -> None:
    assert "hush" not in repr(found)


def test_stacks_inside_and_their_files(found: Stock) -> None:
    volume = found.resources["inner/volume"]
    assert (volume.type, volume.physical_id) == ("OS::Cinder::Volume", "volume-id")
    # A parameter of a stack inside that is computed is checked in the engine only.
    assert (volume.properties, volume.unknown) == ({"size": 1}, ("description",))
    assert found.resources["inner/config"].properties["config"] == "#!/bin/sh\n"


def test_members_with_random_names_are_numbered(found: Stock) -> None:
    members = {n: e.physical_id for n, e in found.resources.items() if n.startswith("web/")}
    assert members == {"web/0": "zx3-id", "web/1": "ab1-id"}


def test_what_is_not_whole_is_left_over(found: Stock) -> None:
    assert {(e.resource, e.physical_id) for e in found.leftovers} == {
        ("bad", "bad-id"),
        ("web/2", "more-id"),
    }
    assert not {"late", "bad"} & {*found.resources}


def test_it_is_the_same_again(found: Stock, tmp_path: Path) -> None:
    assert found == stock_of(tmp_path, data(), Rule("*", Provider.OPENSTACK))
    for existing in found.resources.values():
        assert Existing.from_plain(existing.to_plain()) == existing


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("nothing", "it is not JSON"),
        ("[]", "a map with the stack's template is wanted"),
        ("{}", "'template' is missing"),
        ({"template": {}, "name": "a", "id": "b"}, "'resources' is missing"),
        (stack("s", {}, a={"type": "T"}), "'resource_id' is missing"),
        (stack("s", {}, a=[]), "the resource 'a' is no map"),
    ],
)
def test_what_is_no_such_data(tmp_path: Path, said: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, said)
    assert "openstack stack abandon" in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        abandoned.read(str(tmp_path / "none.json"))


def test_what_is_only_heats(tmp_path: Path) -> None:
    template = {
        "heat_template_version": "2018-08-31",
        "resources": {"word": {"type": "OS::Heat::RandomString"}},
    }
    said = stack("s", template, word=one("word", "OS::Heat::RandomString", "word"))
    with pytest.raises(InputError, match=r"'word' .* cannot be adopted: its value would be drawn"):
        stock_of(tmp_path, said)


def test_what_heat_would_make(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be adopted by the provider heat"):
        stock_of(tmp_path, data(), Rule("*", Provider.HEAT))


def test_a_template_that_cannot_be_read(tmp_path: Path) -> None:
    said = data() | {"template": {"heat_template_version": "2018-08-31", "resources": {"a": {}}}}
    with pytest.raises(InputError, match="the template that Heat had cannot be read"):
        stock_of(tmp_path, said)


def test_what_is_not_known_and_said_otherwise_counts_as_changed(tmp_path: Path) -> None:
    adopted = adoption.adopt(read(tmp_path, data()), ())
    (tmp_path / "t.yaml").write_text(
        """
heat_template_version: 2018-08-31
parameters: {name: {type: string}, secret: {type: string, hidden: true}}
resources:
  net: {type: OS::Neutron::Net, properties: {name: one, tags: [{get_param: secret}]}}
  subnet: {type: OS::Neutron::Subnet, properties: {network: {get_resource: net}, name: mine}}
"""
    )
    options = {"name": "one", "secret": "other"}
    request = Request(str(tmp_path / "t.yaml"), options=options, stock=adopted.stock)
    found = adopted.beside(translate(request))
    assert found.resources["net"].unknown == ("tags",)
    assert found.resources["subnet"].unknown == ()
    assert adopted.stock.resources["subnet"].unknown == ("name",)
