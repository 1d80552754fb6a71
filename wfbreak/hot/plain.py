"""The plain values that templates compute with, and their text.

``str``, ``int``, ``float``, ``bool``, ``None``, ``list`` and ``dict``: what JSON can say, which is
what Heat's functions, its parameters and the engine have in common.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

Value = Any
"""A plain value: what JSON can say."""


class FunctionError(ValueError):
    """A function cannot compute its result from these arguments. The text is one line."""


def describe(value: Value) -> str:
    """A value's kind in the words of a template's author, for messages (never its content)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, Sequence):
        return "a list"
    return f"a {type(value).__name__}"


def is_list(value: Value) -> TypeGuard[Sequence[Value]]:
    """Whether the value is a list; text is none, though it is a sequence."""
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def to_json(function: str, value: Value) -> str:
    """A value's JSON text with sorted keys, as Heat inserts maps and lists into text.

    :raises FunctionError: in the name of ``function``, if it has none.
    """
    try:
        return json.dumps(value, sort_keys=True)
    except (TypeError, ValueError) as error:
        raise FunctionError(f"{function}: a value cannot be written as JSON: {error}") from error


def to_text(value: Value, *, function: str = "to_text") -> str:
    """A value as ``str_replace`` inserts it.

    Nothing for null, JSON with sorted keys for maps and lists, and Python's own text for the rest
    (``True``, ``1.5``), because that is what Heat inserts.

    :raises FunctionError: if the value has no JSON text.
    """
    if value is None:
        return ""
    if isinstance(value, (str, int, float)):
        return str(value)
    return to_json(function, value)
