"""A large stack as a workflow of parts, each a workflow of its own with some of the tasks.

What is cut are the resources between two stops, so that a stop lies between parts and never inside
of one: at a pause no part has begun that is not done. Of these only what waits for the same
breakpoints is put together: where one of a stop's breakpoints is let go and another is held, what
can go on goes on as in one workflow. Breakpoints, barriers and what comes first of all stay in the
stack's own workflow.

A part begins when all that it needs is done; what its tasks read from outside, inputs and results
of tasks, are its inputs, and its outputs are the results that others read. So a resource may wait
for one that it does not need. Nothing else changes: :func:`wfbreak.parts.joined` makes the one body
of tasks of it again, which the order is proved on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import networkx as nx

from wfbreak import parts
from wfbreak.translate.breakpoints import Breakpoint
from wfbreak.translate.cutting import cut
from wfbreak.translate.document import Document
from wfbreak.translate.emit import Emitted
from wfbreak.translate.expressions import quote, variable
from wfbreak.translate.flow import FlowTask, Helper, Role
from wfbreak.translate.reachability import needed_edges
from wfbreak.translate.stages import Mode, Plan

_LITERAL = r"'(?:[^'\\]|\\.)*'"

_READ = re.compile(
    rf"{_LITERAL}"
    rf"|task\((?P<task>{_LITERAL})\)\.result"
    rf"|\$\.(?:get\((?P<quoted>{_LITERAL})\)|(?P<plain>[A-Za-z]\w*))"
    rf"(?:\.get\((?P<key>{_LITERAL})\))?"
    r"|(?P<execution>execution\(\)\.id\b)"
)
"""What an expression reads; a text in it is none of these."""

_NO_RETRY: Final = {"count": 0, "delay": 0}
"""Not the policy of all tasks: a part's tasks are tried again, never the whole part."""

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Partition:
    """How finely a stack is cut: into parts of about ``size`` tasks; 0 is not at all, and ``None``
    what has been measured to be best."""

    size: int | None = None

    def of(self, tasks: int) -> int:
        """The size of the parts of a stack of so many tasks; 0 for none."""
        if self.size is not None:
            return self.size
        return _BEST if tasks >= _LARGE else 0


AUTO: Final = Partition()

OFF: Final = Partition(0)

_LARGE, _BEST = 5_000, 100
"""As ``python -m benchmarks.partition`` has shown (docs/speed.md): up to 1,000 tasks parts cost
some hundredths more, on an embedded engine and on a cluster; at 3,000 as much, at 10,000 a seventh
less. (Parts of 400 cost 4 % less still; but what such a part gives others may be more than Mistral
keeps, ``execution_field_size_limit_kb``.)"""


def apply(
    emitted: Emitted, stack: str, plan: Plan, flow: nx.DiGraph[FlowTask], partition: Partition
) -> Emitted:
    """The document in parts; as it is where there are to be none, or there is nothing to cut."""
    body = emitted.document[stack]
    size = partition.of(len(flow))
    if not size or plan.mode is Mode.STEP or parts.GIVEN in _variables(body):
        return emitted
    pieces = [
        [emitted.tasks[task] for task in piece]
        for region in _regions(plan, flow)
        if len(region) >= max(2, size / 2)
        for piece in cut(_inside(flow, region), size)
        if len(piece) > 1
    ]
    if not pieces:
        return emitted
    edges = [(emitted.tasks[one], emitted.tasks[other]) for one, other in flow.edges]
    return Emitted(
        {"version": emitted.document["version"], **_Parted(stack, body, edges, pieces).workflows()},
        emitted.tasks,
        emitted.inputs,
    )


def _regions(plan: Plan, flow: nx.DiGraph[FlowTask]) -> Iterator[list[FlowTask]]:
    """The tasks that lie between the same stops and wait for the same breakpoints of the first."""
    after: dict[FlowTask, frozenset[Breakpoint]] = {}
    found: dict[tuple[int, frozenset[Breakpoint]], list[FlowTask]] = {}
    for task in nx.topological_sort(flow):
        stops = frozenset[Breakpoint]()
        if not (isinstance(task, Helper) and task.role is Role.SETTLED):
            stops = stops.union(*(after[before] for before in flow.predecessors(task)))
        if isinstance(task, Breakpoint):
            stops |= {task}
        after[task] = stops
        if not isinstance(task, Helper | Breakpoint):
            found.setdefault((plan.interval[task], stops), []).append(task)
    yield from found.values()


def _inside(flow: nx.DiGraph[FlowTask], region: Iterable[FlowTask]) -> nx.DiGraph[FlowTask]:
    within: nx.DiGraph[FlowTask] = nx.DiGraph()
    within.add_nodes_from(region)  # in their order: a subgraph of networkx's has none
    within.add_edges_from(
        (task, after) for task in within for after in flow.successors(task) if after in within
    )
    return within


@dataclass
class _Part:
    """A part: its task in the stack's workflow, its own workflow, its tasks. What it reads from
    outside are results of tasks, and inputs, of maps of texts by the texts; ``read`` are those of
    its results that others read.
    """

    task: str
    workflow: str
    tasks: Sequence[str]
    results: dict[str, None] = field(default_factory=dict)
    inputs: dict[str, dict[str, None] | None] = field(default_factory=dict)
    read: dict[str, None] = field(default_factory=dict)


class _Parted:
    """A body in parts. ``edges`` are those of its tasks, ``pieces`` the names of each part's."""

    def __init__(
        self,
        stack: str,
        body: Mapping[str, Any],
        edges: Iterable[tuple[str, str]],
        pieces: Sequence[Sequence[str]],
    ) -> None:
        self._stack = stack
        self._body = body
        self._tasks = body["tasks"]
        base = "part"
        while any(name.startswith(f"{base}:") for name in self._tasks):
            base += "_"
        self._parts = [
            _Part(f"{base}:{number}", f"{stack[:_LONGEST_NAME]}.part-{number}", piece)
            for number, piece in enumerate(pieces, 1)
        ]
        self._where = {name: part for part in self._parts for name in part.tasks}
        self._quoted = {quote(name): name for name in self._tasks}
        self._variables = _variables(body)
        self._named = {name: name for name in self._variables}
        self._named |= {quote(name): name for name in self._variables}
        self._flow: nx.DiGraph[str] = nx.DiGraph()
        self._flow.add_nodes_from(self._tasks)
        self._flow.add_edges_from(edges)

    def workflows(self) -> Document:
        """The bodies of all workflows, by their names; the stack's first."""
        inside = {part.workflow: self._tasks_of(part) for part in self._parts}
        root = self._root()  # last of what reads: only now is it known what is read
        return {self._stack: root} | {
            part.workflow: self._workflow(part, inside[part.workflow]) for part in self._parts
        }

    def _tasks_of(self, part: _Part) -> dict[str, Any]:
        within = self._flow.subgraph(part.tasks)
        found = {}
        for name in part.tasks:
            task = dict(self._tasks[name])
            task.pop("join", None)
            task.pop("on-success", None)
            if within.in_degree(name) > 1:
                task["join"] = "all"
            if after := [each for each in self._flow.successors(name) if each in within]:
                task["on-success"] = after
            found[name] = parts.rewritten(task, lambda text: self._inner(text, part))
        return found

    def _workflow(self, part: _Part, tasks: dict[str, Any]) -> dict[str, Any]:
        inputs = [*part.inputs, *([parts.GIVEN] if part.results else [])]
        outputs = {name: f"<% task({quote(name)}).result %>" for name in part.read}
        return {
            "description": f"{self._said(part)} of the stack {self._stack}.",
            "tags": [parts.TAG],
            **({"input": inputs} if inputs else {}),
            # With none Mistral gives all that it has.
            "output": outputs or {"tasks": len(tasks)},
            **{key: self._body[key] for key in ("vars", "task-defaults")},
            "tasks": tasks,
        }

    def _said(self, part: _Part) -> str:
        number = self._parts.index(part) + 1
        return f"Part {number} of {len(self._parts)} ({part.tasks[0]} to {part.tasks[-1]})"

    def _root(self) -> dict[str, Any]:
        order = self._order()
        tasks: dict[str, Any] = {}
        for name in order:
            task = dict(self._tasks.get(name, {}))
            kept = [each for each in task.pop("on-success", ()) if not isinstance(each, str)]
            task.pop("join", None)
            if name not in self._tasks:
                task = self._task(next(part for part in self._parts if part.task == name))
            if order.in_degree(name) > 1:
                task["join"] = "all"
            if after := [*order.successors(name), *kept]:
                task["on-success"] = after
            tasks[name] = parts.rewritten(task, self._outer)
        return {
            **self._body,
            "tags": [*self._body["tags"], parts.WHOLE],
            **parts.outputs(self._body, self._outer),
            "tasks": tasks,
        }

    def _order(self) -> nx.DiGraph[str]:
        """The tasks of the stack's workflow, each part where its first task was."""
        names = {
            name: self._where[name].task if name in self._where else name for name in self._tasks
        }
        whole: nx.DiGraph[str] = nx.DiGraph()
        whole.add_nodes_from(dict.fromkeys(names.values()))
        whole.add_edges_from(
            (names[one], names[other])
            for one, other in self._flow.edges
            if names[one] != names[other]
        )
        found: nx.DiGraph[str] = nx.DiGraph()
        found.add_nodes_from(whole)
        found.add_edges_from(needed_edges(whole))
        return found

    def _task(self, part: _Part) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for name, keys in part.inputs.items():
            whole = variable(name)
            given[name] = f"<% {whole} %>"
            if keys is not None:
                given[name] = {key: f"<% {whole}.get({quote(key)}) %>" for key in keys}
        if part.results:
            given[parts.GIVEN] = {
                name: f"<% task({quote(name)}).result %>" for name in part.results
            }
        return {
            "description": f"{self._said(part)}: {len(part.tasks)} tasks.",
            "workflow": part.workflow,
            **({"input": given} if given else {}),
            "retry": dict(_NO_RETRY),
        }

    def _outer(self, expression: str) -> str:
        """An expression of the stack's workflow, which reads results of parts."""

        def replaced(match: re.Match[str]) -> str:
            name = self._quoted.get(match["task"] or "")
            part = self._where.get(name) if name is not None else None
            if name is None or part is None:
                return match[0]
            part.read[name] = None
            return f"task({quote(part.task)}).result.get({match['task']})"

        return _READ.sub(replaced, expression)

    def _inner(self, expression: str, part: _Part) -> str:
        """An expression of a part, which reads what it is given."""

        def replaced(match: re.Match[str]) -> str:
            if match["execution"]:
                return parts.ROOT
            if match["task"]:
                name = self._quoted.get(match["task"])
                if name is None or self._where.get(name) is part:
                    return match[0]
                part.results[name] = None
                return f"{parts.GIVEN_RESULT}{match['task']})"
            if (read := match["plain"] or match["quoted"]) is not None:
                self._read(part, read, match["key"])
            return match[0]

        return _READ.sub(replaced, expression)

    def _read(self, part: _Part, variable_: str, key: str | None) -> None:
        """Note what a part reads of the stack's variables. (``$`` is these alone: no expression of
        wfbreak's has another.)"""
        name = self._named.get(variable_)
        if name is None:
            return
        texts = self._variables[name]
        text = next((t for t in texts if quote(t) == key), None) if key and texts else None
        if text is None:
            part.inputs[name] = None
        elif (keys := part.inputs.setdefault(name, {})) is not None:
            keys[text] = None


def _variables(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What a workflow's expressions may read of its inputs and of what its tasks publish; of those
    that are maps of texts these."""
    found: dict[str, Mapping[str, Any]] = {}
    for item in body.get("input", ()):
        found |= dict(item) if isinstance(item, Mapping) else {item: {}}
    for task in body["tasks"].values():
        found |= {name: {} for name in task.get("publish", ()) if name not in found}
    return found
