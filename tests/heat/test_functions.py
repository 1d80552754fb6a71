"""Every function in every version: what the engine computes is what Heat computes.

Each snippet is an output of a template of each version that has its functions, with the parameters
known while translating (so that it is folded) and again as inputs of the workflow (so that the
engine computes it), and with attributes of a resource, which only the run knows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from heat.both import differences, run
from heat.conftest import Judge
from wfbreak.diagnostics import InputError
from wfbreak.engine.client import EngineClient
from wfbreak.translate import Request, translate
from wfbreak.translate.versions import FUNCTIONS, NAMES, Version

pytestmark = pytest.mark.engine

PARAMETERS: dict[str, tuple[str, Any]] = {
    "text": ("string", "b,a,b"),
    "empty": ("string", ""),
    "number": ("number", 2),
    "float": ("number", 1.5),
    "words": ("comma_delimited_list", "x,y,x"),
    "map": ("json", {"b": {"c": [1, "two", None]}, "a": None, "n": {}}),
    "rows": ("json", [["a", "b"], ["c"]]),
    "flag": ("boolean", True),
}


def p(name: str, *path: Any) -> Any:
    return {"get_param": [name, *path] if path else name}


def a(*path: Any) -> Any:
    return {"get_attr": ["source", "value", *path]}


CHOSEN = {"not_flag": {"not": {"equals": [p("flag"), True]}}, "two": {"equals": [p("number"), 2]}}

SNIPPETS: list[Any] = [
    p("text"),
    p("words"),
    p("map"),
    p("map", "b", "c", 1),
    p("map", "b", "c", "1"),
    p("map", "b", "c", 9),
    p("map", "no", "way"),
    p("words", p("number")),
    p("text", "x"),
    p("float"),
    {"get_resource": "source"},
    a(),
    a("list", 1),
    a("list", "1"),
    a("map", "k"),
    a("none", "at", "all"),
    a("list", p("number")),
    {"get_attr": ["source"]},
    {"list_join": ["-", p("words")]},
    {"list_join": ["", [p("text"), "|", p("empty")]]},
    {"list_join": ["-", p("words"), a("list"), [p("map")]]},
    {"list_join": ["-", [p("number")]]},
    {"list_join": [",", [None, "a"]]},
    {"list_join": [p("text"), ["x", "y"]]},
    {"list_join": ["-", a("none")]},
    {"str_replace": {"template": "t $t $tt", "params": {"$t": p("text"), "$tt": p("number")}}},
    {"str_replace": {"template": "$m $l $b", "params": {"$m": p("map"), "$l": p("words")}}},
    {"str_replace": {"template": "$f $b", "params": {"$f": p("float"), "$b": p("flag")}}},
    {"str_replace": {"template": p("text"), "params": {"a": a("text"), "b": None}}},
    {"str_replace": {"template": "x y", "params": p("map")}},
    {"str_replace": {"template": a("text"), "params": {"te": "TE"}}},
    {"str_replace": {"template": 5, "params": {}}},
    {"str_replace_strict": {"template": "a%b", "params": {"%": p("number")}}},
    {"str_replace_strict": {"template": "ab", "params": {"%": p("number")}}},
    {"str_replace_vstrict": {"template": "a%b", "params": {"%": p("text")}}},
    {"str_replace_vstrict": {"template": "a%b", "params": {"%": p("empty")}}},
    {"str_split": [",", p("text")]},
    {"str_split": [",", p("text"), 1]},
    {"str_split": [",", p("text"), p("number")]},
    {"str_split": [",", p("text"), 7]},
    {"str_split": ["-", a("text")]},
    {"str_split": [",", a("none")]},
    {"digest": ["sha256", p("text")]},
    {"digest": ["md5", a("text")]},
    {"digest": ["nothing", p("text")]},
    {"repeat": {"template": {"k%w%": ["%w%"]}, "for_each": {"%w%": p("words")}}},
    {"repeat": {"template": "%a%%b%", "for_each": {"%a%": p("words"), "%b%": ["1", "2"]}}},
    {"repeat": {"template": "%a%", "for_each": {"%a%": p("map")}}},
    {"repeat": {"template": "%a%", "for_each": {"%a%": a("list")}}},
    {
        "repeat": {
            "template": ["%a%", "%b%"],
            "for_each": {"%a%": p("words"), "%b%": ["1", "2", "3"]},
            "permutations": False,
        }
    },
    {
        "repeat": {
            "template": "%a%%b%",
            "for_each": {"%a%": p("words"), "%b%": ["1"]},
            "permutations": False,
        }
    },
    {"map_merge": [p("map"), {"b": 1}, a("map")]},
    {"map_merge": [p("map"), a("none")]},
    {"map_merge": [p("words")]},
    {"map_replace": [p("map"), {"keys": {"a": "z"}, "values": {}}]},
    {"map_replace": [{"k": p("text")}, {"values": {"b,a,b": p("number")}}]},
    {"map_replace": [p("map"), {"keys": {"a": "b"}}]},
    {"list_concat": [p("words"), a("list"), ["z"]]},
    {"list_concat": [p("words"), p("text")]},
    {"list_concat_unique": [p("words"), ["z", "y"], a("list")]},
    {"contains": ["x", p("words")]},
    {"contains": ["b,", p("text")]},
    {"contains": [1, a("list")]},
    {"filter": [["x"], p("words")]},
    {"filter": [[1], a("list")]},
    {"filter": [p("words"), p("text")]},
    {"make_url": {"scheme": "http", "host": a("text"), "port": p("number"), "path": "/ä b"}},
    {"make_url": {"host": "::1", "username": p("text"), "query": {"q": p("text")}}},
    {"make_url": {"host": "h", "port": "x"}},
    {"yaql": {"expression": "$.data.w.distinct().len()", "data": {"w": p("words")}}},
    {"yaql": {"expression": "$.data.where($ > 1)", "data": a("list")}},
    {"yaql": {"expression": "1 + 1"}},
    {"yaql": {"expression": "$.data.no.way()", "data": {}}},
    {"if": ["two", p("text"), {"get_attr": ["source", "gone"]}]},
    {"if": ["not_flag", "a", {"if": ["two", ["b"], "c"]}]},
    {"if": [{"equals": [p("text"), "x"]}, 1, a("list", 0)]},
    [{"if": ["not_flag", "removed"]}, {"k": {"if": ["not_flag", "removed"]}, "l": p("text")}],
    {"Fn::Join": ["-", p("words")]},
    {"Fn::Split": [",", p("text")]},
    {"Fn::Split": [",", a("text")]},
    {"Fn::Replace": [{"a": p("number")}, p("text")]},
    {"Fn::Base64": p("text")},
    {"Fn::Base64": a("text")},
    {"Fn::Select": ["1", p("words")]},
    {"Fn::Select": ["b", p("map")]},
    {"Fn::Select": [7, a("list")]},
    {"Fn::Select": ["k", a("map")]},
    {"Fn::MemberListToMap": ["K", "V", [".member.0.K=a", ".member.0.V=b"]]},
    {"Ref": "text"},
    {"Ref": "source"},
    {"a": [{"list_join": [",", [{"str_split": ["-", a("text"), 0]}, p("text")]]}]},
]

SOURCE = {"list": [1, "two", 3], "map": {"k": "v"}, "text": "te-xt", "none": None}


def names_in(snippet: Any) -> set[str]:
    """The functions that a snippet calls."""
    if isinstance(snippet, list):
        return set().union(*map(names_in, snippet))
    if not isinstance(snippet, dict):
        return set()
    own = {k for k in snippet if len(snippet) == 1 and k in FUNCTIONS}
    return own.union(*map(names_in, snippet.values()))


def template(version: Version, name: str, numbers: list[int]) -> str:
    document: dict[str, Any] = {
        "heat_template_version": name,
        "parameters": {n: {"type": kind} for n, (kind, _) in PARAMETERS.items()},
        "resources": {"source": {"type": "OS::Heat::Value", "properties": {"value": SOURCE}}},
        "outputs": {f"o{n}": {"value": SNIPPETS[n]} for n in numbers},
    }
    if version >= Version.V2016_10_14:
        document["conditions"] = CHOSEN
    return yaml.safe_dump(document, sort_keys=False)


def takes(path: Path, values: dict[str, Any]) -> bool:
    try:
        translate(Request(str(path), (), values, stack="stack"))
    except InputError:
        return False
    return True


def accepted(
    heat: Judge, folder: Path, name: str, known: bool
) -> tuple[list[int], list[tuple[int, Any]]]:
    """The snippets that both take, and those on which they disagree, with Heat's answer."""
    values = {n: value for n, (_, value) in PARAMETERS.items()}
    version = NAMES[name]
    both: list[int] = []
    apart: list[tuple[int, Any]] = []
    for number, snippet in enumerate(SNIPPETS):
        if not all(version in FUNCTIONS[function] for function in names_in(snippet)):
            continue
        path = folder / "one.yaml"
        path.write_text(template(version, name, [number]))
        here = takes(path, values if known else {"flag": True, "number": 2, "text": "b,a,b"})
        answer = heat(path, parameters=values, attributes={"source": {"value": SOURCE}})
        there = answer["outputs"][f"o{number}"] if "outputs" in answer else {"failed": answer}
        if here:
            both.append(number)
        elif not (isinstance(there, dict) and "failed" in there):
            apart.append((number, there))
    return both, apart


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("known", [True, False], ids=["folded", "computed"])
def test_values(name: str, known: bool, engine: EngineClient, heat: Judge, tmp_path: Path) -> None:
    both, apart = accepted(heat, tmp_path, name, known)
    assert [(SNIPPETS[number], there) for number, there in apart] == []
    path = tmp_path / "all.yaml"
    path.write_text(template(NAMES[name], name, both))
    values = {n: value for n, (_, value) in PARAMETERS.items()}
    options = values if known else {"flag": True, "number": 2, "text": "b,a,b"}
    translation = translate(Request(str(path), (), options, stack="stack"))
    given = {n: v for n, v in values.items() if n in translation.missing}
    ran = run(engine, translation, given)
    found = differences(heat, path, translation, ran, parameters=values)
    assert found == []
