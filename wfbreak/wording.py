"""How a stop is told, wherever it is: in the workflow, by the engine, to whoever reads an error."""

from __future__ import annotations


def place(resource: str, hook: str, message: str | None = None) -> str:
    """``before db is created (look at its size)``, for a stop at ``pre-create`` of ``db``; ``after
    batch 2 of web``, for one at ``post-batch-2`` of ``web``."""
    when, _, action = hook.partition("-")
    done, _, number = action.partition("-")
    what = f"batch {number} of {resource}" if number else f"{resource} is {done}d"
    where = f"{'before' if when == 'pre' else 'after'} {what}"
    return where + (f" ({message})" if message else "")
