"""With whose rights tasks talk to a cloud: a credential of the execution's own, made by a task."""

from __future__ import annotations

from typing import Any

from wfbreak.diagnostics import Position
from wfbreak.providers import Provider
from wfbreak.translate.expressions import Compiler, quote
from wfbreak.translate.values import from_plain


def inputs(provider: Provider, credential: str) -> dict[str, Any]:
    """The inputs that say who does it, and with what the task ``credential`` made."""
    if provider is Provider.REHEARSE:
        return {}
    result = f"<% task({quote(credential)}).result.credential %>"
    return {"provider": provider.value, "credential": result}


def credential_task(compiler: Compiler, name: str, stack: str, variable: str) -> dict[str, Any]:
    """The task ``name`` that makes the execution's own rights, and publishes them as ``variable``,
    for whoever takes them away again."""
    said = from_plain(stack, Position("", 0, 0))
    return {
        "description": "Make an application credential for this execution, so that it can go "
        "on when the token that it began with has expired. It is deleted when the execution "
        "has ended.",
        "action": "wfbreak.credential",
        "input": {"stack": compiler.data(said, f"{name}.stack")},
        "publish": {variable: "<% wfbreak_credential(task().result) %>"},
    }
