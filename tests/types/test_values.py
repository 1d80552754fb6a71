"""What becomes of properties; tests/heat compares all types with Heat itself."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from wfbreak.hot import constraints
from wfbreak.types import schema
from wfbreak.types.conversions import convert, for_comparison
from wfbreak.types.schema import PropertySchema, TypeSchema, find
from wfbreak.types.values import UNKNOWN, Kind, PropertyError, check, resolve


def of(name: str) -> TypeSchema:
    found = find(name)
    assert found is not None
    return found


def inner(properties: Iterable[PropertySchema]) -> Iterator[PropertySchema]:
    """The properties and all that are inside of them."""
    for each in properties:
        yield each
        yield from inner((each.properties or {}).values())
        yield from inner([each.items] if each.items is not None else [])


def test_every_default_is_one_that_its_property_takes() -> None:
    types = [of(name) for name in schema.names()]
    every = [each for of_type in types for each in inner(of_type.properties.values())]
    defaults = [each for each in every if each.default is not None]
    assert len(defaults) > 300
    for each in defaults:
        comparable = functools.partial(for_comparison, each.type)
        for constraint in each.constraints:
            assert not constraints.broken_rule(constraint, convert(each, None), comparable)


def test_all_properties_at_all_levels() -> None:
    pools = [{"start": "10.0.0.1", "end": "10.0.0.9"}]
    values = resolve(of("OS::Neutron::Subnet"), {"network": "n", "allocation_pools": pools})
    assert values["allocation_pools"] == pools
    assert values["network"] == "n"
    assert values["ip_version"] == 4
    assert values["enable_dhcp"] is True
    assert values["gateway_ip"] is None
    assert set(values) == set(of("OS::Neutron::Subnet").properties)


CONVERTED: dict[str, tuple[str, str, Any, Any]] = {
    "an integer in text": ("OS::Cinder::Volume", "size", " 5 ", 5),
    "a fraction for an integer": ("OS::Cinder::Volume", "size", 5.7, 5),
    "a boolean in text": ("OS::Neutron::Net", "admin_state_up", "FALSE", False),
    "a number for text": ("OS::Neutron::Net", "name", 5, "5"),
    "a boolean for text": ("OS::Neutron::Net", "name", True, "True"),
    "null for text": ("OS::Neutron::Net", "name", None, ""),
    "null with a default": ("OS::Neutron::Net", "admin_state_up", None, True),
    "null for a list": ("OS::Neutron::Net", "tags", None, []),
    "null in a list": ("OS::Neutron::Net", "tags", ["a", None], ["a", ""]),
}


@pytest.mark.parametrize("case", CONVERTED)
def test_conversions(case: str) -> None:
    name, key, given, expected = CONVERTED[case]
    value = resolve(of(name), {key: given})[key]
    assert (value, type(value)) == (expected, type(expected))


def test_a_hidden_property_is_read_in_place_of_the_other() -> None:
    values = resolve(
        of("OS::Neutron::Port"), {"network_id": "n", "fixed_ips": [{"subnet_id": "s"}]}
    )
    assert (values["network"], values["network_id"]) == ("n", None)
    assert values["fixed_ips"] == [{"subnet": "s", "subnet_id": None, "ip_address": None}]


def test_a_value_that_a_rule_adds() -> None:
    values = resolve(of("OS::Neutron::Router"), {"l3_agent_id": "a"})
    assert (values["l3_agent_ids"], values["l3_agent_id"]) == (["a"], None)
    values = resolve(of("OS::Heat::RandomString"), {"sequence": "digits"})
    assert values["character_classes"] == [{"class": "digits", "min": 1}]


def test_the_description_of_the_resource_is_the_property() -> None:
    assert resolve(of("OS::Cinder::Volume"), {"size": 1}, "text")["description"] == "text"
    given = {"size": 1, "description": "own"}
    assert resolve(of("OS::Cinder::Volume"), given, "text")["description"] == "own"


def test_a_type_that_takes_anything_uses_nothing() -> None:
    assert resolve(of("OS::Heat::None"), {"what": 1}) == {}


def test_a_type_that_another_property_decides() -> None:
    value = of("OS::Heat::Value")
    assert resolve(value, {"value": "5"})["value"] == "5"
    assert resolve(value, {"value": "5", "type": "number"})["value"] == 5
    with pytest.raises(PropertyError):
        resolve(value, {"value": [5], "type": "json"})


def test_the_values_given_are_left_as_they_are() -> None:
    given = {"network_id": "n", "fixed_ips": [{"subnet_id": "s"}], "value_specs": {"a": {"b": 1}}}
    resolve(of("OS::Neutron::Port"), given)["value_specs"]["c"] = 1
    assert given == {
        "network_id": "n",
        "fixed_ips": [{"subnet_id": "s"}],
        "value_specs": {"a": {"b": 1}},
    }


def test_everything_wrong_is_told_at_once_and_no_value_is_shown() -> None:
    given = {
        "flavour": "topsecret",
        "networks": [{"network": "n", "fixed_ip": "topsecret"}, {"prot": "topsecret"}],
        "metadata": "topsecret",
        "user_data_format": "topsecret",
    }
    with pytest.raises(PropertyError) as error:
        resolve(of("OS::Nova::Server"), given)
    found = {(problem.kind, problem.path) for problem in error.value.problems}
    assert found == {
        (Kind.UNKNOWN, ("flavour",)),
        (Kind.MISSING, ("flavor",)),
        (Kind.CONSTRAINT, ("networks", 0, "fixed_ip")),
        (Kind.UNKNOWN, ("networks", 1, "prot")),
        (Kind.TYPE, ("metadata",)),
        (Kind.CONSTRAINT, ("user_data_format",)),
    }
    assert "topsecret" not in str(error.value)
    assert "networks[0].fixed_ip is not an IP address" in str(error.value)
    assert "\n" not in str(error.value)


NOTHING_WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "a value": ("OS::Cinder::Volume", {"size": UNKNOWN}),
    "a required one": ("OS::Nova::Server", {"flavor": UNKNOWN}),
    "an item": ("OS::Neutron::Net", {"tags": [UNKNOWN, "a"]}),
    "one inside": ("OS::Nova::Server", {"flavor": "f", "networks": [{"network": UNKNOWN}]}),
    "one of two names": ("OS::Neutron::Port", {"network": UNKNOWN, "network_id": "n"}),
    "the other of two names": ("OS::Neutron::Port", {"network": "n", "network_id": UNKNOWN}),
    "what a rule depends on": ("OS::Heat::RandomString", {"sequence": UNKNOWN}),
    "what decides a type": ("OS::Heat::Value", {"type": UNKNOWN, "value": [1]}),
    "an item of few": (
        "OS::Keystone::Endpoint",
        {"service": "s", "interface": UNKNOWN, "url": "u"},
    ),
}


@pytest.mark.parametrize("case", NOTHING_WRONG)
def test_nothing_is_wrong_with_what_is_not_known(case: str) -> None:
    name, given = NOTHING_WRONG[case]
    assert check(of(name), given) == []


def test_what_is_known_beside_it_is_checked() -> None:
    given = {"flavor": UNKNOWN, "networks": [{"network": UNKNOWN, "fixed_ip": "x"}], "tags": [[]]}
    paths = [problem.path for problem in check(of("OS::Nova::Server"), given)]
    assert paths == [("networks", 0, "fixed_ip"), ("tags", 0)]


def test_every_type_can_be_asked_for_nothing() -> None:
    from wfbreak.types import schema

    for name in schema.names():
        assert all(problem.kind is Kind.MISSING for problem in check(of(name), {})), name
