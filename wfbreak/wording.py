"""How a stop is told, wherever it is: in the workflow, by the engine, to whoever reads an error."""

from __future__ import annotations

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
