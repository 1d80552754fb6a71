"""The intrinsic functions give Heat's results, and fail where Heat fails."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfbreak.hot import functions
from wfbreak.hot.functions import FunctionError

FAILS = object()

# HOT's name (with the year for an old behaviour), HOT's argument, and the result of the class of
# that function in openstack-heat 27.0.1, called on that very argument.
HEAT: list[tuple[str, Any, Any]] = [
    ("str_replace", {"template": "a.b.ab", "params": {"a": "x", "ab": "y"}}, "x.b.y"),
    ("str_replace", {"template": "abcd", "params": {"ab": "1", "bcd": "2"}}, "a2"),
    ("str_replace", {"template": "xy", "params": {"x": "y", "y": "z"}}, "yz"),
    ("str_replace", {"template": "$v", "params": {"$v": None}}, ""),
    ("str_replace", {"template": "$v", "params": {"$v": True}}, "True"),
    ("str_replace", {"template": "$v", "params": {"$v": 1.5}}, "1.5"),
    (
        "str_replace",
        {"template": "$v", "params": {"$v": {"b": [1, None], "a": "ä"}}},
        '{"a": "\\u00e4", "b": [1, null]}',
    ),
    ("str_replace", {"template": "$v $w", "params": {"$v": [], "$w": {}}}, "[] {}"),
    ("str_replace", {"template": "t", "params": {}}, "t"),
    ("str_replace", {"template": "t", "params": None}, FAILS),
    ("str_replace", {"template": 5, "params": {"5": "x"}}, FAILS),
    ("str_replace", {"template": "t", "params": {"": "x"}}, FAILS),
    ("str_replace", {"template": "t", "params": ["t"]}, FAILS),
    ("str_replace", {"template": "aaa", "params": {"aa": "b", "a": "aa"}}, "baa"),
    ("str_replace_2013", {"template": "$v", "params": {"$v": ["x"]}}, FAILS),
    ("str_replace_2013", {"template": "$v-$n", "params": {"$v": False, "$n": None}}, "False-"),
    ("str_replace_strict", {"template": "a b", "params": {"a": "1"}}, "1 b"),
    ("str_replace_strict", {"template": "a b", "params": {"a": "1", "c": "2"}}, FAILS),
    ("str_replace_strict", {"template": "ab", "params": {"ab": "1", "a": "2"}}, FAILS),
    ("str_replace_strict", {"template": "a", "params": {"a": None}}, ""),
    ("str_replace_vstrict", {"template": "a", "params": {"a": None}}, FAILS),
    ("str_replace_vstrict", {"template": "a", "params": {"a": ""}}, FAILS),
    ("str_replace_vstrict", {"template": "a", "params": {"a": []}}, FAILS),
    ("str_replace_vstrict", {"template": "a", "params": {"a": 0}}, "0"),
    ("list_join", [", ", ["a", "b"], ["c"]], "a, b, c"),
    ("list_join", ["-", ["a", None, "b"]], "a--b"),
    ("list_join", ["-", [{"k": [1, "x"]}, ["y", True]]], '{"k": [1, "x"]}-["y", true]'),
    ("list_join", ["-", [1]], FAILS),
    ("list_join", ["-", [True]], FAILS),
    ("list_join", ["-", None, "", [], ["a"]], "a"),
    ("list_join", ["-", "abc"], FAILS),
    ("list_join", ["-", {"a": "b"}], FAILS),
    ("list_join", ["-"], FAILS),
    ("list_join", [1, ["a", "b"]], FAILS),
    ("list_join", ["", ["a", "b"]], "ab"),
    ("list_join_2013", ["-", ["a", None, "b"]], "a--b"),
    ("list_join_2013", ["-", None], ""),
    ("list_join_2013", ["-", ["a"], ["b"]], FAILS),
    ("list_join_2013", ["-", [["a"]]], FAILS),
    ("list_join_2013", ["-", ""], FAILS),
    ("str_split", [",", "a,b,,c"], ["a", "b", "", "c"]),
    ("str_split", [",", "a,b,c", 1], "b"),
    ("str_split", [",", "a,b,c", "2"], "c"),
    ("str_split", [",", "a,b,c", -1], "c"),
    ("str_split", [",", "a,b,c", 3], FAILS),
    ("str_split", [",", "a,b,c", "x"], FAILS),
    ("str_split", [",", "a,b,c", None], FAILS),
    ("str_split", [",", None], None),
    ("str_split", [None, " a b "], ["a", "b"]),
    ("str_split", ["", "ab"], FAILS),
    ("str_split", [",", 5], FAILS),
    ("str_split", [1, "a1b"], FAILS),
    ("str_split", [",", ""], [""]),
    ("str_split", [",", "a,b", 0, "ignored"], "a"),
    ("digest", ["md5", "foo"], "acbd18db4cc2f85cedef654fccc4a4d8"),
    ("digest", ["SHA256", "ü"], "98722e2ebed8ed3d3652e11e4181f0dccc1ce7d192d8f1db370af8ec4a4e174a"),
    (
        "digest",
        ["sha512", ""],
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    ),
    ("digest", ["sha1", "€"], FAILS),
    ("digest", ["none", "x"], FAILS),
    ("digest", ["md5", 5], FAILS),
    ("digest", ["shake_128", "x"], FAILS),
    ("repeat", {"template": "p-%v%", "for_each": {"%v%": ["1", "2"]}}, ["p-1", "p-2"]),
    (
        "repeat",
        {"template": {"%a%": ["%b%", 5, None]}, "for_each": {"%a%": ["x", "y"], "%b%": ["1", "2"]}},
        [
            {"x": ["1", 5, None]},
            {"x": ["2", 5, None]},
            {"y": ["1", 5, None]},
            {"y": ["2", 5, None]},
        ],
    ),
    (
        "repeat",
        {
            "template": "%a%%b%",
            "for_each": {"%a%": ["x", "y"], "%b%": ["1", "2"]},
            "permutations": False,
        },
        ["x1", "y2"],
    ),
    (
        "repeat",
        {
            "template": "%a%%b%",
            "for_each": {"%a%": ["x", "y"], "%b%": ["1"]},
            "permutations": False,
        },
        FAILS,
    ),
    ("repeat", {"template": "%a%", "for_each": {"%a%": {"k1": 1, "k2": 2}}}, ["k1", "k2"]),
    ("repeat", {"template": "%a%", "for_each": {"%a%": {"k1": 1}}, "permutations": False}, FAILS),
    ("repeat", {"template": "%a%", "for_each": {"%a%": None}}, []),
    (
        "repeat",
        {"template": "%a%%b%", "for_each": {"%a%": None, "%b%": ["x"]}, "permutations": False},
        [],
    ),
    ("repeat", {"template": "%a%", "for_each": {"%a%": "text"}}, FAILS),
    ("repeat", {"template": "%a%", "for_each": {"%a%": [1]}}, FAILS),
    ("repeat", {"template": 7, "for_each": {"%a%": [1, 2]}}, [7, 7]),
    ("repeat", {"template": "%a%", "for_each": {}}, FAILS),
    ("repeat", {"template": "%a%", "for_each": {"%a%": []}}, []),
    ("repeat", {"template": "ab", "for_each": {"a": ["b"], "b": ["c"]}}, ["cc"]),
    ("repeat", {"template": "x", "for_each": {"a": ["b"]}, "permutations": "no"}, FAILS),
    ("repeat_2015", {"template": "%a%", "for_each": {"%a%": {"k1": 1}}}, FAILS),
    ("map_merge", [{"a": 1, "b": {"x": 1}}, {"b": {"y": 2}}, None], {"a": 1, "b": {"y": 2}}),
    ("map_merge", [], {}),
    ("map_merge", ["x"], FAILS),
    ("map_merge", [[]], FAILS),
    (
        "map_replace",
        [{"a": "1", "b": "2"}, {"keys": {"a": "A"}, "values": {"2": "B"}}],
        {"A": "1", "b": "B"},
    ),
    ("map_replace", [{"a": "1", "b": "2"}, {"keys": {"a": "b"}}], FAILS),
    ("map_replace", [{"a": "1", "b": "2"}, {"keys": {"a": "c", "b": "c"}}], FAILS),
    ("map_replace", [{"a": ["x"], "b": None}, {"values": {"x": "y"}}], {"a": ["x"], "b": None}),
    ("map_replace", [{"a": "1"}, {"keys": {"a": "a"}}], {"a": "1"}),
    ("map_replace", [{"a": "1"}, {"keys": {"a": None}}], {"a": "1"}),
    ("map_replace", [{"a": 1, "b": 2}, {"keys": {"a": False, "b": "x"}}], {"false": 1, "x": 2}),
    ("map_replace", [None, {"keys": None}], {}),
    ("map_replace", [["a"], {"keys": {}}], FAILS),
    ("map_replace", [{"a": "b", "b": "c"}, {"keys": {"a": "b", "b": "a"}}], FAILS),
    ("list_concat", [["a"], None, ["a", 1]], ["a", "a", 1]),
    ("list_concat", [["a"], "b"], FAILS),
    ("list_concat", [], []),
    ("list_concat_unique", [["a", 1], ["a", True, {"x": 1}], [{"x": 1}]], ["a", 1, {"x": 1}]),
    ("filter", [["a"], ["a", "b", "a"]], ["b"]),
    ("filter", [[], ["a"]], ["a"]),
    ("filter", [None, ["a"]], ["a"]),
    ("filter", ["a", ["a"]], FAILS),
    ("filter", [["a"], "abc"], FAILS),
    ("filter", [["a"], None], None),
    ("filter", [["a"], ""], ""),
    ("filter", [["a"], {}], {}),
    ("contains", ["a", ["a", "b"]], True),
    ("contains", ["b", "abc"], True),
    ("contains", [1, "abc"], FAILS),
    ("contains", [1, [True]], True),
    ("contains", ["a", {"a": 1}], FAILS),
    ("contains", ["a", None], FAILS),
    (
        "make_url",
        {
            "scheme": "http",
            "username": "u:ser",
            "password": "p@ss",
            "host": "ex.com",
            "port": 8080,
            "path": "/a b",
            "query": {"q": "x/y z", "n": 1},
            "fragment": "f g",
        },
        "http://u%3Aser:p%40ss@ex.com:8080/a%20b?q=x/y+z&n=1#f%20g",
    ),
    ("make_url", {"host": "::1", "port": "80"}, "//[::1]:80"),
    ("make_url", {"scheme": "http", "host": "[2001:db8::1]"}, "http://[2001:db8::1]"),
    ("make_url", {"scheme": "ht:tp"}, FAILS),
    ("make_url", {"port": 0}, FAILS),
    ("make_url", {"port": 70000}, FAILS),
    ("make_url", {"port": "x"}, FAILS),
    ("make_url", {"port": None}, FAILS),
    ("make_url", {"host": 5}, FAILS),
    ("make_url", {}, ""),
    ("make_url", {"scheme": "http", "host": "h", "path": "x"}, "http://h/x"),
    ("make_url", {"scheme": "file", "path": "/x"}, "file:///x"),
    ("make_url", {"password": "p", "host": "h"}, "//:p@h"),
    ("make_url", {"query": "x"}, FAILS),
    ("make_url", {"query": {"a": [1, 2], "b": None}}, "?a=%5B1%2C+2%5D&b=None"),
    ("make_url", {"host": "h", "nope": 1}, FAILS),
    ("make_url", {"host": "münchen", "port": "080"}, "//m%C3%BCnchen:080"),
    ("equals", [1, True], True),
    ("equals", ["1", 1], False),
    ("equals", [{"a": [1]}, {"a": [1.0]}], True),
    ("Fn::Select", ["1", ["a", "b"]], "b"),
    ("Fn::Select", ["5", ["a", "b"]], ""),
    ("Fn::Select", [-1, ["a", "b"]], "b"),
    ("Fn::Select", ["k", {"k": "v"}], "v"),
    ("Fn::Select", ["x", {"k": "v"}], ""),
    ("Fn::Select", [1, {"k": "v"}], FAILS),
    ("Fn::Select", ["0", '["j"]'], "j"),
    ("Fn::Select", ["0", ""], ""),
    ("Fn::Select", ["0", None], ""),
    ("Fn::Select", ["0", "null"], ""),
    ("Fn::Select", ["0", "a,b"], FAILS),
    ("Fn::Select", ["x", ["a"]], FAILS),
    ("Fn::Select", ["0", 5], FAILS),
]

CALLS: dict[str, Callable[[Any], Any]] = {
    "str_replace": lambda a: functions.str_replace(a["template"], a["params"]),
    "str_replace_2013": lambda a: functions.str_replace(
        a["template"], a["params"], json_values=False
    ),
    "str_replace_strict": lambda a: functions.str_replace_strict(a["template"], a["params"]),
    "str_replace_vstrict": lambda a: functions.str_replace_vstrict(a["template"], a["params"]),
    "list_join": lambda a: functions.list_join(*a),
    "list_join_2013": lambda a: functions.list_join(*a, json_values=False),
    "str_split": lambda a: functions.str_split(*a),
    "digest": lambda a: functions.digest(*a),
    "repeat": lambda a: functions.repeat(**a),
    "repeat_2015": lambda a: functions.repeat(**a, maps=False),
    "map_merge": lambda a: functions.map_merge(*a),
    "map_replace": lambda a: functions.map_replace(a[0], **a[1]),
    "list_concat": lambda a: functions.list_concat(*a),
    "list_concat_unique": lambda a: functions.list_concat_unique(*a),
    "filter": lambda a: functions.filter_values(*a),
    "contains": lambda a: functions.contains(*a),
    "make_url": functions.make_url,
    "equals": lambda a: functions.equals(*a),
    "Fn::Select": lambda a: functions.fn_select(*a),
}


@pytest.mark.parametrize(("name", "argument", "expected"), HEAT)
def test_result_is_heats(name: str, argument: Any, expected: Any) -> None:
    before = copy.deepcopy(argument)
    if expected is FAILS:
        with pytest.raises(FunctionError) as failure:
            CALLS[name](argument)
        assert str(failure.value).startswith(name.split("_2")[0])
        assert "\n" not in str(failure.value)
    else:
        result = CALLS[name](argument)
        assert result == expected
        assert type(result) is type(expected)
    assert argument == before, "an argument was changed"


TREE: Any = {"l": ["a", {"k": "v"}, [1]], "m": {"0": "zero", "n": None}, "s": "text", "i": 7}

# A path, what a get_attr and what a get_param of openstack-heat 27.0.1 find in TREE.
PATHS: list[tuple[list[Any], Any, Any]] = [
    (["l", 0], "a", "a"),
    (["l", "0"], None, "a"),
    (["l", -1, 0], 1, 1),
    (["l", "-1", "0"], None, 1),
    (["l", 9], None, ""),
    (["l", "x"], None, ""),
    (["l", 1, "k"], "v", "v"),
    (["m", "0"], "zero", "zero"),
    (["m", 0], None, ""),
    (["m", "n"], None, None),
    (["m", "n", "x"], None, ""),
    (["s", 1], "e", "e"),
    (["s", "1"], None, "e"),
    (["i", "x"], None, ""),
    (["x"], None, ""),
    (["l", None], None, ""),
    (["l", True], {"k": "v"}, {"k": "v"}),
    (["l", 1.0], None, ""),
    (["l", ["a"]], None, ""),
    (
        [],
        {"l": ["a", {"k": "v"}, [1]], "m": {"0": "zero", "n": None}, "s": "text", "i": 7},
        {"l": ["a", {"k": "v"}, [1]], "m": {"0": "zero", "n": None}, "s": "text", "i": 7},
    ),
]


@pytest.mark.parametrize(("path", "attribute", "parameter"), PATHS)
def test_path_is_heats(path: list[Any], attribute: Any, parameter: Any) -> None:
    assert functions.select(TREE, *path) == attribute
    assert functions.get_param(TREE, *path) == parameter


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
words = st.text(alphabet="abc", max_size=12)


def _replace_as_documented(template: str, params: dict[str, str]) -> str:
    """Longest keys first, over pieces that no earlier key has touched."""
    pieces: list[tuple[str, bool]] = [(template, False)]
    for key in sorted(params, key=lambda k: (-len(k), k)):
        after: list[tuple[str, bool]] = []
        for text, done in pieces:
            if done:
                after.append((text, True))
                continue
            first, *others = text.split(key)
            after.append((first, False))
            for other in others:
                after += [(params[key], True), (other, False)]
        pieces = after
    return "".join(text for text, _ in pieces)


@given(words, st.dictionaries(st.text(alphabet="abc", min_size=1, max_size=3), words, max_size=5))
def test_str_replace_is_one_pass(template: str, params: dict[str, str]) -> None:
    assert functions.str_replace(template, params) == _replace_as_documented(template, params)


@given(plain)
def test_str_replace_inserts_structures_as_json(value: Any) -> None:
    text = functions.str_replace("%v%", {"%v%": value})
    if isinstance(value, (list, dict)):
        assert json.loads(text) == value
    else:
        assert text == functions.to_text(value)


@given(st.lists(st.text(alphabet="ab", max_size=3), min_size=1))
def test_str_split_undoes_list_join(items: list[str]) -> None:
    assert functions.str_split(",", functions.list_join(",", items)) == items


@given(st.lists(plain), st.lists(plain))
def test_list_concat_unique_keeps_order_and_every_item(first: list[Any], second: list[Any]) -> None:
    result = functions.list_concat_unique(first, second)
    assert all(item in result for item in first + second)
    assert all(item not in result[:index] for index, item in enumerate(result))
    assert functions.list_concat_unique(result) == result


@given(st.lists(plain), st.lists(plain))
def test_filter_leaves_none_of_the_values(values: list[Any], sequence: list[Any]) -> None:
    result = functions.filter_values(values, sequence)
    assert not any(item in values for item in result)
    assert [item for item in sequence if item not in values] == result


@given(st.lists(st.text(max_size=2), max_size=4), st.lists(st.text(max_size=2), max_size=4))
def test_repeat_has_a_copy_per_combination(first: list[str], second: list[str]) -> None:
    result = functions.repeat({"x": ["%1%", "%2%"]}, {"%1%": first, "%2%": second})
    assert len(result) == len(first) * len(second)


@given(st.dictionaries(st.text(), plain), st.dictionaries(st.text(), plain))
def test_map_merge_lets_the_later_win(first: dict[str, Any], second: dict[str, Any]) -> None:
    merged = functions.map_merge(first, second)
    assert merged == {**first, **second}


@given(plain, st.lists(st.text(max_size=3) | st.integers(-3, 3) | st.none() | st.floats()))
def test_a_path_never_raises(value: Any, path: list[Any]) -> None:
    functions.select(value, *path)
    functions.get_param(value, *path)


@given(st.sampled_from(sorted(CALLS)), st.lists(plain, min_size=2, max_size=2))
def test_only_function_errors_come_out(name: str, arguments: list[Any]) -> None:
    call = {
        "str_replace": functions.str_replace,
        "repeat": functions.repeat,
        "map_replace": functions.map_replace,
        "make_url": lambda first, second: functions.make_url({"host": first, "port": second}),
    }.get(name, lambda *both: CALLS[name](list(both)))
    if name.startswith(("str_replace_", "repeat_")):
        return
    with contextlib.suppress(FunctionError):
        call(*arguments)
