"""Every peer is given the same graph."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from benchmarks.shapes import Graph, Shape, name
from wfbreak.translate import Request, translate

SIZES = (1, 10, 30)


@pytest.mark.parametrize("shape", Shape)
@pytest.mark.parametrize("size", SIZES)
def test_a_template_has_the_graphs_edges(shape: Shape, size: int, tmp_path: Path) -> None:
    graph = Graph.of(shape, size)
    path = tmp_path / "stack.yaml"
    path.write_text(graph.template())
    translation = translate(Request(str(path), breaks=(f"{graph.last}:post-create",)))
    listed = yaml.safe_load(graph.template())["resources"]
    assert {key: listed[key].get("depends_on", []) for key in listed} == {
        name(number): [name(other) for other in needed] for number, needed in enumerate(graph.needs)
    }
    assert set(listed) <= set(translation.text().replace(":", " ").split())


@pytest.mark.parametrize("shape", Shape)
@pytest.mark.parametrize("size", SIZES)
def test_a_workflow_has_the_graphs_edges(shape: Shape, size: int) -> None:
    graph = Graph.of(shape, size)
    tasks = yaml.safe_load(graph.workflow("bench"))["bench"]["tasks"]
    edges = {(key, other) for key, task in tasks.items() for other in task.get("on-success", ())}
    needs = {
        (name(other), name(number)) for number, all_ in enumerate(graph.needs) for other in all_
    }
    assert edges == needs
    several = {name(number) for number, needed in enumerate(graph.needs) if len(needed) > 1}
    assert {key for key, task in tasks.items() if task.get("join") == "all"} == several


def test_the_shapes_are_what_they_are_called() -> None:
    assert Graph.of(Shape.INDEPENDENT, 3).needs == ((), (), ())
    assert Graph.of(Shape.CHAIN, 3).needs == ((), (0,), (1,))
    assert Graph.of(Shape.FAN_IN, 3).needs == ((), (), (0, 1))
    assert Graph.of(Shape.LAYERED, 13).needs[10:] == ((), (0, 4, 8), (1, 5, 9))
