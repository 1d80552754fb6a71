"""The proof of order accepts what the translator makes, and refuses whatever breaks it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.graphs import stacks
from properties.test_graphs_on_engine import translated

from wfbreak.diagnostics import Diagnostics
from wfbreak.translate import Mode, Request, Translation, translate
from wfbreak.translate.verify import verify

GOLDEN = Path(__file__).parent / "golden" / "stages"


@pytest.fixture(scope="module")
def translation() -> Translation:
    return translate(Request(str(GOLDEN / "template.yaml"), (str(GOLDEN / "env.yaml"),)))


def problems(translation: Translation, workflow: dict[str, Any]) -> list[str]:
    diagnostics = Diagnostics()
    tasks = {step: str(getattr(step, "name", step)) for step in translation.plan.order}
    verify(workflow, translation.plan, tasks, diagnostics)
    return [finding.message for finding in diagnostics]


def workflow_of(translation: Translation) -> dict[str, Any]:
    return copy.deepcopy(translation.document[translation.name])


def test_what_the_translator_makes(translation: Translation) -> None:
    assert problems(translation, workflow_of(translation)) == []


def test_every_edge_is_needed(translation: Translation) -> None:
    """Taking any one away is found: the translator emits none that nothing needs."""
    for name, task in workflow_of(translation)["tasks"].items():
        for clause in task.get("on-success", ()):
            if not isinstance(clause, str):  # the engine's command to pause
                continue
            broken = workflow_of(translation)
            broken["tasks"][name]["on-success"].remove(clause)
            assert problems(translation, broken), f"{name} -> {clause}"


def test_every_join_is_needed(translation: Translation) -> None:
    joins = [n for n, t in workflow_of(translation)["tasks"].items() if "join" in t]
    assert joins
    for name in joins:
        broken = workflow_of(translation)
        del broken["tasks"][name]["join"]
        assert any(f"'{name}' does not wait" in p for p in problems(translation, broken))


@pytest.mark.parametrize("change", [{"join": "all"}, {"pause-before": False}])
def test_a_breakpoint_that_cannot_pause(translation: Translation, change: dict[str, Any]) -> None:
    broken = workflow_of(translation)
    broken["tasks"]["db:pre-create"].update(change)
    assert problems(translation, broken) == ["the breakpoint db:pre-create does not pause"]


def test_a_task_that_is_gone(translation: Translation) -> None:
    broken = workflow_of(translation)
    del broken["tasks"]["lonely"]
    assert problems(translation, broken)


def test_two_stops_that_begin_together(translation: Translation) -> None:
    broken = workflow_of(translation)
    broken["tasks"]["settled:2"]["on-success"].remove("app:pre-create")
    broken["tasks"]["settled:1"]["on-success"].append("app:pre-create")
    assert "one task pauses for the stops 1 and 2" in problems(translation, broken)


def test_a_stop_that_does_not_wait_for_the_one_before(translation: Translation) -> None:
    broken = workflow_of(translation)
    for name in ("db", "cache:post-create"):
        broken["tasks"][name]["on-success"].remove("settled:2")
    assert {
        "'db' may be in flight at stop 2",
        "'cache:post-create' may be in flight at stop 2",
    } <= {*problems(translation, broken)}


def test_a_circle(translation: Translation) -> None:
    broken = workflow_of(translation)
    broken["tasks"]["app"]["on-success"] = ["net"]
    broken["tasks"]["net"]["join"] = "all"
    assert "in a circle" in " ".join(problems(translation, broken))


@settings(max_examples=60, deadline=None)
@given(stacks(largest=12), st.sampled_from(Mode), st.data())
def test_random_stacks_and_a_lost_edge(stack: Any, mode: Mode, data: st.DataObject) -> None:
    translation = translated(stack, mode)  # raises if its own proof fails
    workflow = workflow_of(translation)
    edges = [
        (name, clause)
        for name, task in workflow["tasks"].items()
        for clause in task.get("on-success", ())
        if isinstance(clause, str)
    ]
    if not edges or mode is not Mode.NON_STOP:
        return
    name, clause = data.draw(st.sampled_from(edges))
    workflow["tasks"][name]["on-success"].remove(clause)
    assert problems(translation, workflow)
