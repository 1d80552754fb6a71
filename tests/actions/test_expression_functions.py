"""The functions as an expression of the engine calls them, with the real expression language."""

from __future__ import annotations

import collections.abc  # noqa: F401  # yaql uses it without importing it
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaql
from yaql.language import factory, utils

from wfbreak import keys, secrets
from wfbreak.actions import functions

Evaluate = Callable[..., Any]
FUNCTIONS = [name for name in dir(functions) if name.startswith("hot_")]


@pytest.fixture
def evaluate() -> Evaluate:
    """Evaluates a text with ``$`` set to a map, as Mistral does."""
    library = yaql.create_context()
    for name in FUNCTIONS:
        library.register_function(getattr(functions, name), name=name)
    engine = factory.YaqlFactory().create({"yaql.convertOutputData": True})

    def run(text: str, **data: Any) -> Any:
        context = library.create_child_context()
        context["$"] = utils.convert_input_data(data)
        return engine(text).evaluate(context=context)

    return run


@pytest.fixture
def box(tmp_path: Path) -> secrets.Box:
    ring = keys.create_keys(tmp_path / "key")
    return secrets.Box(secrets.Place("execution-1"), lambda: ring)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hot_contains(a, [a, b])", True),
        ('hot_digest(md5, "foo")', "acbd18db4cc2f85cedef654fccc4a4d8"),
        ("hot_equals({a => [1]}, {a => [1]})", True),
        ("hot_filter([a], [a, b].where(true))", ["b"]),
        ('hot_fn_select("1", [a, b])', "b"),
        ("hot_list_concat([1], $.list.select($ + 1), null)", [1, 2, 3]),
        ("hot_list_concat_unique([1, 2], [2])", [1, 2]),
        ('hot_list_join("-", [a, {k => null}], [[1]])', 'a-{"k": null}-[1]'),
        ('hot_list_join_2013("-", [a, b])', "a-b"),
        ("hot_make_url({scheme => http, host => h, port => 80})", "http://h:80"),
        ("hot_map_merge({a => 1}, null, {b => set(2, 1)})", {"a": 1, "b": [1, 2]}),
        ("hot_map_replace({a => x}, {a => b}, null)", {"b": "x"}),
        ('hot_repeat({n => "%v%"}, {"%v%" => [a, b]}, true, true)', [{"n": "a"}, {"n": "b"}]),
        ('hot_str_replace("$x", {"$x" => $.list}, true)', "[1, 2]"),
        ('hot_str_replace_strict("$x", {"$x" => 1})', "1"),
        ('hot_str_replace_vstrict("$x", {"$x" => 1})', "1"),
        ('hot_str_split(",", "a,b")', ["a", "b"]),
        ('hot_str_split(",", "a,b", "1")', "b"),
        ("hot_select($.map, list, 1)", 2),
        ('hot_select($.map, list, "1")', None),
        ('hot_get_param($.map, list, "1")', 2),
        ("hot_get_param($.map, nowhere)", ""),
        ('hot_yaql("$.data.list.sum()", $.map)', 3),
    ],
)
def test_every_function_is_callable(evaluate: Evaluate, text: str, expected: Any) -> None:
    result = evaluate(text, list=[1, 2], map={"list": [1, 2]})
    assert result == expected
    assert type(result) is type(expected)


def test_every_function_is_an_entry_point() -> None:
    text = (Path(functions.__file__).parents[2] / "setup.cfg").read_text(encoding="utf-8")
    lines = text.splitlines()
    for name in FUNCTIONS:
        assert f"    {name} = wfbreak.actions.functions:{name}" in lines


RESULT = {"ref": "r", "physical_id": "p", "attributes": {"nets": {"a": ["10.0.0.1"]}, "none": None}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hot_get_attr($.r, nets, a, 0)", "10.0.0.1"),
        ('hot_get_attr($.r, nets, a, "0")', None),
        ("hot_get_attr($.r, nets, b)", None),
        ("hot_get_attr($.r, none, b)", None),
        ("hot_get_attr($.r, missing)", None),
        ("hot_get_attr(null, nets)", None),
        ("hot_get_attr(null)", None),
        ("hot_get_attr($.r)", RESULT["attributes"]),
    ],
)
def test_get_attr_reads_a_tasks_result(evaluate: Evaluate, text: str, expected: Any) -> None:
    assert evaluate(text, r=RESULT) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('hot_str_split(",", 5)', "str_split: can only split a string, not a number"),
        ('hot_digest("none", x)', "digest: the algorithm 'none' is not one of"),
        ("hot_map_merge([1])", "map_merge: can only merge maps, not a list"),
        ("hot_str_split()", "No function"),
        ('hot_yaql("1 +", {})', "yaql: '1 \\+' failed"),
        ('hot_yaql("list(range(1000))", {})', "yaql: 'list\\(range\\(1000\\)\\)' failed"),
    ],
)
def test_an_error_is_one_line_that_names_the_function(
    evaluate: Evaluate, text: str, message: str
) -> None:
    with pytest.raises(Exception, match=message) as failure:
        evaluate(text)
    assert "\n" not in str(failure.value)


def test_what_is_computed_of_a_secret_is_computed_by_who_may_open_it(
    evaluate: Evaluate, box: secrets.Box
) -> None:
    data = {"p": box.seal("hunter2")}
    result = evaluate('hot_str_replace("pw=%p%", {"%p%" => $.p})', **data)
    assert secrets.mask(result) == "******"
    assert secrets.unseal(result, box) == "pw=hunter2"
    again = evaluate('hot_list_concat(hot_str_split("=", $.r), [b])', r=result)
    assert secrets.is_sealed(again)
    opened, texts = secrets.unseal_deep({"a": [again]}, box)
    assert opened == {"a": [["pw", "hunter2", "b"]]}
    assert {"hunter2", "pw=hunter2"} <= texts


# Each with a secret among its arguments.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hot_contains($.a, [a, b])", True),
        ("hot_digest(md5, $.foo)", "acbd18db4cc2f85cedef654fccc4a4d8"),
        ("hot_equals({a => [1]}, {a => [$.one]})", True),
        ("hot_filter([$.a], [a, b])", ["b"]),
        ('hot_fn_select("1", [a, $.b])', "b"),
        ("hot_fn_base64($.foo)", "foo"),
        ("hot_fn_find_in_map({m => {a => {k => 1}}}, m, $.a, k)", 1),
        ('hot_fn_split(",", $.list)', ["a", "b"]),
        ("hot_fn_member_list_to_map(N, V, $.members)", {"x": "1"}),
        ("hot_list_concat([1], $.items, null)", [1, 1, 2]),
        ("hot_list_concat_unique([1], $.items)", [1, 2]),
        ('hot_list_join("-", [$.a, {k => null}], [[1]])', 'a-{"k": null}-[1]'),
        ('hot_list_join_2013("-", [$.a, b])', "a-b"),
        ("hot_make_url({scheme => http, host => $.a, port => 80})", "http://a:80"),
        ("hot_map_merge({a => 1}, {b => $.one})", {"a": 1, "b": 1}),
        ("hot_map_replace({a => $.b}, {a => c}, null)", {"c": "b"}),
        ('hot_repeat({n => "%v%"}, {"%v%" => $.words}, true, true)', [{"n": "a"}, {"n": "b"}]),
        ('hot_str_replace("$x", {"$x" => $.items}, true)', "[1, 2]"),
        ('hot_str_replace_strict("$x", {"$x" => $.one})', "1"),
        ('hot_str_replace_vstrict("$x", {"$x" => $.one})', "1"),
        ('hot_str_split(",", $.list, "1")', "b"),
        ("hot_select({p => $.map}, p, list, 1)", 2),
        ('hot_get_param({p => $.map}, p, list, "1")', 2),
        ("hot_get_param({p => $.map}, p, nowhere)", ""),
        ('hot_get_attr({attributes => {p => $.map}}, p, list, "1")', None),
        ('hot_group_index([$.a, "%index%"], "%index%", "0")', ["a", "0"]),
        ('hot_yaql("$.data.list.sum()", $.map)', 3),
    ],
)
def test_every_function_of_a_secret(
    evaluate: Evaluate, box: secrets.Box, text: str, expected: Any
) -> None:
    plain = {
        **{"a": "a", "b": "b", "one": 1, "foo": "foo", "list": "a,b", "items": [1, 2]},
        "words": ["a", "b"],
        "map": {"list": [1, 2]},
        "members": [".member.0.N=x", ".member.0.V=1"],
    }
    result = evaluate(text, **{name: box.seal(value) for name, value in plain.items()})
    assert secrets.mask(result) == "******"
    opened = secrets.unseal(result, box)
    assert opened == expected
    assert type(opened) is type(expected)


def test_only_a_path_into_a_secret_is_sealed(evaluate: Evaluate, box: secrets.Box) -> None:
    result = {"attributes": {"open": {"a": 1}, "closed": box.seal({"a": ["hunter2"]})}}
    assert evaluate("hot_get_attr($.r, open, a)", r=result) == 1
    sealed = evaluate("hot_get_attr($.r, closed, a, 0)", r=result)
    assert secrets.unseal(sealed, box) == "hunter2"
    whole = evaluate("hot_get_attr($.r)", r=result)
    assert secrets.mask(whole) == {"open": {"a": 1}, "closed": "******"}


def test_an_error_says_where_and_shows_no_secret(evaluate: Evaluate, box: secrets.Box) -> None:
    text = 'hot_at("t.yaml:7:3", {a => [hot_digest($.p, x)]})'
    result = evaluate(text, p=box.seal("hunter2"))
    with pytest.raises(secrets.ComputationError) as failure:
        secrets.unseal(result, box)
    assert str(failure.value).startswith("t.yaml:7:3: digest: the algorithm '******' is not one of")


def test_an_output_never_raises(evaluate: Evaluate) -> None:
    assert evaluate("hot_output(ip, $.list.select($ + 1))", list=[1, 2]) == [2, 3]
    assert evaluate("hot_output(ip, null)") is None
    failed = evaluate('hot_output(ip, hot_str_split(",", "a", 7))')
    assert failed == {
        functions.OUTPUT_ERROR: "output ip: str_split: the index 7 is not between 0 and 0"
    }
    assert functions.OUTPUT_ERROR in evaluate("hot_output(ip, $.nowhere.x)")
    assert functions.OUTPUT_ERROR in evaluate("hot_output(ip, no_such_function(1))")
    assert functions.OUTPUT_ERROR in evaluate("hot_output(ip, [1, 2].select($ / 0))")
