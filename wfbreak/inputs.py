"""What a resource that has not been created will be created with, as far as that is known.

The engine computes a task's inputs when the task starts. While the stack stands before a resource,
all that the resource's properties are made of exists; so the same expressions are evaluated here,
by the same language and the same functions, on the results that the engine holds. What is sealed
stays sealed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wfbreak import live
from wfbreak.actions import functions
from wfbreak.engine.model import Execution, Workflow
from wfbreak.status import document

_EXPRESSION = re.compile(r"\A<%(.*)%>\Z", re.DOTALL)
_CREATE = "wfbreak.create"
_PARAMETERS = "wfbreak.parameters"


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A value that cannot be computed here, and why."""

    reason: str

    def __str__(self) -> str:
        return f"(not known here: {self.reason})"


def resolve(
    execution: Execution, workflow: Workflow, results: Mapping[str, Any], resource: str
) -> dict[str, Any] | None:
    """The properties that a resource will be created with, or ``None`` if it is none to create.

    ``results`` are those of the tasks that have ended, by the tasks' names. A value may hold
    sealed values, and :class:`Unresolved` in place of what cannot be computed. What was changed on
    this execution counts.
    """
    return resolver(execution, workflow, results)(resource)


def resolver(
    execution: Execution, workflow: Workflow, results: Mapping[str, Any]
) -> Callable[[str], dict[str, Any] | None]:
    """:func:`resolve`, for many resources of one execution."""
    body = document(workflow)
    made = {
        task["input"]["resource"]: task["input"]
        for task in body["tasks"].values()
        if task.get("action") == _CREATE
    }
    evaluate = _evaluator(execution, _inputs(execution, body, results), results)
    changes = live.changes(execution.params.get("env"))

    def properties(resource: str) -> dict[str, Any] | None:
        given = made.get(resource)
        if given is None or "external_id" in given:
            return None
        found = _resolved(given.get("properties", {}), evaluate)
        changed: dict[str, Any] = live.changed(found, changes.get(resource, {}))
        return changed

    return properties


def _resolved(value: Any, evaluate: Callable[[str], Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _resolved(item, evaluate) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, evaluate) for item in value]
    found = _EXPRESSION.match(value) if isinstance(value, str) else None
    if found is None:
        return value
    try:
        return functions.to_plain(evaluate(found[1]))
    except Exception as error:  # whatever it is, it is this value's alone
        return Unresolved(" ".join(str(error).split()) or type(error).__name__)


def _evaluator(
    execution: Execution,
    values: Mapping[str, Any],
    results: Mapping[str, Any],
    current: str | None = None,
) -> Callable[[str], Any]:
    """The expression language as the engine has it in the task ``current`` of this execution.

    ``values`` are the workflow's inputs and what has been published.
    """
    language = _language()
    from yaql.language import utils

    def task(name: Any = current) -> dict[str, Any]:
        return {"result": results.get(name)}

    library = _library().create_child_context()
    library.register_function(task, name="task")
    library.register_function(lambda: {"id": execution.id}, name="execution")
    library["$"] = utils.convert_input_data(values)

    def evaluate(text: str) -> Any:
        return language(text).evaluate(context=library.create_child_context())

    return evaluate


@functools.cache
def _language() -> Any:
    """YAQL's parser: to make one takes longer than to read all expressions of a stack."""
    import collections.abc  # noqa: F401  # yaql uses it without importing it

    from yaql.language import factory

    return factory.YaqlFactory().create({"yaql.convertOutputData": True})


@functools.cache
def _library() -> Any:
    """The functions that all expressions have: to read what each takes is slow, too."""
    import yaql

    library = yaql.create_context()
    for name in dir(functions):
        if name.startswith("hot_"):
            library.register_function(getattr(functions, name), name=name)
    return library


def _inputs(
    execution: Execution, body: Mapping[str, Any], results: Mapping[str, Any]
) -> dict[str, Any]:
    """The workflow's inputs; the parameters as the task that checks them has published them."""
    values: dict[str, Any] = {}
    for item in body.get("input", ()):
        values |= item if isinstance(item, dict) else {item: None}
    values |= execution.input
    for name, task in body["tasks"].items():
        if task.get("action") == _PARAMETERS and name in results:
            evaluate = _evaluator(execution, values, results, name)
            published = _resolved(task.get("publish", {}), evaluate)
            values |= {k: v for k, v in published.items() if not isinstance(v, Unresolved)}
    return values
