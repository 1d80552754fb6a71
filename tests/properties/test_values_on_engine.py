"""What the engine computes is what the translator folds; text is never taken as an expression."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from engine.support import wait

from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import State
from wfbreak.translate import Request, Translation, translate

pytestmark = pytest.mark.engine

MARKED = "<% 1 + 1 %> {{ 7 * 7 }} {% if x %} <% env() %>"

PARAMETERS: dict[str, tuple[str, Any]] = {
    "text": ("string", "b,a,b"),
    "number": ("number", 2),
    "words": ("comma_delimited_list", ["x", "y", "x"]),
    "map": ("json", {"a": {"b": [1, "two"]}, "c": None}),
    "flag": ("boolean", True),
    "marked": ("string", MARKED),
    "not-a-name": ("string", "dashed"),
}

EXPRESSIONS = {
    "get_param": {"get_param": "text"},
    "path": {"get_param": ["map", "a", "b", 1]},
    "bad path": {"get_param": ["map", "no", "way"]},
    "dashed": {"get_param": "not-a-name"},
    "list_join": {"list_join": ["-", {"get_param": "words"}, [{"get_param": "text"}]]},
    "list_join of maps": {"list_join": [",", [{"get_param": "map"}]]},
    "str_replace": {
        "str_replace": {
            "template": "t $t $tt {{ m }} $m",
            "params": {
                "$t": {"get_param": "text"},
                "$tt": {"get_param": "map"},
                "{{ m }}": {"get_param": "flag"},
                "$m": {"get_param": "marked"},
            },
        }
    },
    "str_replace_strict": {
        "str_replace_strict": {"template": "a%b", "params": {"%": {"get_param": "number"}}}
    },
    "str_replace_vstrict": {
        "str_replace_vstrict": {"template": "a%b", "params": {"%": {"get_param": "text"}}}
    },
    "str_split": {"str_split": [",", {"get_param": "text"}]},
    "str_split index": {"str_split": [",", {"get_param": "text"}, 1]},
    "digest": {"digest": ["sha256", {"get_param": "text"}]},
    "repeat": {
        "repeat": {
            "template": {"k": "%w% of %n%"},
            "for_each": {"%w%": {"get_param": "words"}, "%n%": ["1", "2"]},
        }
    },
    "repeat in pairs": {
        "repeat": {
            "template": ["%w%", "%n%"],
            "for_each": {"%w%": {"get_param": "words"}, "%n%": ["1", "2", "3"]},
            "permutations": False,
        }
    },
    "map_merge": {"map_merge": [{"get_param": "map"}, {"c": 1}]},
    "map_replace": {"map_replace": [{"get_param": "map"}, {"keys": {"c": "d"}, "values": {}}]},
    "list_concat": {"list_concat": [{"get_param": "words"}, ["z", "y"]]},
    "list_concat_unique": {"list_concat_unique": [{"get_param": "words"}, ["z", "y"]]},
    "contains": {"contains": ["x", {"get_param": "words"}]},
    "filter": {"filter": [["x"], {"get_param": "words"}]},
    "make_url": {
        "make_url": {
            "scheme": "http",
            "host": {"get_param": "not-a-name"},
            "port": {"get_param": "number"},
            "query": {"q": {"get_param": "text"}},
        }
    },
    "yaql": {"yaql": {"expression": "$.data.w.distinct()", "data": {"w": {"get_param": "words"}}}},
    "marked": {"get_param": "marked"},
    "nested": {"a": [{"b": {"list_join": ["", [{"get_param": "marked"}, "<% 2 %>"]]}}]},
}


def template() -> str:
    return yaml.safe_dump(
        {
            "heat_template_version": "2021-04-16",
            "parameters": {name: {"type": kind} for name, (kind, _) in PARAMETERS.items()},
            "outputs": {name: {"value": value} for name, value in EXPRESSIONS.items()},
        },
        sort_keys=False,
    )


def run(engine: EngineClient, translation: Translation, inputs: dict[str, Any]) -> dict[str, Any]:
    workflow = engine.upload(translation.text(), f"test-{translation.digest()}")
    execution = wait(
        engine, engine.start(workflow, inputs), State.PAUSED, State.SUCCESS, State.ERROR
    )
    while execution.state is State.PAUSED:
        execution = wait(engine, engine.resume(execution), State.SUCCESS, State.ERROR)
    assert execution.state is State.SUCCESS, execution.state_info
    return dict(execution.output)


def test_computed_in_the_engine_as_when_folded(engine: EngineClient, tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(template())
    values = {name: value for name, (_, value) in PARAMETERS.items()}
    folded = translate(Request(str(path), (), values))
    assert folded.missing == ()
    known = run(engine, folded, {})
    later = translate(Request(str(path)))
    assert set(later.missing) == set(PARAMETERS)
    computed = run(engine, later, values)
    assert {name: computed[name] for name in EXPRESSIONS} == {
        name: known[name] for name in EXPRESSIONS
    }
    assert "wfbreak:error" not in str(known)
    assert known["marked"] == MARKED
    assert known["bad path"] == ""
    assert known["repeat in pairs"] == [["x", "1"], ["y", "2"], ["x", "3"]]


def test_text_as_a_person_types_it(engine: EngineClient, tmp_path: Path) -> None:
    """The inputs of a workflow that is started by hand are typed as Heat types them."""
    path = tmp_path / "template.yaml"
    path.write_text(template())
    values = {name: value for name, (_, value) in PARAMETERS.items()}
    typed = {
        **values,
        "number": "2",
        "words": "x,y,x",
        "map": '{"a": {"b": [1, "two"]}, "c": null}',
        "flag": "yes",
    }
    first = run(engine, translate(Request(str(path))), values)
    second = run(engine, translate(Request(str(path))), typed)
    assert {name: first[name] for name in EXPRESSIONS} == {n: second[n] for n in EXPRESSIONS}


def test_inputs_are_checked(engine: EngineClient, tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(
        "heat_template_version: 2021-04-16\n"
        "parameters:\n  n: {type: number, constraints: [{range: {max: 3}}]}\n"
        "resources: {a: {type: T, properties: {n: {get_param: n}}}}\n"
    )
    translation = translate(Request(str(path)))
    workflow = engine.upload(translation.text(), f"test-{translation.digest()}")
    execution = wait(engine, engine.start(workflow, {"n": 7}))
    assert execution.state is State.ERROR
    assert "n: 7 is not at most 3" in (execution.state_info or "")
    assert f"({path}:3:3)" in (execution.state_info or "")
    assert [task.name for task in engine.tasks(execution.id)] == ["parameters"]


def test_a_template_cannot_run_expressions(engine: EngineClient) -> None:
    golden = Path(__file__).parents[1] / "translate" / "golden" / "markers"
    translation = translate(
        Request(str(golden / "template.yaml"), break_files=(str(golden / "breakpoints.yaml"),))
    )
    output = run(engine, translation, {"q": MARKED})
    assert output["o"] == [
        "<% $.q %>",
        "{{ _.q }}",
        "{% for x in y %}",
        "<% unfinished",
        "}} stray",
    ]
    assert output["o<% 1 %>"] == "{{ 7 * 7 }}"


def test_what_a_resource_gives_is_not_evaluated(engine: EngineClient, tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    document = {
        "heat_template_version": "2021-04-16",
        "resources": {
            "a": {"type": "OS::Heat::Value", "properties": {"value": MARKED}},
            "b": {
                "type": "OS::Heat::Value",
                "properties": {"value": {"get_attr": ["a", "value"]}},
                "metadata": {"ref": {"get_resource": "a"}},
            },
        },
        "outputs": {"o": {"value": {"list_join": ["|", [{"get_attr": ["b", "value"]}]]}}},
    }
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    output = run(engine, translate(Request(str(path), breaks=("b",))), {})
    assert output["o"] == MARKED
