"""How a stop is told, wherever it is: in the workflow, by the engine, to whoever reads an error."""

from __future__ import annotations


def place(resource: str, hook: str, message: str | None = None) -> str:
    """``before db is created (look at its size)``, for a stop at ``pre-create`` of ``db``."""
    when = "before" if hook.startswith("pre-") else "after"
    return f"{when} {resource} is created" + (f" ({message})" if message else "")
