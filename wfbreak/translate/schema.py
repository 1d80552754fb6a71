"""Hold a file against its JSON Schema, and put each error at the line that causes it.

A schema says what a format is once, for wfbreak and for editors alike; what it cannot say (a
reference that leads nowhere, a function's arguments) is the model's business.
"""

from __future__ import annotations

import difflib
import functools
import json
from typing import Any

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.resources import data_file
from wfbreak.translate.load import Loaded
from wfbreak.translate.nodes import ListNode, MapNode, Node, kind, plain

_WORDS = {
    "object": "a map",
    "array": "a list",
    "string": "text",
    "boolean": "a boolean",
    "number": "a number",
    "integer": "a whole number",
    "null": "nothing",
}


def validate(loaded: Loaded, schema: str, diagnostics: Diagnostics) -> bool:
    """Whether ``loaded`` fits ``schemas/SCHEMA.json``; every misfit becomes a diagnostic."""
    errors = sorted(
        _validator(schema).iter_errors(plain(loaded.root)),
        key=lambda error: list(map(str, error.path)),
    )
    for error in errors:
        path = list(error.absolute_path)
        for message, position, hint in _explain(error, loaded.root, path):
            diagnostics.add(Code.SCHEMA, message, position, hint=hint)
    return not errors


@functools.cache
def _validator(schema: str) -> Any:
    # Imported late: it is the dearest import of a translation, and not every command translates.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(data_file("schemas", f"{schema}.json").read_text()))


def _find(root: Node, path: list[str | int]) -> Node:
    node = root
    for step in path:
        if isinstance(node, MapNode) and isinstance(step, str):
            node = node.entries[step]
        elif isinstance(node, ListNode) and isinstance(step, int):
            node = node.items[step]
    return node


def _name(path: list[str | int]) -> str:
    return ".".join(map(str, path)) if path else "the file"


def _explain(
    error: Any, root: Node, path: list[str | int]
) -> list[tuple[str, Position, str | None]]:
    """The error in words: message, position, hint; one for each offending key."""
    node = _find(root, path)
    where = _name(path)
    if error.validator == "additionalProperties" and isinstance(node, MapNode):
        known = sorted(error.schema.get("properties", {}))
        found: list[tuple[str, Position, str | None]] = []
        for key in node.entries:
            if key in known:
                continue
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(known)}"
            found.append((f"{where} does not know the key '{key}'", node.keys[key], hint))
        return found
    if error.validator == "required" and isinstance(node, MapNode):
        missing = [key for key in error.validator_value if key not in node.entries]
        return [(f"{where} lacks '{key}'", _anchor(root, path), None) for key in missing]
    if error.validator == "type":
        wanted = error.validator_value
        names = [wanted] if isinstance(wanted, str) else list(wanted)
        wish = " or ".join(_WORDS[name] for name in names)
        return [(f"{where} must be {wish}, and is {kind(node)}", node.position, None)]
    if error.validator == "enum":
        allowed = [str(value) for value in error.validator_value if value is not None]
        near = difflib.get_close_matches(str(error.instance), allowed, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"allowed: {', '.join(allowed)}"
        return [(f"{where} cannot be '{error.instance}'", node.position, hint)]
    if error.validator == "if":
        return [item for inner in error.context for item in _explain(inner, root, path)]
    return [(f"{where}: {error.message}", node.position, None)]


def _anchor(root: Node, path: list[str | int]) -> Position:
    """The position of the key that names the node: it reads better than the node's first line."""
    if path and isinstance(path[-1], str):
        parent = _find(root, path[:-1])
        if isinstance(parent, MapNode) and path[-1] in parent.keys:
            return parent.keys[path[-1]]
    return _find(root, path).position
