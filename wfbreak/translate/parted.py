"""The workflows of a stack in parts, written of the one workflow that it would be.

What a part's tasks read from outside, inputs and results of tasks, are its inputs; its outputs are
the results that others read. :func:`wfbreak.parts.joined` makes the one workflow of it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import networkx as nx

from wfbreak import parts
from wfbreak.parts import LITERAL
from wfbreak.translate.document import Document
from wfbreak.translate.expressions import quote, variable
from wfbreak.translate.reachability import needed_edges

_READ = re.compile(
    rf"{LITERAL}"
    rf"|task\((?P<task>{LITERAL})\)\.result"
    rf"|\$\.(?:get\((?P<quoted>{LITERAL})\)|(?P<plain>[A-Za-z]\w*))(?:\.get\((?P<key>{LITERAL})\))?"
    r"|(?P<execution>execution\(\)\.id\b)"
)
"""What an expression reads; a text in it is none of these."""

_NO_RETRY: Final = {"count": 0, "delay": 0}
"""Not the policy of all tasks: a part's tasks are tried again, never the whole part."""

_LONGEST_NAME = 200


def parted(
    document: Document,
    stack: str,
    edges: Iterable[tuple[str, str]],
    pieces: Sequence[Sequence[str]],
) -> Document:
    """The document with a workflow for each of the ``pieces``, names of tasks of the workflow
    ``stack``. ``edges`` are those of its tasks; the pieces are convex and apart."""
    return {"version": document["version"], **_Parted(stack, document[stack], edges, pieces).all()}


@dataclass
class _Part:
    """``task`` is the part's in the stack's workflow, ``flow`` the order of its own tasks. What it
    reads from outside are ``results`` of tasks, and ``inputs``, of maps of texts by the texts (all
    of one: ``None``); ``read`` are those of its results that others read."""

    number: int
    task: str
    workflow: str
    flow: nx.DiGraph[str]
    results: dict[str, None] = field(default_factory=dict)
    inputs: dict[str, dict[str, None] | None] = field(default_factory=dict)
    read: dict[str, None] = field(default_factory=dict)


class _Parted:
    def __init__(
        self,
        stack: str,
        body: Mapping[str, Any],
        edges: Iterable[tuple[str, str]],
        pieces: Sequence[Sequence[str]],
    ) -> None:
        self._stack, self._body = stack, body
        self._tasks: Mapping[str, Any] = body["tasks"]
        base = "part"
        while any(name.startswith(f"{base}:") for name in self._tasks):
            base += "_"
        self._parts: dict[str, _Part] = {}
        self._where: dict[str, _Part] = {}
        for number, piece in enumerate(pieces, 1):
            name, workflow = f"{base}:{number}", f"{stack[:_LONGEST_NAME]}.part-{number}"
            part = self._parts[name] = _Part(number, name, workflow, nx.DiGraph())
            part.flow.add_nodes_from(piece)
            self._where |= dict.fromkeys(piece, part)
        self._order = self._ordered(edges)
        self._quoted = {quote(name): name for name in self._tasks}
        self._variables = _variables(body)

    def _ordered(self, edges: Iterable[tuple[str, str]]) -> nx.DiGraph[str]:
        """The order of the stack's own workflow, each part where its first task was; edges inside
        of parts are put there."""
        whole: nx.DiGraph[str] = nx.DiGraph()
        whole.add_nodes_from(map(self._name, self._tasks))
        for one, other in edges:
            before, after = self._name(one), self._name(other)
            if before == after:
                self._parts[before].flow.add_edge(one, other)
            else:
                whole.add_edge(before, after)
        found: nx.DiGraph[str] = nx.DiGraph()
        found.add_nodes_from(whole)
        found.add_edges_from(needed_edges(whole))
        return found

    def _name(self, task: str) -> str:
        """What a task is in the stack's own workflow: itself, or a part."""
        return self._where[task].task if task in self._where else task

    def all(self) -> dict[str, Any]:
        """The bodies of the workflows, by their names; the stack's first."""
        # In this order: what is read of a part is known when all expressions have been looked at.
        inside = [(part, self._inside(part)) for part in self._parts.values()]
        root = self._root()
        return {self._stack: root} | {
            part.workflow: self._workflow(part, tasks) for part, tasks in inside
        }

    def _inside(self, part: _Part) -> dict[str, Any]:
        return {
            name: parts.rewritten(
                _placed(self._tasks[name], name, part.flow), lambda text: self._inner(text, part)
            )
            for name in part.flow
        }

    def _root(self) -> dict[str, Any]:
        tasks = {}
        for name in self._order:
            task = self._task(self._parts[name]) if name in self._parts else self._tasks[name]
            tasks[name] = parts.rewritten(_placed(task, name, self._order), self._outer)
        return {
            **self._body,
            "tags": [*self._body["tags"], parts.WHOLE],
            **parts.outputs(self._body, self._outer),
            "tasks": tasks,
        }

    def _workflow(self, part: _Part, tasks: Mapping[str, Any]) -> dict[str, Any]:
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

    def _task(self, part: _Part) -> dict[str, Any]:
        """The task that runs a part."""
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
            "description": f"{self._said(part)}: {len(part.flow)} tasks.",
            "workflow": part.workflow,
            **({"input": given} if given else {}),
            "retry": dict(_NO_RETRY),
        }

    def _said(self, part: _Part) -> str:
        names = list(part.flow)
        return f"Part {part.number} of {len(self._parts)} ({names[0]} to {names[-1]})"

    def _outer(self, expression: str) -> str:
        """An expression of the stack's workflow, which reads results of parts."""

        def replaced(match: re.Match[str]) -> str:
            name = self._quoted.get(match["task"] or "", "")
            part = self._where.get(name)
            if part is None:
                return match[0]
            part.read[name] = None
            return parts.result_of_part(quote(part.task), match["task"])

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
                return parts.result_from_outside(match["task"])
            read = match["plain"] or match["quoted"]
            if read in self._variables:
                self._read(part, read, match["key"])
            return match[0]

        return _READ.sub(replaced, expression)

    def _read(self, part: _Part, read: str, key: str | None) -> None:
        """Note what a part reads of the stack's variables. (``$`` is these alone: no expression of
        wfbreak's has another.)"""
        name, texts = self._variables[read]
        if key not in texts:
            part.inputs[name] = None
        elif (keys := part.inputs.setdefault(name, {})) is not None:
            keys[texts[key]] = None


def _placed(task: Mapping[str, Any], name: str, flow: nx.DiGraph[str]) -> dict[str, Any]:
    """A task with the edges that it has in ``flow``, and the engine's commands that it had."""
    found = {key: said for key, said in task.items() if key not in ("join", "on-success")}
    if flow.in_degree(name) > 1:
        found["join"] = "all"
    commands = [each for each in task.get("on-success", ()) if not isinstance(each, str)]
    if after := [*flow.successors(name), *commands]:
        found["on-success"] = after
    return found


def _variables(body: Mapping[str, Any]) -> dict[str, tuple[str, Mapping[str | None, str]]]:
    """What a workflow's expressions may read of its inputs and of what its tasks publish, by their
    names as they are and as literals; each with the texts in it, by literals, if it is a map."""
    found: dict[str, Mapping[str | None, str]] = {}
    for item in body.get("input", ()):
        for name, default in item.items() if isinstance(item, Mapping) else [(item, None)]:
            texts = default if isinstance(default, Mapping) else {}
            found[name] = {quote(key): key for key in texts}
    for task in body["tasks"].values():
        found |= {name: {} for name in task.get("publish", ()) if name not in found}
    return {key: (n, texts) for n, texts in found.items() for key in (n, quote(n))}
