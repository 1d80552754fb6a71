"""Random values with functions in them: the translator folds them to what Heat makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heat.both import same
from heat.conftest import Judge
from wfbreak.diagnostics import InputError
from wfbreak.translate import Request, translate
from wfbreak.translate.values import Unknown, known

PARAMETERS: dict[str, tuple[str, Any]] = {
    "text": ("string", "a,b a"),
    "words": ("comma_delimited_list", ["a", "b"]),
    "map": ("json", {"a": ["x", 1], "b": {"c": None}}),
    "number": ("number", 1),
}

PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(["", "a", "b", ",", "a,b", "%a%", "é", "yes", "2001-01-01", "0x1f", "1e3"]),
)
KEYS = st.sampled_from(["a", "b", "%a%", "c d"])


def called(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def one(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.tuples(*arguments).map(lambda values: {name: list(values)})

    def fields(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.fixed_dictionaries(arguments).map(lambda values: {name: values})

    lists = st.lists(inner, max_size=3)
    maps = st.dictionaries(KEYS, inner, max_size=3)
    path = st.lists(st.sampled_from(["a", "b", "c", 0, 1, "0"]), max_size=2)
    return st.one_of(
        lists,
        maps,
        st.tuples(st.sampled_from(list(PARAMETERS)), path).map(
            lambda v: {"get_param": [v[0], *v[1]]}
        ),
        one("list_join", st.sampled_from(["-", ","]), lists),
        one("list_join", st.sampled_from(["-", ","]), lists, inner),
        one("str_split", st.sampled_from([",", "a"]), inner),
        one("str_split", st.just(","), inner, st.integers(-1, 2)),
        one("digest", st.sampled_from(["md5", "sha256"]), inner),
        one("list_concat", lists, inner),
        one("list_concat_unique", lists, lists),
        one("map_merge", maps, inner),
        # Heat does not look at what is filtered out where the list is empty.
        one("filter", st.lists(PLAIN, max_size=3), lists),
        one("contains", inner, lists),
        st.tuples(maps, maps, maps).map(
            lambda v: {"map_replace": [v[0], {"keys": v[1], "values": v[2]}]}
        ),
        fields("str_replace", template=st.sampled_from(["a%a%b", "x"]), params=maps),
        fields("str_replace_strict", template=st.just("a%a%bc d"), params=maps),
        fields("repeat", template=inner, for_each=st.dictionaries(KEYS, lists, max_size=2)),
        fields(
            "yaql",
            expression=st.sampled_from(["$.data", "$.data.len()", "$.data.a", "list($.data)"]),
            data=inner,
        ),
    )


VALUES = st.recursive(PLAIN, called, max_leaves=10)


def ours(path: Path, parameters: dict[str, Any]) -> Any:
    try:
        translation = translate(Request(str(path), (), parameters, stack="stack"))
        # Through JSON, as everything that leaves Heat or the engine: keys become text.
        return json.loads(json.dumps(known(translation.template.outputs["o"].value)))
    except (InputError, Unknown):
        return {"failed": "refused"}


def test_folded_as_heat_resolves(heat: Judge, tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    values = {name: value for name, (_, value) in PARAMETERS.items()}

    @settings(
        max_examples=400,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(VALUES)
    def compare(value: Any) -> None:
        document = {
            "heat_template_version": "2021-04-16",
            "parameters": {name: {"type": kind} for name, (kind, _) in PARAMETERS.items()},
            "outputs": {"o": {"value": value}},
        }
        path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
        answer = heat(path, parameters=values)
        there = answer["outputs"]["o"] if "outputs" in answer else {"failed": answer}
        if "failed json serialization" in str(there):
            # Heat cannot sort keys of several types, which map_replace can make of text and truth
            # values; here a key is its JSON text from then on.
            return
        assert same(ours(path, values), there), (value, ours(path, values), there)

    compare()
