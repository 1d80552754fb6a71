"""Where an engine of a cluster gets what wfbreak changes in Mistral: before it needs it.

Mistral makes its providers of actions when it first looks for an action, which every engine does
before it starts one and before it hears of one's end (mistral/services/actions.py). So a provider
is named by wfbreak's entry point ``mistral.action.providers``, which has no actions.
"""

from __future__ import annotations

from typing import Any

from mistral_lib.actions import ActionProvider

from wfbreak.engine import ending, lean, ordering, rerunning, starting, subworkflows, telling


class Provider(ActionProvider):  # type: ignore[misc]  # the library has no types
    """None of wfbreak's actions: those are found by their own entry points."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        lean.install()
        ending.install()
        subworkflows.install()
        rerunning.install()
        starting.install()
        telling.install()
        ordering.install()

    def find(self, action_name: str, namespace: str | None = None) -> None:
        """Nothing."""

    def find_all(self, namespace: str | None = None, **_: Any) -> list[Any]:  # noqa: ARG002
        """Nothing."""
        return []
