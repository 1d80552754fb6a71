"""A stack in parts is the same stack: the same tasks, in an order at least as strict, which stop at
the same places; parts hold no stop, and have what their expressions read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.graphs import Stack, stacks

from wfbreak import parts
from wfbreak.course import BREAKPOINT
from wfbreak.diagnostics import Diagnostics
from wfbreak.translate import Mode, Request, Translation, translate
from wfbreak.translate.cutting import crossing, cut, depth
from wfbreak.translate.partition import AUTO, OFF, Partition
from wfbreak.translate.verify import verify
from wfbreak.translate.verify_parts import verify_parts

from .support import made, write

SIZES = st.integers(2, 8)


def whole_of(translation: Translation) -> dict[str, Any]:
    """The one body of tasks that a translation stands for."""
    document = yaml.safe_load(translation.text())
    return parts.joined(document[translation.name], document)


def bodies(translation: Translation) -> dict[str, dict[str, Any]]:
    return {name: body for name, body in translation.document.items() if name != "version"}


def flow(tasks: Mapping[str, Any]) -> nx.DiGraph[str]:
    found: nx.DiGraph[str] = nx.DiGraph()
    found.add_nodes_from(tasks)
    for name, task in tasks.items():
        found.add_edges_from((name, c) for c in task.get("on-success", ()) if isinstance(c, str))
    return found


def both(stack: Stack, mode: Mode, size: int) -> tuple[Translation, Translation]:
    """A random stack's translation in parts, and as a whole."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(stack.write(Path(folder)))
        breaks = tuple(f"{name}:{hook}" for name, hook in sorted(stack.stops))
        cut_, whole = (
            translate(Request(path, breaks=breaks, mode=mode, partition=partition))
            for partition in (Partition(size), OFF)
        )
    return cut_, whole


class TestTheSameStack:
    @settings(deadline=None)
    @given(stacks(), st.sampled_from(Mode), SIZES)
    def test_tasks_and_their_order(self, stack: Stack, mode: Mode, size: int) -> None:
        in_parts, whole = both(stack, mode, size)
        found = whole_of(in_parts)
        wanted = whole.document[whole.name]
        for name, task in wanted["tasks"].items():
            mine = found["tasks"][name]
            for key in set(task) - {"join", "on-success"}:
                assert mine[key] == task[key], name
            commands = [c for c in task.get("on-success", ()) if not isinstance(c, str)]
            assert [c for c in mine.get("on-success", ()) if not isinstance(c, str)] == commands
        for key in set(wanted) - {"tasks", "tags"}:
            assert found[key] == wanted[key]
        # What is more are places in the order.
        more = set(found["tasks"]) - set(wanted["tasks"])
        assert {found["tasks"][name]["action"] for name in more} <= {"std.noop"}
        closure = nx.transitive_closure_dag(flow(found["tasks"]))
        for edge in flow(wanted["tasks"]).edges:
            assert closure.has_edge(*edge)

    @settings(deadline=None)
    @given(stacks(), st.sampled_from(Mode), SIZES)
    def test_parts(self, stack: Stack, mode: Mode, size: int) -> None:
        in_parts, whole = both(stack, mode, size)
        root, *others = bodies(in_parts).values()
        names = [name for name in bodies(in_parts) if name != in_parts.name]
        assert sorted(parts.parts_of(root["tasks"]).values()) == sorted(names)
        if mode is Mode.STEP:
            assert not others  # every resource is a stop
        wanted = flow(whole.document[whole.name]["tasks"])
        breakpoints = {n for n in wanted if is_breakpoint(whole, n)}
        for body in others:
            tasks = list(body["tasks"])
            assert 2 <= len(tasks) <= size * 1.5 + 1
            assert not breakpoints & set(tasks)
            # They wait for the same breakpoints: where one is let go alone, nothing else waits.
            before = {frozenset(nx.ancestors(wanted, task) & breakpoints) for task in tasks}
            assert len(before) == 1
            assert body["tags"] == [parts.TAG]

    def test_off_is_the_whole(self, tmp_path: Path) -> None:
        write(tmp_path, template=CHAIN)
        assert list(made(tmp_path, partition=OFF).document) == ["version", "stack"]


def is_breakpoint(translation: Translation, name: str) -> bool:
    action = translation.document[translation.name]["tasks"][name]["action"]
    return bool(action == BREAKPOINT)


CHAIN = """
    heat_template_version: 2018-08-31
    parameters:
      word: {type: string}
      other: {type: string}
    resources:
      a:
        type: OS::Heat::Value
        properties: {type: string, value: {get_param: word}}
      b:
        type: OS::Heat::Value
        properties:
          value:
            list_join:
              - ","
              - - {get_attr: [a, value]}
                - "task('a').result"
                - {get_param: "OS::stack_id"}
      c:
        type: OS::Heat::Value
        properties: {type: string, value: "<% task('a').result %> {{ $.word }}"}
        depends_on: b
      d:
        type: OS::Heat::Value
        properties:
          value: {list_join: ["+", [{get_attr: [a, value]}, {get_attr: [c, value]}]]}
    outputs:
      shown: {value: {get_attr: [d, value]}}
      literal: {value: "task('d').result"}
"""


class TestWhatIsRead:
    @pytest.fixture
    def chain(self, tmp_path: Path) -> Translation:
        write(tmp_path, template=CHAIN)
        return made(tmp_path, partition=Partition(2))

    def test_inputs_of_the_stack(self, chain: Translation) -> None:
        root, first, second = bodies(chain).values()
        assert root["tags"] == ["wfbreak", "wfbreak:non-stop", "wfbreak:create", parts.WHOLE]
        assert root["tasks"]["part:1"]["input"] == {"word": "<% $.word %>"}
        assert first["input"] == ["word"]  # and not the other
        assert "word" not in second["input"]

    def test_results(self, chain: Translation) -> None:
        root, first, second = bodies(chain).values()
        said = root["tasks"]["part:2"]["input"][parts.GIVEN]
        assert said == {"a": "<% task('part:1').result.get('a') %>"}
        assert first["output"] == {"a": "<% task('a').result %>"}
        assert second["output"] == {"d": "<% task('d').result %>"}
        assert root["output"]["shown"] == (
            "<% task('part:2').result.get('d').attributes.get('value') %>"
        )

    def test_a_text_that_looks_like_an_expression_is_one_text(self, chain: Translation) -> None:
        root, first, second = bodies(chain).values()
        assert root["output"]["literal"] == "task('d').result"
        joined = first["tasks"]["b"]["input"]["properties"]["value"]
        assert "'task(\\'a\\').result'" in joined
        assert second["tasks"]["c"]["input"]["properties"]["value"] == (
            "<% $.text.get('c.properties.value') %>"
        )
        # Texts stand in the stack's workflow, and a part gets those that it reads.
        texts = {"c.properties.value": "<% task('a').result %> {{ $.word }}"}
        assert {"text": texts} in root["input"]
        assert root["tasks"]["part:2"]["input"]["text"] == {
            key: f"<% $.text.get('{key}') %>" for key in texts
        }
        assert second["input"][0] == "text"

    def test_the_id_of_the_stack(self, chain: Translation) -> None:
        _, first, _ = bodies(chain).values()
        assert parts.ROOT in first["tasks"]["b"]["input"]["properties"]["value"]
        assert "execution().id" in whole_of(chain)["tasks"]["b"]["input"]["properties"]["value"]

    def test_a_part_is_tried_once(self, chain: Translation) -> None:
        root, first, _ = bodies(chain).values()
        assert root["tasks"]["part:1"]["retry"] == {"count": 0, "delay": 0}
        assert first["task-defaults"] == root["task-defaults"]

    def test_names_that_are_no_words(self, tmp_path: Path) -> None:
        write(tmp_path, template=CHAIN.replace("word", "a-word"))
        root, first, _ = bodies(made(tmp_path, partition=Partition(2))).values()
        assert first["input"] == ["a-word"]
        assert root["tasks"]["part:1"]["input"] == {"a-word": "<% $.get('a-word') %>"}

    def test_a_resource_may_be_called_as_a_part(self, tmp_path: Path) -> None:
        template = CHAIN.replace("      d:\n", "      'part:1':\n").replace("[d,", "['part:1',")
        write(tmp_path, template=template)
        root, *_ = bodies(made(tmp_path, partition=Partition(2))).values()
        assert list(parts.parts_of(root["tasks"])) == ["part_:1", "part_:2"]

    def test_a_parameter_called_as_what_is_given(self, tmp_path: Path) -> None:
        write(tmp_path, template=CHAIN.replace("word", parts.GIVEN))
        root, first, second = bodies(made(tmp_path, partition=Partition(2))).values()
        assert root["tasks"]["part:1"]["input"] == {"from_outside": "<% $.from_outside %>"}
        assert first["input"] == ["from_outside"]
        assert second["input"] == ["text", parts.GIVEN]


class TestProof:
    """What keeps the order of a whole is asked of parts, too."""

    @pytest.fixture
    def translation(self, tmp_path: Path) -> Translation:
        write(tmp_path, template=CHAIN)
        return made(
            tmp_path, partition=Partition(2), options={"word": "w", "other": "o"}, breaks=("d",)
        )

    def problems(self, translation: Translation, document: Mapping[str, Any]) -> list[str]:
        diagnostics = Diagnostics()
        tasks = {step: str(getattr(step, "name", step)) for step in translation.plan.order}
        body = parts.joined(document[translation.name], document)
        verify(body, translation.plan, tasks, diagnostics)
        return [finding.message for finding in diagnostics]

    def test_every_edge_is_needed(self, translation: Translation) -> None:
        text = translation.text()
        assert self.problems(translation, yaml.safe_load(text)) == []
        for name, body in bodies(translation).items():
            for task, said in body["tasks"].items():
                for clause in said.get("on-success", ()):
                    if isinstance(clause, str):
                        broken = yaml.safe_load(text)
                        broken[name]["tasks"][task]["on-success"].remove(clause)
                        assert self.problems(translation, broken), f"{name}: {task} -> {clause}"

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda d: d["stack"]["tasks"]["part:1"]["input"].pop("word"), "other inputs"),
            (lambda d: d["stack.part-1"]["input"].remove("word"), "other inputs"),
            (
                lambda d: (
                    d["stack"]["tasks"]["part:1"]["input"].pop("word"),
                    d["stack.part-1"]["input"].remove("word"),
                ),
                "reads word, which it is not given",
            ),
            (
                lambda d: d["stack"]["tasks"]["part:2"]["input"][parts.GIVEN].pop("a"),
                "reads 'a', which it is not given",
            ),
            (
                lambda d: d["stack"]["output"].update(x="<% task('d').result %>"),
                "reads the results of 'd', which are no tasks of its own",
            ),
        ],
    )
    def test_what_is_not_there(
        self, tmp_path: Path, change: Callable[[Any], Any], words: str
    ) -> None:
        write(tmp_path, template=CHAIN)
        broken = yaml.safe_load(made(tmp_path, partition=Partition(2)).text())
        for document, expected in ((broken, ""), (broken, words)):
            diagnostics = Diagnostics()
            verify_parts(document, "stack", diagnostics)
            assert expected in " ".join(finding.message for finding in diagnostics)
            assert bool(list(diagnostics)) == bool(expected)
            if not expected:
                change(broken)

    def test_a_join_that_is_missing(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            template="""
                heat_template_version: 2018-08-31
                resources:
                  a: {type: OS::Heat::None}
                  b: {type: OS::Heat::None}
                  c: {type: OS::Heat::None, depends_on: [a, b]}
                  d: {type: OS::Heat::None}
            """,
        )
        translation = made(tmp_path, partition=Partition(4))
        broken = yaml.safe_load(translation.text())
        del broken["stack.part-1"]["tasks"]["c"]["join"]
        assert "the task 'c' does not wait for all that lead to it" in self.problems(
            translation, broken
        )


class TestCutting:
    @settings(deadline=None)
    @given(stacks(largest=60), SIZES)
    def test_parts_are_convex_and_hold_each_once(self, stack: Stack, size: int) -> None:
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(len(stack.needs)))
        graph.add_edges_from((n, i) for i, needed in enumerate(stack.needs) for n in needed)
        pieces = cut(graph, size)
        assert sorted(node for piece in pieces for node in piece) == list(graph)
        assert max(map(len, pieces)) <= size * 1.5 + 1
        assert depth(graph, pieces) >= 1  # it refuses what is not convex
        seen: set[int] = set()
        for node in (node for piece in pieces for node in piece):
            assert set(graph.predecessors(node)) <= seen
            seen.add(node)

    def test_two_chains_are_not_mixed(self) -> None:
        graph: nx.DiGraph[str] = nx.DiGraph()
        for chain in "ab":
            nx.add_path(graph, [f"{chain}{number}" for number in range(10)])
        pieces = cut(graph, 10)
        assert sorted(map(sorted, pieces)) == [[f"{c}{n}" for n in range(10)] for c in "ab"]
        assert not list(crossing(graph, pieces))
        assert depth(graph, pieces) == 1

    def test_what_is_not_convex_is_refused(self) -> None:
        graph: nx.DiGraph[str] = nx.DiGraph([("a", "b"), ("b", "c")])
        with pytest.raises(ValueError, match="convex"):
            depth(graph, [["a", "c"], ["b"]])


@pytest.mark.parametrize(
    ("partition", "sizes"), [(OFF, [0, 0]), (Partition(7), [7, 7]), (AUTO, [0, 100])]
)
def test_how_finely(partition: Partition, sizes: list[int]) -> None:
    assert [partition.of(tasks) for tasks in (1_000, 10_000)] == sizes
