"""How a stop is told, wherever it is: in the workflow, by the engine, to whoever reads an error."""

from __future__ import annotations

from collections.abc import Sequence

STOPPED = "stopped "
"""How it begins what is said of a stack that stands at breakpoints."""

HEADLINE_END = ".\n"
"""What ends its first line, which says where; what follows is for those who read nothing else
(:mod:`wfbreak.standing`)."""


def headline(text: str) -> str:
    """Where a stack stands, of what the engine says of its stop; any other text as it is."""
    return text.split(HEADLINE_END, 1)[0] if text.startswith(STOPPED) else text


def place(resource: str, hook: str, message: str | None = None) -> str:
    """``before db is created (look at its size)``, for a stop at ``pre-create`` of ``db``; ``after
    batch 2 of web``, for one at ``post-batch-2`` of ``web``."""
    when, _, action = hook.partition("-")
    done, _, number = action.partition("-")
    what = f"batch {number} of {resource}" if number else f"{resource} is {done}d"
    where = f"{'before' if when == 'pre' else 'after'} {what}"
    return where + (f" ({message})" if message else "")


NAMES = 20
"""How many names a sentence has."""

_DONE = {"create": "created", "update": "updated", "delete": "deleted"}


def named(names: Sequence[str]) -> str:
    """``a, b and 3 more``, of many names."""
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return ", ".join(names[:NAMES]) + more


def resources(number: int) -> str:
    """``3 resources``."""
    return f"{number} {'resource' if number == 1 else 'resources'}"


def dealt_with(actions: Sequence[str]) -> str:
    """``3 resources are created or updated``, of what is done with each."""
    words = " or ".join(dict.fromkeys(_DONE[action] for action in actions))
    return f"{resources(len(actions))} {'is' if len(actions) == 1 else 'are'} {words}"
