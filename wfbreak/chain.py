"""A stack's executions, one after the other: each has at most one successor, whose id is known.

A stack that is updated or deleted goes on in a new execution. The id of that one follows from the
id of the one before it, so the engine itself, which has an id only once, lets only one of two
updates at a time begin; whoever sees an execution can tell whether it has a successor; and an
action can tell by arithmetic that it acts for a successor of the execution for which a value was
sealed.
"""

from __future__ import annotations

import uuid
from typing import Final

_SPACE: Final = uuid.UUID("6f4c35a4-4a3e-4c0b-9d2e-3d3b1d6f2a57")

LONGEST: Final = 10_000
"""Executions of one stack; a look along a chain of as many takes some hundredths of a second."""


def successor(execution: str) -> str:
    """The id of the execution that comes after this one, if any does."""
    return str(uuid.uuid5(_SPACE, execution))


def is_before(earlier: str, later: str) -> bool:
    """Whether ``later`` is a successor of ``earlier``, or a successor's successor, and so on."""
    if not earlier or not later:
        return False
    ident = earlier
    for _ in range(LONGEST):
        ident = successor(ident)
        if ident == later:
            return True
    return False
