"""Names that the engine takes: each task's, close to the resource's own.

Mistral reads a name in an on-clause as a command when it holds white space, quotes, parentheses or
an equals sign, has four words for itself, and limits a join's name to 208 characters
(mistral/lang/v2/tasks.py, on_clause.py, workflows.py of 23.0.0).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

RESERVED = frozenset(
    {"noop", "fail", "succeed", "pause", "openstack", "__env", "__execution", "__task_execution"}
)
"""Mistral's commands, and what it keeps in a workflow's context beside the inputs."""

MAX_LENGTH = 200

_UNSAFE = re.compile(r"[^\w.:/\[\]-]")
_UNSAFE_START = re.compile(r"^[^\w.]")

T = TypeVar("T")


def assign(wished: Iterable[tuple[T, str]]) -> Mapping[T, str]:
    """A name of its own for each key, the wished one wherever the engine takes it."""
    names: dict[T, str] = {}
    taken: set[str] = set()
    for key, wish in wished:
        base = safe(wish)
        name, count = base, 1
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        taken.add(name)
        names[key] = name
    return names


def safe(wish: str) -> str:
    """``wish``, with whatever the engine would misread replaced by ``_``."""
    name = _UNSAFE.sub("_", wish)
    name = _UNSAFE_START.sub("_", name) or "_"
    if name in RESERVED:
        name += "_"
    if len(name) > MAX_LENGTH:
        digest = hashlib.sha256(wish.encode()).hexdigest()[:12]
        name = f"{name[: MAX_LENGTH - 13]}-{digest}"
    return name
