"""The way back: from what exists to what an earlier execution of the stack was to make.

The template of that time need not be at hand: the earlier execution's document has its resources,
with all expressions, and whatever they read; so the document of the way back is made of it. It has
no stops.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import networkx as nx

from wfbreak import again, tags
from wfbreak.diagnostics import Position
from wfbreak.existing import Existing, Stock
from wfbreak.providers import Provider
from wfbreak.tags import Kind
from wfbreak.translate import changing, removals, rights
from wfbreak.translate.dependencies import Node, Removal
from wfbreak.translate.document import Document
from wfbreak.translate.expressions import Compiler, Names, quote, reads
from wfbreak.translate.names import safe
from wfbreak.translate.reachability import needed_edges
from wfbreak.translate.stages import Mode
from wfbreak.translate.values import from_plain

_RESOURCE, _NESTED = "wfbreak.create", "wfbreak.nested"
_PARAMETERS, _CREDENTIAL = "wfbreak.parameters", "wfbreak.credential"
_STOPS = "<% wfbreak_stops("
"""How what leads to breakpoints says which of them stop."""


def revert(
    stack: str, written: Mapping[str, Any], body: Mapping[str, Any], stock: Stock, to: str
) -> Document:
    """The document that brings ``stock``, what exists now, to what an earlier one made.

    ``body`` is the earlier document's, ``written`` the same with its texts as they were written
    (:func:`wfbreak.status.document`), ``to`` says in words what the way leads to.
    """
    return _Reverter(stack, written["tasks"], body, stock).document(to)


class _Reverter:
    def __init__(
        self, stack: str, written: Mapping[str, Any], body: Mapping[str, Any], stock: Stock
    ) -> None:
        self._stack, self._written, self._body, self._stock = stack, written, body, stock
        kept = (_RESOURCE, _NESTED, _PARAMETERS)
        self._tasks = {
            name: _bare(task) for name, task in body["tasks"].items() if task["action"] in kept
        }
        self._quoted = {quote(name): name for name in self._tasks}
        self._first = [
            name
            for name, task in body["tasks"].items()
            if task["action"] == _PARAMETERS and not task["input"].get("nested")
        ]
        self._made = {
            str(written[name]["input"]["resource"]): name
            for name, task in self._tasks.items()
            if task["action"] == _RESOURCE
        }
        graph: nx.DiGraph[Node] = nx.DiGraph()
        graph.add_nodes_from(self._made)
        self._going = removals.add(graph, stock)
        taken = set(self._tasks)
        self._removals = {r: _free(changing.wish(r), taken) for r in self._going}
        self._credential_name = _free("credential", taken)
        self._flow = self._ordered(graph)
        texts = _texts(body)
        name = next(iter(texts), "text")
        self._compiler = Compiler(Names(stack, {}, {}, {}, name, {}))
        self._compiler.texts |= texts.get(name, {})
        self._text_input = name

    def _ordered(self, graph: nx.DiGraph[Node]) -> nx.DiGraph[str]:
        """What comes after what, without what other edges imply."""
        found: nx.DiGraph[str] = nx.DiGraph()
        found.add_nodes_from(self._tasks)
        found.add_nodes_from(self._removals.values())
        for name in self._tasks:
            before = [*self._needs(name), *self._read(name)]
            found.add_edges_from((other, name) for other in before if other != name)
        found.add_edges_from((self._name(one), self._name(other)) for one, other in graph.edges)
        reduced: nx.DiGraph[str] = nx.DiGraph()
        reduced.add_nodes_from(found)
        reduced.add_edges_from(needed_edges(found))
        return reduced

    def _name(self, node: Node) -> str:
        return self._removals[node] if isinstance(node, Removal) else self._made[str(node)]

    def _needs(self, name: str) -> Iterator[str]:
        """The tasks that come before one by the template, through stops."""
        seen = {name}
        waiting = list(self._written[name]["input"].get("needs", ()))
        while waiting:
            task = waiting.pop()
            if task in seen:
                continue
            seen.add(task)
            if task in self._tasks:
                yield task
            elif task in self._written:
                waiting += self._written[task]["input"].get("needs", ())

    def _read(self, name: str) -> Iterator[str]:
        """The tasks whose results a task reads."""
        for task, _ in reads(self._tasks[name]["input"]):
            if task in self._quoted:
                yield self._quoted[task]

    def document(self, to: str) -> Document:
        exists = self._stock.resources
        real = any(e.provider.is_real for e in self._going.values()) or any(
            Provider(task["input"].get("provider", Provider.REHEARSE.value)).is_real
            for task in self._tasks.values()
        )
        credential, body = self._credential()
        first = {name: self._tasks[name] for name in self._first}
        if real:
            first[credential] = body
        tasks = dict(first)
        for name, task in self._tasks.items():
            if name not in first:
                tasks[name] = self._task(task, exists.get(self._resource(name)), name)
        for removal, name in self._removals.items():
            before = list(self._flow.predecessors(name))
            stays = removal.is_of_present and removal.resource in self._made
            tasks[name] = changing.removal_task(
                self._compiler,
                name,
                self._going[removal],
                before,
                self._made[removal.resource] if stays else None,
                credential,
            )
        self._connect(tasks, list(first))
        if not tasks:
            tasks["nothing"] = {"description": "There is nothing to do.", "action": "std.noop"}
        return {"version": "2.0", self._stack: self._head(to) | {"tasks": tasks}}

    def _head(self, to: str) -> dict[str, Any]:
        body = self._body
        said: dict[str, Any] = {
            "description": f"Way back of the stack {self._stack} to {to}.",
            "tags": [tags.STACK, tags.of(Mode.NON_STOP.value), tags.of(Kind.UPDATE.value)],
        }
        inputs = [item for item in body.get("input", ()) if not isinstance(item, Mapping)]
        if self._compiler.texts:
            inputs.append({self._text_input: self._compiler.texts})
        if inputs:
            said["input"] = inputs
        if "output" in body:
            said["output"] = body["output"]
        said["vars"] = body["vars"]
        said["task-defaults"] = {"safe-rerun": True, "retry": dict(again.RETRY)}
        return said

    def _credential(self) -> tuple[str, dict[str, Any]]:
        for name, task in self._body["tasks"].items():
            if task["action"] == _CREDENTIAL:
                return name, _bare(task)
        name = self._credential_name
        return name, rights.credential_task(self._compiler, name, self._stack, name)

    def _resource(self, name: str) -> str:
        return str(self._written[name]["input"].get("resource", ""))

    def _task(self, task: dict[str, Any], existing: Existing | None, name: str) -> dict[str, Any]:
        if "needs" in task["input"]:
            needs = from_plain(list(self._needs(name)), Position("", 0, 0))
            task["input"]["needs"] = self._compiler.data(needs, f"{name}.needs")
        if task["action"] == _RESOURCE and existing is not None:
            task["input"]["existing"] = changing.existing_input(self._compiler, existing, name)
        return task

    def _connect(self, tasks: dict[str, Any], first: list[str]) -> None:
        """Write the edges into the tasks: first those that come before everything."""
        flow = self._flow
        flow.remove_nodes_from([name for name in first if name in flow])
        roots = [name for name in flow if not flow.in_degree(name)]
        for name, after in itertools.pairwise(first):
            tasks[name]["on-success"] = [after]
        if first and roots:
            tasks[first[-1]]["on-success"] = roots
        for name in flow:
            if flow.in_degree(name) > 1:
                tasks[name]["join"] = "all"
            if after_it := list(flow.successors(name)):
                tasks[name]["on-success"] = after_it


def _bare(task: Mapping[str, Any]) -> dict[str, Any]:
    """A task without its place in a flow, and without what was said of what existed."""
    found = {
        key: copy.deepcopy(value)
        for key, value in task.items()
        if key in ("description", "action", "input", "publish")
    }
    for name in ("existing", "restricted", "goes"):
        found["input"].pop(name, None)
    published = {
        name: value
        for name, value in found.get("publish", {}).items()
        if not (isinstance(value, str) and value.startswith(_STOPS))
    }
    found.pop("publish", None)
    return found | ({"publish": published} if published else {})


def _free(wish: str, taken: set[str]) -> str:
    """A task's name that is not taken yet; then it is."""
    wished = safe(wish)
    name, count = wished, 1
    while name in taken:
        count += 1
        name = f"{wished}_{count}"
    taken.add(name)
    return name


def _texts(body: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The input that has texts which no task may hold, by its name."""
    return {
        name: dict(texts)
        for item in body.get("input", ())
        if isinstance(item, Mapping)
        for name, texts in item.items()
        if isinstance(texts, Mapping)
    }
