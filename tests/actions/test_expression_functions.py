"""The functions as an expression of the engine calls them, with the real expression language."""

from __future__ import annotations

import collections.abc  # noqa: F401  # yaql uses it without importing it
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaql
from yaql.language import factory, utils

from wfbreak import secrets
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
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setenv(secrets.KEY_FILE_VARIABLE, str(tmp_path / "key"))
    created = secrets.load_key(create=True)
    assert created is not None
    return created


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


def test_what_is_computed_of_a_secret_is_sealed(evaluate: Evaluate, key: bytes) -> None:
    data = {"p": secrets.seal("hunter2", key)}
    result = evaluate('hot_str_replace("pw=%p%", {"%p%" => $.p})', **data)
    assert secrets.unseal_deep(result, key)[0] == "pw=hunter2"
    again = evaluate('hot_list_concat(hot_str_split("=", $.r), [b])', r=result)
    assert secrets.is_sealed(again)
    assert secrets.unseal_deep(again, key)[0] == ["pw", "hunter2", "b"]


def test_only_a_path_into_a_secret_is_sealed(evaluate: Evaluate, key: bytes) -> None:
    result = {"attributes": {"open": {"a": 1}, "closed": secrets.seal({"a": ["hunter2"]}, key)}}
    assert evaluate("hot_get_attr($.r, open, a)", r=result) == 1
    sealed = evaluate("hot_get_attr($.r, closed, a, 0)", r=result)
    assert secrets.unseal_deep(sealed, key)[0] == "hunter2"
    whole = evaluate("hot_get_attr($.r)", r=result)
    assert secrets.mask(whole) == {"open": {"a": 1}, "closed": "******"}


def test_an_error_shows_no_secret(evaluate: Evaluate, key: bytes) -> None:
    with pytest.raises(functions.ExpressionError) as failure:
        evaluate("hot_digest($.p, x)", p=secrets.seal("hunter2", key))
    assert "hunter2" not in str(failure.value)
    assert "******" in str(failure.value)


def test_without_the_key_a_secret_is_an_error(
    evaluate: Evaluate, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = secrets.seal("hunter2", key)
    monkeypatch.delenv(secrets.KEY_FILE_VARIABLE)
    with pytest.raises(functions.ExpressionError, match="WFBREAK_SEAL_KEY_FILE is not set"):
        evaluate('hot_str_split(",", $.p)', p=sealed)
    with pytest.raises(functions.ExpressionError, match="WFBREAK_SEAL_KEY_FILE is not set"):
        evaluate("hot_select($.p)", p=sealed)


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
