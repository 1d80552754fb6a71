"""What each action returns, for its inputs and an execution's id."""

from __future__ import annotations

import ipaddress
import json
import re
import time
import types
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mistral_lib import actions

from wfbreak import chain, keys, secrets
from wfbreak.actions.breakpoint import Breakpoint
from wfbreak.actions.create import Create
from wfbreak.actions.delete import Delete
from wfbreak.actions.parameters import Parameters
from wfbreak.actions.public_key import PublicKey
from wfbreak.existing import Existing
from wfbreak.hot.functions import select


def context(execution: str = "execution-1") -> Any:
    return types.SimpleNamespace(
        execution=types.SimpleNamespace(workflow_execution_id=execution), security=None
    )


def create(kind: str, properties: Any = None, attributes: Any = None, **inputs: Any) -> Any:
    name = inputs.pop("resource", "thing")
    run = inputs.pop("execution", "execution-1")
    action = Create(name, kind, properties, attributes, stack=inputs.pop("stack", "s"), **inputs)
    return action.run(context(run))


def error(result: Any) -> str:
    assert isinstance(result, actions.Result)
    assert result.is_error()
    return str(result.error)


@pytest.fixture(autouse=True)
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[secrets.Box]:
    """What opens and seals as an executor does; the actions have its key."""
    path = tmp_path_factory.mktemp("keys") / "key"
    ring = keys.create_keys(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(keys.KEY_FILE_VARIABLE, str(path))
        yield secrets.Box(secrets.Place("execution-1"), lambda: ring)


def plain(box: secrets.Box, made: Any) -> Any:
    return secrets.unseal(made, box)


# create: identity


@pytest.mark.parametrize(
    "kind",
    [
        "OS::Nova::Server",
        "OS::Heat::RandomString",
        "OS::Heat::MultipartMime",
        "OS::Heat::WaitConditionHandle",
        "OS::Barbican::Secret",
        "Custom::Thing",
    ],
)
def test_a_second_run_gives_the_same(kind: str, box: secrets.Box) -> None:
    attributes = ["value", "config", "first_address", "networks", ["show", "id"], "*"]
    properties = {"parts": [{"config": "x"}]}
    first = plain(box, create(kind, properties, attributes))
    assert plain(box, create(kind, properties, attributes)) == first
    other = create(kind, properties, attributes, execution="execution-2")
    assert other["physical_id"] != first["physical_id"]
    assert set(first) == {"ref", "physical_id", "attributes"}
    json.dumps(first)


# Which references are not the physical id, or are no UUID: read in get_reference_id and
# resource_id_set of openstack-heat 27.0.1.
@pytest.mark.parametrize(
    ("kind", "properties", "pattern"),
    [
        ("OS::Nova::Server", {}, r"[0-9a-f]{8}-[0-9a-f-]{27}"),
        ("OS::Nova::KeyPair", {"name": "mine"}, "mine"),
        ("OS::Nova::Quota", {}, r"s-thing-[a-z2-7]{12}"),
        ("OS::Heat::Value", {"value": 1}, r"s-thing-[a-z2-7]{12}"),
        ("OS::Heat::RandomString", {"length": 8}, r"[A-Za-z0-9]{8}"),
        ("OS::Heat::WaitConditionHandle", {}, r"[0-9a-f]{32}"),
        ("OS::Heat::UpdateWaitConditionHandle", {}, r"https://.*"),
        ("OS::Swift::Container", {}, r"s-thing-[a-z2-7]{12}"),
        ("OS::Barbican::Secret", {}, r"https://.*/v1/secrets/.*"),
        ("OS::Neutron::RouterInterface", {"router": "r", "subnet": "n"}, "r:subnet_id=n"),
        ("OS::Neutron::RouterGateway", {"router_id": "r", "network": "n"}, "r:n"),
        ("OS::Neutron::Port", {"name": "p"}, r"[0-9a-f-]{36}"),
    ],
)
def test_the_reference_is_the_types(
    kind: str, properties: Any, pattern: str, box: secrets.Box
) -> None:
    assert re.fullmatch(pattern, plain(box, create(kind, properties)["ref"]))


def test_a_long_name_is_cut_as_heat_cuts_it() -> None:
    name = create("OS::Nova::Server", None, ["name"], resource="r" * 80)["attributes"]["name"]
    assert len(name) == 53
    assert name.startswith("s--r")


# create: attributes


def test_a_property_is_its_attribute() -> None:
    made = create(
        "OS::Neutron::Subnet",
        {"cidr": "10.5.0.0/16", "name": "n", "enable_dhcp": False},
        ["cidr", "name", "gateway_ip", "enable_dhcp"],
    )
    assert made["attributes"] == {
        "cidr": "10.5.0.0/16",
        "name": "n",
        "gateway_ip": "10.5.0.1",
        "enable_dhcp": False,
    }


def test_a_servers_addresses_agree() -> None:
    made = create(
        "OS::Nova::Server",
        {"networks": [{"network": "front"}, {"network": "back", "fixed_ip": "10.9.9.9"}]},
        ["first_address", "networks", "addresses", ["networks", "front", 0]],
    )["attributes"]
    assert set(made["networks"]) == {"front", "back"}
    assert made["networks"]["back"] == ["10.9.9.9"]
    for name, addresses in made["networks"].items():
        assert [entry["addr"] for entry in made["addresses"][name]] == addresses


def test_a_port_has_the_address_that_it_is_given() -> None:
    made = create(
        "OS::Neutron::Port",
        {"fixed_ips": [{"subnet": "n", "ip_address": "10.0.0.7"}]},
        [["fixed_ips", 0, "ip_address"], "mac_address"],
    )["attributes"]
    assert made["fixed_ips"] == [{"subnet_id": "n", "ip_address": "10.0.0.7"}]
    assert made["mac_address"].startswith("fa:16:3e:")


@given(st.integers(8, 32), st.text(alphabet="abc", min_size=1))
def test_an_address_lies_in_its_subnet(prefix: int, name: str) -> None:
    cidr = str(ipaddress.ip_network(f"10.1.2.0/{prefix}", strict=False))
    made = create(
        "OS::Neutron::Subnet", {"cidr": cidr}, ["ip_address", "gateway_ip"], resource=name
    )
    for value in made["attributes"].values():
        assert ipaddress.ip_address(value) in ipaddress.ip_network(cidr)


names = st.sampled_from(["networks", "private", "first_address", "show", "x", "a_id"])
numbers = st.integers(-3, 3)
paths = st.tuples(names, names, names | numbers) | st.tuples(
    st.sampled_from(["x", "a_id", "first_address", "fixed_ips"]), numbers, names | numbers
)


@given(paths)
def test_a_path_leads_somewhere(path: tuple[Any, ...]) -> None:
    made = create("OS::Nova::Server", {}, [list(path), path[0]])["attributes"]
    if not isinstance(path[-1], int) or not isinstance(select(made, *path[:-1]), dict):
        assert select(made, *path) is not None


@given(st.lists(st.lists(names | numbers, min_size=1, max_size=5), max_size=5))
def test_no_path_is_a_fault(several: list[list[Any]]) -> None:
    json.dumps(create("OS::Nova::Server", {}, several))


def test_a_path_without_end_is_not_followed() -> None:
    made = create("Custom::Thing", {}, [["list", 10**9]])
    assert len(json.dumps(made)) < 1000


def test_nothing_has_no_attributes() -> None:
    assert create("OS::Heat::None", {"any": 1}, ["any", "other", "*"])["attributes"] == {
        "any": None,
        "other": None,
    }


# create: what Heat computes


def test_a_random_string_is_of_its_classes(box: secrets.Box) -> None:
    made = create(
        "OS::Heat::RandomString",
        {
            "length": 12,
            "character_classes": [{"class": "digits", "min": 3}, {"class": "lowercase"}],
            "character_sequences": [{"sequence": "!?", "min": 2}],
        },
        ["value"],
    )
    assert secrets.mask(made)["attributes"] == {"value": "******"}
    assert secrets.mask(made)["ref"] == "******"
    value = plain(box, made["attributes"]["value"])
    assert plain(box, made["ref"]) == value
    assert len(value) == 12
    assert sum(c.isdigit() for c in value) >= 3
    assert sum(c in "!?" for c in value) >= 2
    assert any(c.islower() for c in value)
    assert all(c.isdigit() or c.islower() or c in "!?" for c in value)


@pytest.mark.parametrize(
    "properties",
    [
        {"length": 3, "character_classes": [{"class": "digits", "min": 4}]},
        {"length": 0.5},
        {"length": 513},
        {"length": "x"},
        {"character_classes": [{"class": "runes"}]},
        {"character_sequences": [{}]},
        {"character_classes": []},
    ],
)
def test_a_bad_random_string_is_refused(properties: Any) -> None:
    assert "bad properties" in error(create("OS::Heat::RandomString", properties))


# Heat checks the type of an OS::Heat::Value, and shows the value as it was given
# (tests/cloud/test_types_heat.py).
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (None, {"a": [1]}),
        ("string", 5),
        ("string", True),
        ("number", "5"),
        ("number", "1.5"),
        ("boolean", "True"),
        ("comma_delimited_list", ["a"]),
        ("json", {"a": 1}),
    ],
)
def test_a_value_is_shown_as_it_was_given(kind: Any, value: Any) -> None:
    made = create("OS::Heat::Value", {"value": value, "type": kind}, ["value"])
    assert made["attributes"] == {"value": value}
    assert type(made["attributes"]["value"]) is type(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", [1]),
        ("string", 1.5),
        ("number", "x"),
        ("boolean", "yes"),
        ("comma_delimited_list", "a,b"),
        ("json", "{}"),
        ("what", 1),
    ],
)
def test_a_value_of_another_type_is_refused(kind: str, value: Any) -> None:
    assert "bad properties" in error(create("OS::Heat::Value", {"value": value, "type": kind}))


def test_a_test_resource_does_as_told() -> None:
    assert create("OS::Heat::TestResource", {"value": "v"}, ["output"])["attributes"] == {
        "output": "v"
    }
    failed = create("OS::Heat::TestResource", {"fail": True}, source="t.yaml:3:5")
    assert error(failed) == (
        "thing, OS::Heat::TestResource (t.yaml:3:5): the property fail is true"
    )


def test_a_delay_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    create("OS::Heat::Delay", {"min_wait": 2})
    create("OS::Heat::Delay", {"min_wait": 1, "max_jitter": 2, "jitter_multiplier": 3})
    create("OS::Heat::Delay", {"min_wait": 5, "actions": ["DELETE"]})
    create("OS::Heat::TestResource", {"action_wait_secs": {"create": 4}, "wait_secs": 9})
    create("OS::Heat::TestResource", {"wait_secs": -1})
    assert waits[0] == 2
    assert 1 <= waits[1] <= 7
    assert waits[2:] == [0, 4, 3600]
    assert "negative" in error(create("OS::Heat::Delay", {"min_wait": -1}))


def test_wait_conditions_and_configs(box: secrets.Box) -> None:
    handle = create("OS::Heat::WaitConditionHandle", {}, ["curl_cli", "endpoint", "token"])
    assert secrets.is_sealed(handle["attributes"]["token"])
    made = plain(box, handle["attributes"])
    assert made["curl_cli"].startswith(f"curl -i -X POST -H 'X-Auth-Token: {made['token']}'")
    assert made["curl_cli"].endswith(made["endpoint"])
    data = create("OS::Heat::WaitCondition", {"count": 2}, ["data"])["attributes"]["data"]
    assert json.loads(data) == {"1": None, "2": None}
    config = create("OS::Heat::SoftwareConfig", {"config": "#!/bin/sh"}, ["config"])
    assert config["attributes"] == {"config": "#!/bin/sh"}
    cloud = create("OS::Heat::CloudConfig", {"cloud_config": {"b": [1], "a": "x"}}, ["config"])
    assert cloud["attributes"]["config"] == "#cloud-config\na: x\nb:\n- 1\n"
    inner = create("OS::Heat::MultipartMime", {"parts": [{"config": "one"}]}, ["config"])
    outer = create(
        "OS::Heat::MultipartMime",
        {
            "parts": [
                {"config": "zwei äöü", "filename": "x-sh.txt"},
                {"config": inner["attributes"]["config"], "type": "multipart"},
            ]
        },
        ["config"],
    )["attributes"]["config"]
    assert 'filename="x-sh.txt"' in outer
    assert "\none\n" in outer


# create: rehearsal and errors


def test_a_rehearsed_failure_names_everything() -> None:
    text = error(
        create(
            "OS::Nova::Server",
            resource="web-1",
            source="t.yaml:3:5",
            rehearsal={"web-*": {"fail": "No valid host"}},
        )
    )
    assert text == "web-1, OS::Nova::Server (t.yaml:3:5): No valid host"


def test_options_of_the_name_come_before_those_of_a_pattern() -> None:
    options = {"*": {"fail": "all"}, "a": {"attributes": {"first_address": "10.1.1.1"}}}
    made = create("OS::Nova::Server", None, ["first_address"], resource="a", rehearsal=options)
    assert made["attributes"] == {"first_address": "10.1.1.1"}
    assert "all" in error(create("OS::Nova::Server", resource="b", rehearsal=options))


def test_a_failure_can_pass() -> None:
    options = {"x": {"fail": "busy", "fail_times": 2}}
    runs = [
        create("T", resource="x", rehearsal=options, execution="passing failure") for _ in range(4)
    ]
    assert [isinstance(run, actions.Result) for run in runs] == [True, True, False, False]
    assert runs[2] == runs[3]


@pytest.mark.parametrize("options", [["x"], {"x": ["y"]}, {"x": {"seconds": "long"}}])
def test_bad_options_are_told(options: Any) -> None:
    assert "the rehearsal's options" in error(create("T", resource="x", rehearsal=options))


def test_an_unknown_provider_is_told() -> None:
    assert "there is no provider 'moon', only rehearse" in error(create("T", provider="moon"))


def test_a_secret_stays_sealed(box: secrets.Box) -> None:
    made = create(
        "OS::Heat::SoftwareConfig",
        {"config": box.seal("pw: hunter2"), "group": "script"},
        ["config", "group", ["show", "config"]],
    )
    assert "hunter2" not in json.dumps(made)
    assert made["attributes"]["group"] == "script"
    assert secrets.unseal(made["attributes"]["config"], box) == "pw: hunter2"
    failed = create(
        "T",
        {"p": box.seal("hunter2")},
        resource="x",
        rehearsal={"x": {"fail": "no hunter2"}},
    )
    assert error(failed) == "x, T: no ******"


def test_a_secret_without_a_key_is_an_error(
    box: secrets.Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = box.seal("hunter2")
    monkeypatch.delenv(keys.KEY_FILE_VARIABLE)
    assert "WFBREAK_SEAL_KEY_FILE" in error(create("T", {"p": sealed}))


def test_what_a_resource_makes_up_is_sealed(box: secrets.Box) -> None:
    pair = create("OS::Nova::KeyPair", {"name": "mine"}, ["private_key", "public_key"])
    assert secrets.is_sealed(pair["attributes"]["private_key"])
    assert pair["ref"] == "mine"
    assert isinstance(pair["attributes"]["public_key"], str)
    unread = create("OS::Heat::RandomString", {"length": 1})
    assert secrets.is_sealed(unread["ref"])
    assert isinstance(unread["physical_id"], str)


def test_a_secret_with_the_name_of_a_field_hides_no_field(box: secrets.Box) -> None:
    made = create("OS::Heat::Value", {"value": box.seal("attributes")}, ["value"])
    assert secrets.is_sealed(made["attributes"]["value"])


def test_what_is_computed_of_a_secret_is_computed_before_it_is_created(box: secrets.Box) -> None:
    text = secrets.later("list_join", ["-", ["pw", box.seal("hunter2")]])
    made = create("OS::Heat::Value", {"value": text}, ["value"])
    assert secrets.is_sealed(made["attributes"]["value"])
    assert plain(box, made["attributes"]["value"]) == "pw-hunter2"
    wrong = secrets.positioned(secrets.later("digest", [box.seal("hunter2"), "x"]), "t.yaml:4:5")
    failed = error(create("OS::Heat::Value", {"value": wrong}))
    assert failed.startswith("thing, OS::Heat::Value: t.yaml:4:5: digest: the algorithm '******'")


def test_a_failure_of_the_providers_own_shows_no_secret(
    box: secrets.Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Any, request: Any) -> None:
        raise KeyError(request.properties["p"])

    monkeypatch.setattr("wfbreak.actions.rehearse.RehearseProvider.create", fails)
    secret = 'pass "word"\n'
    assert error(create("T", {"p": box.seal(secret)})) == "thing, T: KeyError: '******'"


def in_project(project: str | None, **security: Any) -> Any:
    made = context()
    made.security = types.SimpleNamespace(project_id=project, **security)
    return made


def test_a_secret_is_opened_only_where_it_was_sealed_for(box: secrets.Box) -> None:
    def tried(sealed: Any, where: Any) -> Any:
        return Create("thing", "OS::Heat::Value", {"value": sealed}, ["value"]).run(where)

    def opens(sealed: Any, where: Any) -> bool:
        return isinstance(tried(sealed, where), dict)

    anywhere = box.seal("hunter2")
    assert opens(anywhere, context())
    assert "execution-2" in error(tried(anywhere, context("execution-2")))
    assert "is not opened in none" in error(tried(anywhere, context("")))
    ring = keys.load_keys()
    assert ring is not None
    mine = secrets.seal("hunter2", ring.sealing, secrets.Place("execution-1", "mine"))
    assert opens(mine, in_project("mine", auth_token="t"))
    # After a crash the engine goes on in no project's name, and with no token.
    assert opens(mine, in_project(None, auth_token=None))
    assert "another project" in error(tried(mine, in_project("other", auth_token="t")))
    assert "another project" in error(tried(mine, in_project(None, auth_token="unscoped")))
    target = in_project("mine", auth_token="t", is_target=True)
    assert "X-Target" in error(tried(mine, target))
    # What is sealed in a project's name is bound to it.
    made = Create("thing", "OS::Heat::RandomString").run(in_project("mine", auth_token="t"))
    assert "another project" in error(tried(made["ref"], in_project("other", auth_token="t")))


IDENT = "5956de4f-7d2b-41b2-b6a2-3da4af74a7e5"


def reference() -> dict[str, str]:
    ring = keys.load_keys()
    assert ring is not None
    return secrets.refer(IDENT, ring.sealing, secrets.Place("execution-1"))


def test_a_rehearsal_fetches_no_secret() -> None:
    text = secrets.later("list_join", ["-", ["pw", reference()]])
    told = "lies in a cloud's key manager, and a rehearsal has no cloud"
    assert told in error(create("OS::Heat::Value", {"value": text}))
    assert IDENT in error(create("OS::Heat::Value", {"value": reference()}))


def test_nobody_else_brings_a_sealed_value_in(box: secrets.Box) -> None:
    """What a service reports is data: the next action would open it, or fetch it."""
    for brought in (reference(), {"deep": [box.seal("x")]}, secrets.later("digest", [])):
        rehearsal = {"x": {"attributes": {"value": brought}}}
        made = create("OS::Heat::Value", {}, ["value"], resource="x", rehearsal=rehearsal)
        assert "a sealed value of someone else's" in error(made)


# public_key


def test_the_public_key_is_that_which_seals(box: secrets.Box) -> None:
    told = PublicKey().run(in_project("mine"))
    assert told["project"] == "mine"
    sealed = secrets.seal("x", keys.PublicKey.of(told["key"]), box.place)
    assert plain(box, sealed) == "x"


def test_an_executor_without_a_key_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(keys.KEY_FILE_VARIABLE, "/nowhere/key")
    assert "/nowhere/key: the key file cannot be used" in error(PublicKey().run(context()))
    monkeypatch.delenv(keys.KEY_FILE_VARIABLE)
    assert "[wfbreak] seal_key_file" in error(PublicKey().run(context()))


# breakpoint


def test_a_breakpoint_records_its_release() -> None:
    result = Breakpoint("web", "pre-create", "env.yaml:4:7", "t.yaml:3:5", "look").run(context())
    assert result.pop("released_at").endswith("Z")
    assert result == {"resource": "web", "hook": "pre-create", "stopped": True}


def test_a_breakpoint_that_is_held_does_not_end_by_itself() -> None:
    assert Breakpoint("web", "pre-create").is_sync()
    assert not Breakpoint("web", "pre-create", held=True).is_sync()


def test_a_breakpoint_aborts_only_where_it_is_armed() -> None:
    failed = Breakpoint("web", "post-create", message="look", abort=True).run(context())
    assert "stopped after web is created (look)" in failed.error
    passed = Breakpoint("web", "post-create", abort=True, stopped=False).run(context())
    assert passed["stopped"] is False


# parameters

DECLARED = {
    "count": {"type": "number", "default": 1, "constraints": [{"range": {"max": 3}}]},
    "zones": {"type": "comma_delimited_list", "source": "t.yaml:5:3"},
    "password": {"type": "string", "hidden": True, "constraints": [{"length": {"min": 6}}]},
}


def test_parameters_are_converted(box: secrets.Box) -> None:
    values = {"count": "2", "zones": "a, b", "password": box.seal("hunter2")}
    typed = Parameters(DECLARED, values).run(context())
    assert secrets.unseal(typed.pop("password"), box) == "hunter2"
    assert typed == {"count": 2, "zones": ["a", " b"]}


def test_a_hidden_value_given_in_the_clear_is_sealed(box: secrets.Box) -> None:
    typed = Parameters(DECLARED, {"zones": [], "password": "hunter2"}).run(context())
    assert secrets.mask(typed) == {"count": 1, "zones": [], "password": "******"}


def test_all_that_is_wrong_is_told_and_no_secret(box: secrets.Box) -> None:
    values = {"count": 9, "password": box.seal("shor"), "extra": 1}
    lines = error(Parameters(DECLARED, values).run(context())).splitlines()
    assert lines == [
        "extra: there is no such parameter",
        "count: 9 is not at most 3",
        "zones: the parameter zones has no value (t.yaml:5:3)",
        "password: the given value (hidden) has a length of 4, not at least 6",
    ]


def test_what_lies_in_a_key_manager_is_checked_where_it_is_fetched(box: secrets.Box) -> None:
    declared = {"password": {**DECLARED["password"], "source": "t.yaml:5:3"}}
    typed = Parameters(declared, {"password": reference()}).run(context())["password"]
    assert secrets.mask(typed) == "******"
    found = {"short": "shor", "right": "hunter2"}

    def opened(payload: str) -> Any:
        return secrets.unseal(typed, secrets.Box(box.place, fetch=lambda _: found[payload]))

    assert opened("right") == "hunter2"
    with pytest.raises(secrets.ComputationError, match="parameter: password: the given value"):
        opened("short")
    nested = {"inner": {"type": "json"}}
    given = secrets.later("map_merge", [{"a": typed}])
    inner = Parameters(nested, {"inner": given}, nested=True).run(context())["inner"]
    able = secrets.Box(box.place, fetch=lambda _: "hunter2")
    assert secrets.unseal(inner, able) == {"a": "hunter2"}


def test_a_value_that_came_sealed_is_never_shown(box: secrets.Box) -> None:
    text = error(Parameters({"n": {"type": "number"}}, {"n": box.seal("hunter2")}).run(context()))
    assert "hunter2" not in text


def test_a_hidden_default_may_be_sealed(box: secrets.Box) -> None:
    declared = {"p": {"type": "string", "hidden": True, "default": box.seal("hunter2")}}
    typed = Parameters(declared, {"p": None}).run(context())
    assert secrets.unseal(typed, box) == {"p": "hunter2"}


def test_a_hidden_parameter_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(keys.KEY_FILE_VARIABLE)
    declared = {"p": {"type": "string", "hidden": True}}
    assert "p: this process has no key" in error(Parameters(declared, {"p": "x"}).run(context()))


# create: what exists


def existing(**more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "resource": "thing",
        "type": "OS::Neutron::Net",
        "created_by": "execution-1",
        "stack": "s",
        "physical_id": "its-id",
        "properties": {"name": "a", "tenant_id": "t"},
    }
    return Existing.from_plain(given | more).to_plain()


LATER = chain.successor("execution-1")


@pytest.mark.parametrize(
    ("properties", "more", "change"),
    [
        ({"name": "a", "tenant_id": "t"}, {}, "unchanged"),
        ({"name": "b", "tenant_id": "t"}, {}, "updated"),
        ({"name": "a", "tenant_id": "u"}, {}, "replaced"),
        ({"name": "a", "tenant_id": "t"}, {"type": "OS::Neutron::Router"}, "replaced"),
        (
            {"name": "a", "tenant_id": "t"},
            {"attempted": {"name": "b", "tenant_id": "t"}},
            "updated",
        ),
        ({"name": "a", "tenant_id": "t"}, {"metadata": {"a": 1}}, "updated"),
        ({"name": "a", "tenant_id": "t"}, {"external": True}, "replaced"),
    ],
)
def test_what_exists_is_kept_or_replaced(
    properties: dict[str, Any], more: dict[str, Any], change: str
) -> None:
    made = create("OS::Neutron::Net", properties, execution=LATER, existing=existing(**more))
    assert made["change"] == change
    assert (made["physical_id"] == "its-id") == (change != "replaced")


def test_another_that_takes_its_place_is_this_executions(box: secrets.Box) -> None:
    mine = {"name": "a", "tenant_id": "u"}
    anew = create("OS::Neutron::Net", mine, execution=LATER)
    replaced = create("OS::Neutron::Net", mine, execution=LATER, existing=existing())
    assert replaced["physical_id"] == anew["physical_id"]


def test_what_is_random_stays_in_an_update() -> None:
    first = create("OS::Heat::RandomString", attributes=["value"])
    there = existing(type="OS::Heat::RandomString", properties={}, physical_id="x")
    again = create("OS::Heat::RandomString", attributes=["value"], execution=LATER, existing=there)
    later = secrets.Box(secrets.Place(LATER), keys.load_keys)
    assert secrets.unseal(again["attributes"]["value"], later) == secrets.unseal(
        first["attributes"]["value"], later
    )


@pytest.mark.parametrize(
    ("name", "action", "told"), [("b", "update", "updated"), ("a", "replace", "replaced")]
)
def test_what_is_restricted(name: str, action: str, told: str) -> None:
    properties = {"name": name, "tenant_id": "t" if action == "update" else "u"}
    failed = create(
        "OS::Neutron::Net", properties, execution=LATER, existing=existing(), restricted=[action]
    )
    assert f"it may not be {told} (restricted_actions)" in error(failed)


def test_what_a_person_takes_as_done() -> None:
    skipped = {"thing": {"id": None}}
    taken = create("OS::Neutron::Net", existing=existing(ref="r"), skipped=skipped)
    assert (taken["physical_id"], taken["ref"]) == ("its-id", "r")
    taken = create("OS::Neutron::Net", skipped={"thing": {"id": "mine"}})
    assert (taken["physical_id"], taken["ref"], taken["skipped"]) == ("mine", "mine", True)


def test_nothing_begins_where_something_has_failed() -> None:
    assert error(create("OS::Neutron::Net", goes=False)).startswith("not begun: thing")


def test_a_deletion() -> None:
    def delete(**more: Any) -> Any:
        return Delete("thing", "OS::Neutron::Net", existing(), **more).run(context(LATER))

    assert delete() == {"deleted": "its-id"}
    assert delete(when=False) == {"deleted": None, "stays": True}
    skipped = {"thing:delete-1": {}}
    assert delete(task="thing:delete-1", skipped=skipped) == {"deleted": None, "skipped": True}
    assert delete(task="thing:delete", skipped=skipped) == {"deleted": "its-id"}
    assert error(delete(goes=False)).startswith("not begun: ")
    assert error(delete(rehearsal={"thing": {"fail": "no"}})).endswith(": no")
