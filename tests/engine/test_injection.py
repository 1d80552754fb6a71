"""Text of a template never runs as an expression on the engine, wherever it stands.

Mistral evaluates what looks like an expression in a task's input, in on-clauses and in outputs.
Each case puts such text into one place; if it were evaluated, the word that it makes would appear
somewhere in what the engine has of the execution.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.support import wait
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.translate import Request, translate

pytestmark = pytest.mark.engine

YAQL = "<% 'ev' + 'il' %>"
JINJA = "{{ 'ev' ~ 'il' }}"
BLOCK = "{% if true %}{{ 'ev' ~ 'il' }}{% endif %}{# c #}"
PAYLOADS = {"yaql": YAQL, "jinja": JINJA, "block": BLOCK, "half": "%> <% 'ev' + 'il' %> <% {{"}
RESULT = "evil"

VALUE = "OS::Heat::Value"


def value(content: Any, **more: Any) -> dict[str, Any]:
    return {"type": VALUE, "properties": {"value": content}, **more}


Case = dict[str, Any]
"""``template`` (resources, outputs, …), and perhaps ``env``, ``files``, ``breaks``, ``inputs``,
``options``, ``break_file`` and ``shown`` (whether the text must arrive unchanged).

Not here: the options of a rehearsal, which whoever starts the execution gives in its env, and which
Mistral evaluates by design (``__actions``); they are never a template's."""


def cases(text: str) -> dict[str, Case]:
    parameter = {"p": {"type": "string"}}
    used = {"a": value({"get_param": "p"})}
    joined = {"list_join": ["", [text[:1], text[1:]]]}
    late = {"list_join": ["", [text[:1], {"get_attr": ["a", "value"]}]]}
    replaced = {"str_replace": {"template": "X" + text[1:], "params": {"X": text[:1]}}}
    outputs = {"o": {"value": {"get_attr": ["a", "value"]}}}
    leaf = {"resources": {"v": value({"get_param": "p"})}, "parameters": parameter}
    constrained = {"p": {"type": "string", "constraints": [{"allowed_pattern": ".*"}]}}
    constrained["p"]["constraints"][0]["description"] = text
    return {
        "property": {"template": {"resources": {"a": value(text)}}, "shown": True},
        "key of a map": {"template": {"resources": {"a": value({text: 1})}}, "shown": True},
        "item of a list": {"template": {"resources": {"a": value([text])}}, "shown": True},
        "made by joining": {"template": {"resources": {"a": value(joined)}}, "shown": True},
        "made by replacing": {"template": {"resources": {"a": value(replaced)}}, "shown": True},
        "made in the engine": {
            "template": {"resources": {"a": value(text[1:]), "b": value(late)}},
            "shown": True,
        },
        "metadata": {"template": {"resources": {"a": value(1, metadata={"m": text})}}},
        "metadata key": {"template": {"resources": {"a": value(1, metadata={text: 1})}}},
        "resource name": {"template": {"resources": {text: value(1)}}, "breaks": (text,)},
        "depends_on": {"template": {"resources": {text: value(1), "b": value(2, depends_on=text)}}},
        "get_resource": {
            "template": {"resources": {text: value(1), "b": value({"get_resource": text})}}
        },
        "type": {"template": {"resources": {"a": {"type": text}}}},
        "mapped type": {
            "template": {"resources": {"a": {"type": "T"}}},
            "env": {"resource_registry": {"T": text}},
        },
        "registry key": {
            "template": {"resources": {"a": {"type": text, "properties": {"value": 1}}}},
            "env": {"resource_registry": {text: VALUE}},
        },
        "template description": {"template": {"description": text, "resources": {"a": value(1)}}},
        "resource description": {"template": {"resources": {"a": value(1, description=text)}}},
        "output description": {
            "template": {"outputs": {"o": {"value": 1, "description": text}}, "resources": {}}
        },
        "output": {"template": {"outputs": {"o": {"value": text}}}, "shown": True},
        "output name": {"template": {"outputs": {text: {"value": 1}}}},
        "output of an attribute": {
            "template": {"resources": {"a": value(text)}, "outputs": outputs},
            "shown": True,
        },
        "parameter name": {
            "template": {
                "parameters": {text: {"type": "string"}},
                "resources": {"a": value({"get_param": text})},
            },
            "inputs": {text: "given"},
        },
        "parameter default": {
            "template": {
                "parameters": {"p": {"type": "string", "default": text}},
                "resources": used,
            },
            "shown": True,
        },
        "parameter description": {
            "template": {
                "parameters": {"p": {"type": "string", "description": text, "label": text}},
                "resources": used,
            },
            "inputs": {"p": "x"},
        },
        "constraint description": {
            "template": {"parameters": constrained, "resources": used},
            "inputs": {"p": "x"},
        },
        "parameter tag": {
            "template": {
                "parameters": {"p": {"type": "string", "tags": [text]}},
                "resources": used,
            },
            "inputs": {"p": "x"},
        },
        "option": {
            "template": {"parameters": parameter, "resources": used},
            "options": {"p": text},
            "shown": True,
        },
        "input": {
            "template": {"parameters": parameter, "resources": used},
            "inputs": {"p": text},
            "shown": True,
        },
        "environment": {
            "template": {"parameters": parameter, "resources": used},
            "env": {"parameters": {"p": text}},
            "shown": True,
        },
        "condition name": {
            "template": {"conditions": {text: True}, "resources": {"a": value(1, condition=text)}}
        },
        "file": {
            "template": {"resources": {"a": value({"get_file": "f.txt"})}},
            "files": {"f.txt": text},
            "shown": True,
        },
        "external id": {"template": {"resources": {"a": {"type": VALUE, "external_id": text}}}},
        "attribute name": {
            "template": {
                "resources": {"a": {"type": "My::T"}, "b": value({"get_attr": ["a", text]})}
            }
        },
        "attribute path": {
            "template": {
                "resources": {"a": value({"x": 1}), "b": value({"get_attr": ["a", "value", text]})}
            }
        },
        "path of a parameter": {
            "template": {
                "parameters": {"p": {"type": "json"}},
                "resources": {"a": value({"get_param": ["p", text]})},
            },
            "inputs": {"p": {text: "found"}},
        },
        "message of a breakpoint": {
            "template": {"resources": {"a": value(1)}},
            "break_file": {"breakpoints": [{"resource": "a", "message": text}]},
        },
        "property of a nested stack": {
            "template": {"resources": {"n": {"type": "leaf.yaml", "properties": {"p": text}}}},
            "files": {"leaf.yaml": leaf},
            "shown": True,
        },
        "computed property of a nested stack": {
            "template": {
                "resources": {
                    "a": value(text),
                    "n": {"type": "leaf.yaml", "properties": {"p": {"get_attr": ["a", "value"]}}},
                }
            },
            "files": {"leaf.yaml": leaf},
            "shown": True,
        },
        "member of a group": {
            "template": {
                "resources": {
                    "g": {
                        "type": "OS::Heat::ResourceGroup",
                        "properties": {"count": 1, "resource_def": value(text + "%index%")},
                    }
                },
                "outputs": {"o": {"value": {"get_attr": ["g", "value"]}}},
            },
            "shown": True,
        },
        "expression of yaql": {
            "template": {
                "resources": {"a": value({"yaql": {"expression": "$.data", "data": {"x": [text]}}})}
            },
            "shown": True,
        },
    }


PLACES = list(cases(YAQL))


def everything(engine: EngineClient, execution: Execution) -> str:
    """All that the engine has of an execution, as one text."""
    found: list[Any] = [engine._json(engine._http.get(f"/executions/{execution.id}"))]
    tasks = engine.tasks(execution.id)
    found.append(engine._json(engine._http.get(f"/executions/{execution.id}/tasks")))
    for task in tasks:
        found.append(engine._json(engine._http.get(f"/tasks/{task.id}")))
        found.append(engine._json(engine._http.get(f"/tasks/{task.id}/action_executions")))
    found.append(engine.results(tasks))
    return json.dumps(found)


@pytest.mark.parametrize("place", PLACES)
def test_text_stays_text(place: str, engine: EngineClient, tmp_path: Path) -> None:
    for kind, text in PAYLOADS.items():
        folder = tmp_path / kind
        folder.mkdir()
        check(cases(text)[place], text, engine, folder)


def check(case: Case, text: str, engine: EngineClient, folder: Path) -> None:
    def write(name: str, content: Any) -> str:
        path = folder / name
        if isinstance(content, dict):
            content = yaml.safe_dump(content, sort_keys=False)
        path.write_text(content)
        return str(path)

    version = {"heat_template_version": "2021-04-16"}
    for name, content in case.get("files", {}).items():
        write(name, {**version, **content} if isinstance(content, dict) else content)
    request = Request(
        write("stack.yaml", {**version, **case["template"]}),
        (write("env.yaml", case["env"]),) if "env" in case else (),
        case.get("options", {}),
        case.get("breaks", ()),
        (write("breaks.yaml", case["break_file"]),) if "break_file" in case else (),
    )
    translation = translate(request)
    workflow = engine.upload(translation.text(), f"test-{translation.digest()}")
    named = dict(zip(translation.missing, case.get("inputs", {}).values(), strict=False))
    execution = wait(
        engine,
        engine.start(workflow, named),
        State.PAUSED,
        State.SUCCESS,
        State.ERROR,
    )
    if execution.state is State.PAUSED:
        assert RESULT not in everything(engine, execution)
        execution = wait(engine, engine.resume(execution))
    assert execution.state is State.SUCCESS, execution.state_info
    found = everything(engine, execution)
    assert RESULT not in found
    if case.get("shown"):
        assert json.dumps(text)[1:-1] in found.replace('\\\\\\"', '"').replace('\\"', '"')


def test_the_payloads_would_show(engine: EngineClient) -> None:
    """What the other tests look for does appear where the engine evaluates."""
    document = {
        "version": "2.0",
        "payloads": {
            "output": {"o": "<% task(t).result %>"},
            "tasks": {"t": {"action": "std.echo", "input": {"output": [YAQL, JINJA]}}},
        },
    }
    workflow = engine.upload(yaml.safe_dump(document), "test-payloads")
    execution = wait(engine, engine.start(workflow, {}))
    assert execution.output["o"] == [RESULT, RESULT]
