"""The first heartbeat of an embedded engine's action: left to the row that is written anyway.

Mistral sends a heartbeat before it runs an action: a message and a transaction of its own for each
(mistral/services/action_heartbeat_sender.py, add_action). But a new action counts as heard of until
``first_heartbeat_timeout`` has gone by, and the next of the regular heartbeats, which tell of all
running actions every few seconds, comes long before. One that is delivered again after a crash is
another thing: its row is old, and :mod:`wfbreak.engine.recovery` has it heard of first.
"""

from __future__ import annotations


def install() -> None:
    """Have this process's executor leave it out. Only where it is in the engine's process: there
    an action begins to run in the moment in which its row was written."""
    from mistral.services import action_heartbeat_sender as sender

    sender.add_action = _add


def hear_of(action: str) -> None:
    """Count an action as heard of just now, as Mistral's own function does."""
    from mistral.rpc import clients as rpc

    rpc.get_engine_client().process_action_heartbeats([action])


def _add(action: str | None) -> None:
    from mistral.services import action_heartbeat_sender as sender

    # With run-action there is no id.
    if action and sender._enabled:
        sender._running_actions.add(action)
