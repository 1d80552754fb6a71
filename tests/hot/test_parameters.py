"""A parameter takes and refuses what Heat takes and refuses, and gives the same value."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfbreak.hot.constraints import AllowedValues, Custom, Length, ParameterDefinitionError, Range
from wfbreak.hot.custom_constraints import broken_rule
from wfbreak.hot.parameters import (
    ParameterSchema,
    ParameterType,
    ParameterValueError,
    check,
    convert,
    from_plain,
    to_plain,
)

FAILS = object()

# A declaration, a given value, and what {get_param} gives in openstack-heat 27.0.1
# (heat.engine.parameters.Parameter, validated), or that it is refused.
HEAT: list[tuple[dict[str, Any], Any, Any]] = [
    ({"type": "string"}, "x", "x"),
    ({"type": "string"}, "", ""),
    ({"type": "string"}, 5, "5"),
    ({"type": "string"}, True, "True"),
    ({"type": "string"}, 1.5, "1.5"),
    ({"type": "string"}, ["a"], "['a']"),
    ({"type": "string"}, {"a": 1}, "{'a': 1}"),
    ({"type": "number"}, "12", 12),
    ({"type": "number"}, "1.5", 1.5),
    ({"type": "number"}, "1e3", 1000.0),
    ({"type": "number"}, " 7 ", 7),
    ({"type": "number"}, "1_0", 10),
    ({"type": "number"}, "x", FAILS),
    ({"type": "number"}, "", FAILS),
    ({"type": "number"}, True, True),
    ({"type": "number"}, 3, 3),
    ({"type": "number"}, 2.5, 2.5),
    ({"type": "number"}, [1], FAILS),
    ({"type": "number"}, "0x10", FAILS),
    ({"type": "number"}, "-3", -3),
    ({"type": "boolean"}, "true", True),
    ({"type": "boolean"}, "On", True),
    ({"type": "boolean"}, "y", True),
    ({"type": "boolean"}, "0", False),
    ({"type": "boolean"}, " no ", False),
    ({"type": "boolean"}, "2", FAILS),
    ({"type": "boolean"}, "", FAILS),
    ({"type": "boolean"}, True, True),
    ({"type": "boolean"}, 0, False),
    ({"type": "boolean"}, 1, True),
    ({"type": "boolean"}, "maybe", FAILS),
    ({"type": "boolean"}, [], FAILS),
    ({"type": "comma_delimited_list"}, "a, b", ["a", " b"]),
    ({"type": "comma_delimited_list"}, "", []),
    ({"type": "comma_delimited_list"}, "a", ["a"]),
    ({"type": "comma_delimited_list"}, ["a", 1, None], ["a", "1", "None"]),
    ({"type": "comma_delimited_list"}, 5, FAILS),
    ({"type": "comma_delimited_list"}, {"a": 1}, FAILS),
    ({"type": "comma_delimited_list"}, ",", ["", ""]),
    ({"type": "comma_delimited_list"}, True, FAILS),
    ({"type": "json"}, '{"a": [1]}', {"a": [1]}),
    ({"type": "json"}, "[1]", [1]),
    ({"type": "json"}, "5", 5),
    ({"type": "json"}, "", ""),
    ({"type": "json"}, "x", FAILS),
    ({"type": "json"}, {"a": {1: 2}}, {"a": {"1": 2}}),
    ({"type": "json"}, [1, "a"], [1, "a"]),
    ({"type": "json"}, 5, 5),
    ({"type": "json"}, True, True),
    ({"type": "string", "constraints": [{"length": {"min": 2, "max": 3}}]}, "a", FAILS),
    ({"type": "string", "constraints": [{"length": {"min": 2, "max": 3}}]}, "ab", "ab"),
    ({"type": "string", "constraints": [{"length": {"min": 2, "max": 3}}]}, "abc", "abc"),
    ({"type": "string", "constraints": [{"length": {"min": 2, "max": 3}}]}, "abcd", FAILS),
    ({"type": "string", "constraints": [{"length": {"min": 2, "max": 3}}]}, 5, FAILS),
    ({"type": "string", "constraints": [{"length": {"min": 2, "max": 3}}]}, 55, FAILS),
    ({"type": "comma_delimited_list", "constraints": [{"length": {"max": 1}}]}, "a", ["a"]),
    ({"type": "comma_delimited_list", "constraints": [{"length": {"max": 1}}]}, "a,b", FAILS),
    ({"type": "comma_delimited_list", "constraints": [{"length": {"max": 1}}]}, "", []),
    ({"type": "comma_delimited_list", "constraints": [{"length": {"max": 1}}]}, ["a", "b"], FAILS),
    ({"type": "json", "constraints": [{"length": {"min": 1}}]}, "{}", FAILS),
    ({"type": "json", "constraints": [{"length": {"min": 1}}]}, '{"a":1}', {"a": 1}),
    ({"type": "json", "constraints": [{"length": {"min": 1}}]}, "[]", FAILS),
    ({"type": "json", "constraints": [{"length": {"min": 1}}]}, [1], [1]),
    ({"type": "json", "constraints": [{"length": {"min": 1}}]}, "", FAILS),
    ({"type": "number", "constraints": [{"range": {"min": 1, "max": "5"}}]}, "0", FAILS),
    ({"type": "number", "constraints": [{"range": {"min": 1, "max": "5"}}]}, "1", 1),
    ({"type": "number", "constraints": [{"range": {"min": 1, "max": "5"}}]}, "5.0", 5.0),
    ({"type": "number", "constraints": [{"range": {"min": 1, "max": "5"}}]}, "5.1", FAILS),
    ({"type": "number", "constraints": [{"range": {"min": 1, "max": "5"}}]}, 6, FAILS),
    ({"type": "number", "constraints": [{"range": {"min": 1, "max": "5"}}]}, 3, 3),
    ({"type": "number", "constraints": [{"modulo": {"step": 3, "offset": 1}}]}, "4", 4),
    ({"type": "number", "constraints": [{"modulo": {"step": 3, "offset": 1}}]}, "5", FAILS),
    ({"type": "number", "constraints": [{"modulo": {"step": 3, "offset": 1}}]}, 7, 7),
    ({"type": "number", "constraints": [{"modulo": {"step": 3, "offset": 1}}]}, "-2", -2),
    ({"type": "string", "constraints": [{"allowed_values": ["a", 1, True]}]}, "a", "a"),
    ({"type": "string", "constraints": [{"allowed_values": ["a", 1, True]}]}, "1", "1"),
    ({"type": "string", "constraints": [{"allowed_values": ["a", 1, True]}]}, 1, "1"),
    ({"type": "string", "constraints": [{"allowed_values": ["a", 1, True]}]}, "True", "True"),
    ({"type": "string", "constraints": [{"allowed_values": ["a", 1, True]}]}, "true", FAILS),
    ({"type": "string", "constraints": [{"allowed_values": ["a", 1, True]}]}, "b", FAILS),
    ({"type": "number", "constraints": [{"allowed_values": ["1", 2.0]}]}, "1", 1),
    ({"type": "number", "constraints": [{"allowed_values": ["1", 2.0]}]}, 1, 1),
    ({"type": "number", "constraints": [{"allowed_values": ["1", 2.0]}]}, "2", 2),
    ({"type": "number", "constraints": [{"allowed_values": ["1", 2.0]}]}, 2, 2),
    ({"type": "number", "constraints": [{"allowed_values": ["1", 2.0]}]}, "3", FAILS),
    ({"type": "boolean", "constraints": [{"allowed_values": [True]}]}, "yes", True),
    ({"type": "boolean", "constraints": [{"allowed_values": [True]}]}, "no", FAILS),
    ({"type": "boolean", "constraints": [{"allowed_values": [True]}]}, 1, True),
    (
        {"type": "comma_delimited_list", "constraints": [{"allowed_values": ["a", "b"]}]},
        "a,b",
        ["a", "b"],
    ),
    (
        {"type": "comma_delimited_list", "constraints": [{"allowed_values": ["a", "b"]}]},
        "a, b",
        FAILS,
    ),
    ({"type": "comma_delimited_list", "constraints": [{"allowed_values": ["a", "b"]}]}, "c", FAILS),
    ({"type": "comma_delimited_list", "constraints": [{"allowed_values": ["a", "b"]}]}, "", []),
    (
        {"type": "comma_delimited_list", "constraints": [{"allowed_values": ["a", "b"]}]},
        ["a"],
        ["a"],
    ),
    ({"type": "string", "constraints": [{"allowed_pattern": "[a-z]+"}]}, "abc", "abc"),
    ({"type": "string", "constraints": [{"allowed_pattern": "[a-z]+"}]}, "abc1", FAILS),
    ({"type": "string", "constraints": [{"allowed_pattern": "[a-z]+"}]}, "", FAILS),
    ({"type": "string", "constraints": [{"allowed_pattern": "[a-z]+"}]}, "ab\n", FAILS),
    ({"type": "string", "constraints": [{"allowed_pattern": "[a-z]+"}]}, 5, FAILS),
    ({"type": "string", "constraints": [{"allowed_pattern": "a|ab"}]}, "a", "a"),
    ({"type": "string", "constraints": [{"allowed_pattern": "a|ab"}]}, "ab", FAILS),
    ({"type": "string", "constraints": [{"allowed_pattern": "[a-z]+$"}]}, "ab\n", FAILS),
]

# A declaration, and whether openstack-heat 27.0.1 takes it.
DECLARATIONS: list[tuple[dict[str, Any], bool]] = [
    ({"type": "text"}, False),
    ({}, False),
    ({"type": "json", "constraints": [{"allowed_values": [1]}]}, False),
    ({"type": "string", "constraints": [{"range": {"min": 1}}]}, False),
    ({"type": "string", "constraints": [{"length": {}}]}, False),
    ({"type": "string", "constraints": [{"length": {"min": 1.5}}]}, False),
    ({"type": "number", "constraints": [{"range": {"min": "x"}}]}, False),
    ({"type": "number", "constraints": [{"modulo": {"step": 2, "offset": 2}}]}, False),
    ({"type": "number", "constraints": [{"modulo": {"step": 2, "offset": -1}}]}, False),
    ({"type": "number", "constraints": [{"modulo": {"step": 2}}]}, False),
    ({"type": "string", "constraints": [{"description": "x"}]}, False),
    ({"type": "string", "constraints": [{"nope": 1}]}, False),
    ({"type": "string", "constraints": [{"allowed_pattern": "("}]}, False),
    ({"type": "string", "constraints": {"length": {}}}, False),
    ({"type": "string", "constraints": [{"allowed_values": "ab"}]}, False),
    ({"type": "string", "constraints": [{"length": {"min": 1, "x": 2}}]}, False),
    ({"type": "string", "constraints": [{"length": {"max": 3}, "allowed_values": ["a"]}]}, True),
]


@pytest.mark.parametrize(("declaration", "value", "expected"), HEAT)
def test_value_is_heats(declaration: dict[str, Any], value: Any, expected: Any) -> None:
    schema = from_plain("p", declaration)
    if expected is FAILS:
        with contextlib.suppress(ParameterValueError):
            assert check(schema, value)
    else:
        assert check(schema, value) == []
        result = convert(schema, value)
        assert result == expected
        assert type(result) is type(expected)


@pytest.mark.parametrize(("declaration", "taken"), DECLARATIONS)
def test_declaration_is_taken_as_by_heat(declaration: dict[str, Any], taken: bool) -> None:
    if taken:
        from_plain("p", declaration)
    else:
        with pytest.raises(ParameterDefinitionError):
            from_plain("p", declaration)


def test_no_value_is_refused() -> None:
    with pytest.raises(ParameterValueError, match="has no value"):
        convert(ParameterSchema("p", ParameterType.STRING), None)


def test_all_broken_constraints_are_told_in_words() -> None:
    schema = ParameterSchema(
        "size",
        ParameterType.NUMBER,
        constraints=(Range(1, 5), AllowedValues((1, 2)), Range(min=0, description="not negative")),
    )
    assert check(schema, "-9") == [
        "-9 is not between 1 and 5",
        "-9 is not one of [1, 2]",
        "not negative",
    ]


@given(
    st.sampled_from(ParameterType),
    st.text(alphabet="qxz", min_size=6),
)
def test_a_hidden_value_is_never_shown(kind: ParameterType, value: str) -> None:
    schema = ParameterSchema(
        "p",
        kind,
        hidden=True,
        constraints=(Length(max=2), AllowedValues(("*",)), Custom("ip_addr")),
    )
    try:
        texts = check(schema, value)
    except ParameterValueError as error:
        texts = [str(error)]
    assert texts
    assert not any(value in text for text in texts)


def test_plain_form_is_hots_declaration_and_comes_back() -> None:
    declaration = {
        "type": "number",
        "label": "Size",
        "description": "How many",
        "hidden": True,
        "immutable": True,
        "default": 3,
        "constraints": [
            {"range": {"min": 1}, "description": "at least one"},
            {"modulo": {"step": 2, "offset": 1}},
            {"allowed_values": [1, 3, 5]},
            {"custom_constraint": "nova.flavor"},
        ],
        "tags": ["a"],
    }
    schema = from_plain("n", declaration)
    assert to_plain(schema) == declaration
    assert from_plain("n", to_plain(schema)) == schema


def test_cloudformation_spellings() -> None:
    assert ParameterType.parse("CommaDelimitedList") is ParameterType.LIST
    assert ParameterType.parse("Json") is ParameterType.JSON


# A constraint's name, a value, and whether openstack-heat 27.0.1 takes it
# (heat.engine.constraint.common_constraints).
CUSTOM: list[tuple[str, Any, bool]] = [
    ("ip_addr", "1.2.3.4", True),
    ("ip_addr", "1.2.3", False),
    ("ip_addr", "010.0.0.1", False),
    ("ip_addr", "::1", True),
    ("ip_addr", "fe80::1%eth0", False),
    ("ip_addr", "1.2.3.4 ", False),
    ("ip_addr", 5, False),
    ("net_cidr", "10.0.0.0/24", True),
    ("net_cidr", "10.0.0.1/24", True),
    ("net_cidr", "10.0.0.0", False),
    ("net_cidr", "10/8", False),
    ("net_cidr", "10.0.0.0/255.0.0.0", False),
    ("net_cidr", "fe80::1/64", True),
    ("ip_or_cidr", "10.0.0.0", True),
    ("ip_or_cidr", "10.0.0.0/33", False),
    ("mac_addr", "00:00:5e:00:53:01", True),
    ("mac_addr", "0000.5e00.5301", True),
    ("mac_addr", "00:00:5e:00:53", False),
    ("mac_addr", "00:00-5e:00:53:01", False),
    ("dns_name", "a.b", True),
    ("dns_name", "A.b", False),
    ("dns_name", "a..b", False),
    ("dns_name", "a.123.", False),
    ("dns_name", "a.123", True),
    ("dns_domain", "a.b.", True),
    ("dns_domain", "a.b", False),
    ("rel_dns_name", "a", True),
    ("rel_dns_name", "a.", False),
    ("cron_expression", "*/5 0-3 1,2 jan mon", True),
    ("cron_expression", "@daily", True),
    ("cron_expression", "* * * *", False),
    ("timezone", "Europe/Vienna", True),
    ("timezone", "Mars/X", False),
    ("iso_8601", "2020-01-01T00:00:00+02:00", True),
    ("iso_8601", "2020", True),
    ("iso_8601", "x", False),
    ("expiration", "2020-01-01T00:00:00Z", False),
    ("expiration", "2120-01-01T00:00:00Z", True),
    ("expiration", "", True),
    ("json_string", "{}", True),
    ("json_string", "x", False),
    ("nova.flavor", "anything", True),
]


@pytest.mark.parametrize(("name", "value", "taken"), CUSTOM)
def test_custom_constraint_is_heats(name: str, value: Any, taken: bool) -> None:
    assert (broken_rule(name, value) is None) is taken
