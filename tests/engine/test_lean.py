"""What is left out of Mistral's work changes none of its answers.

Mistral's own functions are asked about the same workflows, with cycles and commands in them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from mistral.lang import parser
from mistral.lang.v2.workflows import DirectWorkflowSpec
from mistral.workflow.direct_workflow import DirectWorkflowController

from wfbreak.engine import lean

OWN_INBOUND = DirectWorkflowSpec.find_inbound_task_specs
OWN_AFFECTED = DirectWorkflowController.find_indirectly_affected_task_executions

CLAUSES = ("on-success", "on-error", "on-complete", "on-skip")


def test_it_is_mistrals_own_that_is_compared() -> None:
    assert OWN_INBOUND.__module__.startswith("mistral.")
    assert OWN_AFFECTED.__module__.startswith("mistral.")


@st.composite
def specifications(draw: st.DrawFn) -> Any:
    names = [f"t{number}" for number in range(draw(st.integers(1, 9)))]
    tasks: dict[str, Any] = {}
    for name in names:
        task: dict[str, Any] = {"action": "std.noop"}
        if draw(st.booleans()):
            task["join"] = draw(st.sampled_from(["all", "one"]))
        for clause in CLAUSES:
            after = draw(st.lists(st.sampled_from([*names, "fail", "pause"]), max_size=3))
            if after:
                task[clause] = sorted(set(after))
        tasks[name] = task
    document: dict[str, Any] = {"tasks": tasks}
    if draw(st.booleans()):
        document["task-defaults"] = {"on-error": [draw(st.sampled_from(names))]}
    text = yaml.safe_dump({"version": "2.0", "w": document})
    # A workflow of its own for each: specifications keep what they have found.
    return parser.get_workflow_list_spec_from_yaml(text, validate=False).get_workflows()[0]


@dataclass
class Executions:
    """Which tasks have begun, as the controller asks for them."""

    begun: Collection[str]
    asked: list[set[str]] = field(default_factory=list)

    def __call__(self, fields: Collection[str], name: dict[str, Collection[str]]) -> list[Any]:
        self.asked.append(set(name["in"]))
        return [Execution(each) for each in sorted(set(name["in"]) & set(self.begun))]


@dataclass(frozen=True)
class Execution:
    name: str

    @property
    def id(self) -> str:
        return self.name


@settings(max_examples=300)
@given(specifications(), st.booleans())
def test_inbound_tasks(specification: Any, is_late: bool) -> None:
    """Also where Mistral has looked for some of them itself, before the engine was made lean."""
    tasks = list(specification.get_tasks())
    before = tasks[: len(tasks) // 2] if is_late else []
    theirs = {task.get_name(): OWN_INBOUND(specification, task) for task in before}
    mine = {task.get_name(): lean._inbound(specification, task) for task in tasks}
    theirs |= {task.get_name(): OWN_INBOUND(specification, task) for task in tasks}
    assert mine == theirs


@settings(max_examples=300)
@given(specifications(), st.data())
def test_joins_that_a_tasks_end_may_set_going(specification: Any, data: st.DataObject) -> None:
    names = [task.get_name() for task in specification.get_tasks()]
    begun = data.draw(st.sets(st.sampled_from(names)))
    for name in names:
        controller = SimpleNamespace(wf_spec=specification, _get_task_executions=Executions(begun))
        theirs = OWN_AFFECTED(controller, name)
        mine = lean._affected(controller, name)
        assert mine == theirs


@pytest.mark.parametrize("size", [10, 300])
def test_only_the_joins_behind_a_task_are_asked_for(size: int) -> None:
    tasks = {
        f"t{n}": {"action": "std.noop", "join": "all", "on-success": [f"t{n + 1}"]}
        for n in range(1, size)
    }
    tasks["t0"] = {"action": "std.noop", "on-success": ["t1"]}
    tasks[f"t{size}"] = {"action": "std.noop", "join": "all"}
    text = yaml.safe_dump({"version": "2.0", "w": {"tasks": tasks}})
    specification = parser.get_workflow_list_spec_from_yaml(text, validate=False).get_workflows()[0]
    executions = Executions([f"t{n}" for n in range(size)])
    controller = SimpleNamespace(wf_spec=specification, _get_task_executions=executions)
    assert {found.name for found in lean._affected(controller, "t0")} == {"t1"}
    assert executions.asked == [{"t1"}]
