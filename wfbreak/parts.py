"""A stack in parts: its workflow, and one for each part, which a task of the first runs.

Past a size a part of the graph is a workflow of its own (:mod:`wfbreak.translate.partition`).
Whoever reads a document wants the stack as it is without parts: one body of tasks, each of which
reads the results of the others. :func:`joined` makes that of the workflows. In it a part's own task
stays as the place where the part begins, and another is where all of it is done, so that what was
in order is so still.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from wfbreak import tags

TAG: Final = tags.of("part")
"""The tag of a workflow that is a part of a stack."""

WHOLE: Final = tags.of("parted")
"""The tag of a stack's workflow that has parts."""

GIVEN: Final = "from outside"
"""The input of a part with the results of tasks that are not in it, by their names. Nothing else is
called so: no name of a parameter's input or a task has a space (:mod:`wfbreak.translate.names`)."""

ROOT: Final = "execution().root_execution_id"
"""In a part's expressions, the id of the stack's execution."""

LITERAL: Final = r"'(?:[^'\\]|\\.)*'"
"""A text in an expression, as :func:`wfbreak.translate.expressions.quote` writes it: a pattern."""

_DONE = "done"

_READ = re.compile(
    rf"{LITERAL}"
    rf"|\$\.get\('{GIVEN}'\)\.get\((?P<given>{LITERAL})\)"
    rf"|task\((?P<part>{LITERAL})\)\.result\.get\((?P<result>{LITERAL})\)"
    rf"|(?P<root>{re.escape(ROOT)})"
)
"""What parts read of each other: as the next two write it."""


def result_from_outside(task: str) -> str:
    """A part's expression for the result of a task that is not in it; ``task`` is a literal."""
    return f"$.get('{GIVEN}').get({task})"


def result_of_part(part: str, task: str) -> str:
    """The stack's expression for the result of a part's task; both are literals."""
    return f"task({part}).result.get({task})"


def workflow_of(task: Mapping[str, Any]) -> str | None:
    """The name of the workflow that a task runs; ``None`` if it runs an action."""
    name = task.get("workflow")
    return str(name) if name is not None else None


def parts_of(tasks: Mapping[str, Any]) -> dict[str, str]:
    """The workflows of the parts, by the names of the tasks that run them."""
    return {name: part for name, task in tasks.items() if (part := workflow_of(task))}


def joined(body: Mapping[str, Any], workflows: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a stack's workflow with the tasks of its parts in their places; the same if it
    has none. ``workflows`` are the bodies of the parts, by their names.

    :raises KeyError: if one of them is missing.
    """
    parts = parts_of(body["tasks"])
    if not parts:
        return dict(body)
    read = _reader({f"'{name}'" for name in parts})
    found: dict[str, Any] = {}
    for name, task in body["tasks"].items():
        if name not in parts:
            found[name] = rewritten(task, read)
            continue
        inside = workflows[parts[name]]["tasks"]
        done = f"{name}:{_DONE}"
        after = {each for inner in inside.values() for each in _successors(inner)}
        found[name] = _place(task, [each for each in inside if each not in after])
        last = 0
        for each, inner in inside.items():
            found[each] = rewritten(inner, read)
            if not inner.get("on-success"):
                found[each]["on-success"] = [done]
                last += 1
        found[done] = _place({"join": "all"} if last > 1 else {}, task.get("on-success", ()))
    return {**body, **outputs(body, read), "tasks": found}


def _place(task: Mapping[str, Any], after: Iterable[Any]) -> dict[str, Any]:
    """A task that is nothing but a place in the order."""
    kept = {key: task[key] for key in ("description", "join") if key in task}
    return {**kept, "action": "std.noop"} | ({"on-success": list(after)} if after else {})


def _successors(task: Mapping[str, Any]) -> Iterator[str]:
    return (clause for clause in task.get("on-success", ()) if isinstance(clause, str))


def _reader(parts: set[str]) -> Callable[[str], str]:
    def replaced(match: re.Match[str]) -> str:
        if match["given"]:
            return f"task({match['given']}).result"
        if match["part"] in parts:
            return f"task({match['result']}).result"
        return "execution().id" if match["root"] else match[0]

    return lambda expression: _READ.sub(replaced, expression)


def rewritten(data: Any, change: Callable[[str], str]) -> Any:
    """Data of a document with all its expressions changed; also those that are keys, as the
    engine's commands in an on-clause are, but nobody's keys of properties."""
    if isinstance(data, str):
        return change(data) if data.startswith("<%") else data
    if isinstance(data, Mapping):
        return {
            key: _clauses(value, change) if key == "on-success" else rewritten(value, change)
            for key, value in data.items()
        }
    if isinstance(data, (list, tuple)):
        return [rewritten(item, change) for item in data]
    return data


def outputs(body: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """What else of a workflow's body has expressions. Its input has texts that look like some."""
    return {"output": rewritten(body["output"], change)} if "output" in body else {}


def _clauses(clauses: Any, change: Callable[[str], str]) -> Any:
    if not isinstance(clauses, (list, tuple)):
        return rewritten(clauses, change)
    return [
        {change(command): rewritten(condition, change) for command, condition in clause.items()}
        if isinstance(clause, Mapping)
        else clause
        for clause in clauses
    ]


_VERSION = re.compile(r"""(['"]?)version\1\s*:""")


def split(text: str) -> list[str]:
    """A document's text as one for each of its workflows, in their order. Together, without the
    first line of all but the first (``version``), they are the whole again: :func:`whole`."""
    _, *pieces = re.split(r"(?m)^(?=[\w'\"?])", text)
    version = next(piece for piece in pieces if _VERSION.match(piece))
    workflows = [piece for piece in pieces if piece is not version]
    return [version + workflow for workflow in workflows] if len(workflows) > 1 else [text]


def whole(texts: Iterable[str]) -> str:
    """The document's text of those of its workflows."""
    first, *others = texts
    return first + "".join(text.partition("\n")[2] for text in others)
