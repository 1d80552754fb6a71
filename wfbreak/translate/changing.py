"""What an execution does with what exists, and the tasks that take it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wfbreak.diagnostics import Position
from wfbreak.existing import Existing
from wfbreak.tags import Kind
from wfbreak.translate import rights
from wfbreak.translate.dependencies import Removal
from wfbreak.translate.expressions import Compiler, quote
from wfbreak.translate.values import from_plain

_NOWHERE = Position("", 0, 0)

GOES = "<% wfbreak_goes() %>"
"""The input ``goes`` of an action that does not begin once something has failed."""


@dataclass(frozen=True, slots=True)
class Changing:
    """What is done with what exists: ``existing`` by the names of resources that the template still
    has, ``going`` what is, or may be, taken away, ``restricted`` what must not be done to a
    resource. ``stops_at_failure``: nothing begins once something has failed."""

    kind: Kind = Kind.CREATE
    existing: Mapping[str, Existing] = field(default_factory=dict)
    going: Mapping[Removal, Existing] = field(default_factory=dict)
    restricted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stops_at_failure: bool = False


def wish(removal: Removal) -> str:
    """The name that a removal's task should have."""
    return f"{removal.resource}:delete" + (f"-{removal.number}" if removal.number else "")


def is_replaced(task: str) -> str:
    """The expression for whether a resource's task (its name as an expression) has put another
    resource in the place of what existed."""
    return f'task({task}).result.get(change) = "replaced"'


def existing_input(compiler: Compiler, existing: Existing, place: str) -> Any:
    """What exists, as data of a task's input."""
    return compiler.data(from_plain(existing.to_plain(), _NOWHERE), f"{place}.existing")


def removal_task(
    compiler: Compiler,
    name: str,
    existing: Existing,
    needs: Sequence[str],
    successor: str | None,
    credential: str,
) -> dict[str, Any]:
    """The task ``name`` that takes away what exists; with the task of a ``successor``, only if that
    has put another in its place. ``needs`` are the tasks right before it."""
    said = {"resource": existing.resource, "type": existing.type, "stack": existing.stack}
    if existing.source:
        said["source"] = existing.source
    inputs: dict[str, Any] = {
        key: compiler.data(from_plain(value, _NOWHERE), f"{name}.{key}")
        for key, value in said.items()
    }
    inputs["task"] = compiler.data(from_plain(name, _NOWHERE), f"{name}.task")
    inputs["existing"] = existing_input(compiler, existing, name)
    if needs:
        inputs["needs"] = compiler.data(from_plain(list(needs), _NOWHERE), f"{name}.needs")
    only = ""
    if successor is not None:
        inputs["when"] = f"<% {is_replaced(quote(successor))} %>"
        only = " if another has taken its place"
    where = f" ({existing.source})" if existing.source else ""
    what = f", {existing.physical_id}" if isinstance(existing.physical_id, str) else ""
    return {
        "description": f"Delete {existing.type} '{existing.resource}'{where}{what}{only}.",
        "action": "wfbreak.delete",
        "input": inputs | rights.inputs(existing.provider, credential),
    }
