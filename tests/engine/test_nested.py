"""What the tasks of nested stacks compute, and how an expression fails, on the real engine."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from engine.support import wait
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.translate import Request, translate

pytestmark = pytest.mark.engine

HEAD = "heat_template_version: 2018-08-31\n"


def run(engine: EngineClient, folder: Path, inputs: Any = None, **files: str) -> Execution:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(HEAD + textwrap.dedent(text))
    translation = translate(Request(str(folder / "stack.yaml")))
    workflow = engine.upload(translation.text(), f"test-{translation.digest()}")
    return wait(engine, engine.start(workflow, {**translation.inputs, **(inputs or {})}))


LEAF = """
    parameters:
      text: {type: string}
      items: {type: comma_delimited_list, default: []}
    resources:
      v: {type: OS::Heat::Value, properties: {value: [{get_param: text}, {get_param: items}]}}
      id: {type: OS::Heat::Value, properties: {value: {get_param: OS::stack_name}}}
    outputs:
      v: {value: {get_attr: [v, value]}}
      name: {value: {get_attr: [id, value]}}
    """


def test_what_nested_stacks_show(engine: EngineClient, tmp_path: Path) -> None:
    execution = run(
        engine,
        tmp_path,
        {"late": "x-%index%"},
        leaf=LEAF,
        stack="""
        parameters:
          late: {type: string}
        resources:
          a: {type: OS::Heat::Value, properties: {value: [1, two]}}
          n:
            type: leaf.yaml
            properties:
              text: {get_attr: [a, value, 0]}
              items: [{get_attr: [a, value, 1]}, null]
          g:
            type: OS::Heat::ResourceGroup
            properties:
              count: 2
              resource_def:
                type: leaf.yaml
                properties: {text: {get_param: late}}
          c:
            type: OS::Heat::ResourceChain
            properties:
              resources: [OS::Heat::Value, OS::Heat::Value]
              resource_properties: {value: {get_attr: [n, v]}}
        outputs:
          n: {value: {get_attr: [n, v]}}
          step: {value: {get_attr: [n, v, 1, 0]}}
          all: {value: {get_attr: [n]}}
          g: {value: {get_attr: [g, v]}}
          map: {value: {get_attr: [g, attributes, v, 0]}}
          one: {value: {get_attr: [g, resource.1.v, 0]}}
          c: {value: {get_attr: [c, value]}}
          names: {value: {get_attr: [g, name]}}
          arn: {value: {get_resource: n}}
          refs: {value: {get_attr: [g, refs_map]}}
        """,
    )
    assert execution.state is State.SUCCESS, execution.state_info
    output = execution.output
    expected = ["1", ["two", ""]]
    assert output["n"] == expected
    assert output["step"] == "two"
    assert output["all"]["v"] == expected
    assert output["g"] == [["x-0", []], ["x-1", []]]
    assert output["map"] == {"0": "x-0", "1": "x-1"}
    assert output["one"] == "x-1"
    assert output["c"] == [expected, expected]
    stack = execution.workflow_name
    assert [n.rsplit("-", 1)[0] for n in output["names"]] == [f"{stack}-g-0", f"{stack}-g-1"]
    assert output["arn"].startswith("arn:openstack:heat::")
    assert set(output["refs"]) == {"0", "1"}


def test_a_property_that_the_nested_parameter_refuses(engine: EngineClient, tmp_path: Path) -> None:
    execution = run(
        engine,
        tmp_path,
        leaf="""
        parameters:
          size: {type: number, constraints: [{range: {max: 3}}]}
        resources:
          v: {type: OS::Heat::Value, properties: {value: {get_param: size}}}
        """,
        stack="""
        resources:
          a: {type: OS::Heat::Value, properties: {value: 5}}
          n: {type: leaf.yaml, properties: {size: {get_attr: [a, value]}}}
        """,
    )
    assert execution.state is State.ERROR
    tasks = {task.name: task for task in engine.tasks(execution.id)}
    assert "n/v" not in tasks
    assert "5 is not at most 3" in engine.results([tasks["n:begin"]])["n:begin"]
    assert "leaf.yaml:4:3" in engine.results([tasks["n:begin"]])["n:begin"]


def test_an_expression_that_fails_says_where_it_stands(
    engine: EngineClient, tmp_path: Path
) -> None:
    execution = run(
        engine,
        tmp_path,
        {"late": "text"},
        stack="""
        parameters:
          late: {type: string}
        resources:
          a:
            type: OS::Heat::Value
            properties:
              value:
                list_join:
                  - ','
                  - str_split: [',', {get_param: late}, 7]
        """,
    )
    assert execution.state is State.ERROR
    (failed,) = [task for task in engine.tasks(execution.id) if task.state is State.ERROR]
    assert failed.name == "a"
    where = f"{tmp_path}/stack.yaml:10:9"
    assert f"error={where}: str_split: the index 7" in (failed.state_info or "")
