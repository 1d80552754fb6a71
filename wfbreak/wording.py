"""How a stop is told, wherever it is: in the workflow, by the engine, to whoever reads an error."""

from __future__ import annotations


def place(resource: str, hook: str, message: str | None = None) -> str:
    """``before db is created (look at its size)``, for a stop at ``pre-create`` of ``db``."""
    when, _, action = hook.partition("-")
    where = f"{'before' if when == 'pre' else 'after'} {resource} is {action}d"
    return where + (f" ({message})" if message else "")
