"""The tags by which an execution of a stack is known, and what it does with the stack.

Mistral copies a workflow's tags to its executions, and lists both with them.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Final

STACK: Final = "wfbreak"
"""The tag of every workflow that is a stack's."""


def of(word: str) -> str:
    """The tag that says a word of it: its mode, what it does."""
    return f"{STACK}:{word}"


class Kind(enum.Enum):
    """What an execution does with the stack."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


def kind(tags: Iterable[str]) -> Kind | None:
    """What an execution with these tags does; ``None`` if they do not say."""
    said = set(tags)
    return next((each for each in Kind if of(each.value) in said), None)
