"""Heartbeats of an embedded engine: for the actions that last.

Mistral's executor sends a heartbeat when an action begins, for an engine that may be another
process: a message and a transaction for each action. Here action and engine are one process, which
does not lose the one without the other; so what begins is only noted, and has its first heartbeat
with all others that run, some seconds later.
"""

from __future__ import annotations


def install() -> None:
    """Have this process's executor do so. Only for an engine that has its executor inside."""
    from mistral.services import action_heartbeat_sender as sender

    sender.add_action = _note


def _note(action: str | None) -> None:
    from mistral.services import action_heartbeat_sender as sender

    if action and sender._enabled:
        sender._running_actions.add(action)
