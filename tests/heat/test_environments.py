"""Several environment files and the command line, merged as Heat merges them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from heat.both import same
from heat.conftest import Judge
from wfbreak.diagnostics import InputError
from wfbreak.translate import Request, translate
from wfbreak.translate.values import known

TEMPLATE = {
    "heat_template_version": "2018-08-31",
    "parameters": {
        "s": {"type": "string", "default": "d"},
        "l": {"type": "comma_delimited_list", "default": "x,y"},
        "j": {"type": "json", "default": {"k": 0}},
        "n": {"type": "number", "default": 1},
        "b": {"type": "boolean", "default": False},
    },
    "resources": {
        "a": {"type": "My::T", "properties": {"value": 1}},
        "b": {"type": "Your::T", "properties": {"value": 2}},
    },
    "outputs": {name: {"value": {"get_param": name}} for name in "sljnb"},
}

MERGE = {"parameter_merge_strategies": {"default": "merge"}}
DEEP = {"parameter_merge_strategies": {"default": "deep_merge"}}

CASES: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "nothing": ([], {}),
    "options": ([], {"s": "o", "n": "7", "l": "p,q"}),
    "one file": ([{"parameters": {"s": "e", "j": {"x": [1]}, "b": "yes"}}], {}),
    "a file beats an option": ([{"parameters": {"s": "e"}}], {"s": "o", "n": 5}),
    "the last file wins": ([{"parameters": {"s": "1"}}, {"parameters": {"s": "2"}}], {}),
    "defaults": ([{"parameter_defaults": {"s": "e", "unknown": 1}}], {"n": 4}),
    "defaults and parameters": (
        [{"parameter_defaults": {"s": "e"}}, {"parameters": {"s": "f"}}],
        {},
    ),
    "null": ([{"parameters": {"s": None}}], {}),
    "merge": (
        [
            {"parameters": {"s": "a", "l": "p", "j": {"x": {"y": 1}, "z": 1}}, **MERGE},
            {"parameters": {"s": "b", "l": "q", "j": {"x": {"w": 2}}}, **MERGE},
        ],
        {},
    ),
    "merge with nothing": ([{"parameters": {"l": ["p"], "j": '{"a": 1}'}, **MERGE}], {"s": "o"}),
    "merging numbers": ([{"parameters": {"n": 2}, **MERGE}, {"parameters": {"n": 3}, **MERGE}], {}),
    "merging lists": (
        [{"parameters": {"l": ["p"]}, **MERGE}, {"parameters": {"l": ["q"]}, **MERGE}],
        {},
    ),
    "deep merge": (
        [
            {"parameters": {"j": {"x": {"y": [1], "t": "a"}}}, **DEEP},
            {"parameters": {"j": {"x": {"y": [2], "t": "b"}}}, **DEEP},
        ],
        {},
    ),
    "two strategies": ([{"parameters": {"j": {}}, **MERGE}, {"parameters": {"j": {}}, **DEEP}], {}),
    "merging what does not merge": (
        [{"parameters": {"b": True}, **MERGE}, {"parameters": {"b": False}, **MERGE}],
        {},
    ),
    "types": ([{"resource_registry": {"My::T": "OS::Heat::Value"}}], {}),
    "patterns": ([{"resource_registry": {"*::T": "OS::Heat::None", "My::*": "OS::Heat::*"}}], {}),
    "a type of one resource": (
        [{"resource_registry": {"resources": {"a": {"My::T": "OS::Heat::Value"}}}}],
        {},
    ),
    "a registry that replaces": (
        [
            {"resource_registry": {"resources": {"a": {"My::T": "OS::Heat::Value"}}}},
            {"resource_registry": {"resources": {"b": {"Your::T": "OS::Heat::Value"}}}},
        ],
        {},
    ),
    "unknown parameter": ([{"parameters": {"nobody": 1}}], {}),
    "unknown section": ([{"parametres": {}}], {}),
    "restricted actions": (
        [{"resource_registry": {"resources": {"a": {"restricted_actions": ["update"]}}}}],
        {},
    ),
    "wrong restricted action": (
        [{"resource_registry": {"resources": {"a": {"restricted_actions": "create"}}}}],
        {},
    ),
    "wrong hook": ([{"resource_registry": {"resources": {"a": {"hooks": "pre-make"}}}}], {}),
    "event sinks": ([{"event_sinks": [{"type": "zaqar-queue", "target": "q"}]}], {}),
    "encrypted": ([{"encrypted_param_names": ["s"]}], {}),
}


@pytest.mark.parametrize("name", CASES)
def test_as_heat_merges(name: str, heat: Judge, tmp_path: Path) -> None:
    files, options = CASES[name]
    template = tmp_path / "template.yaml"
    template.write_text(yaml.safe_dump(TEMPLATE, sort_keys=False))
    paths = []
    for number, content in enumerate(files):
        paths.append(tmp_path / f"env{number}.yaml")
        paths[-1].write_text(yaml.safe_dump(content, sort_keys=False))
    environments = [str(path) for path in paths]
    answer = heat(template, environments=environments, parameters=options)
    request = Request(str(template), tuple(environments), options, stack="s")
    if "refused" in answer:
        with pytest.raises(InputError):
            translate(request)
        return
    translation = translate(request)
    for parameter, value in answer["outputs"].items():
        if parameter in translation.inputs:  # an encrypted one stays out of the text
            assert same(translation.inputs[parameter], value)
        else:
            assert same(known(translation.template.outputs[parameter].value), value)
