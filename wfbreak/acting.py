"""What people do to a stack, with the trace that it leaves: the same from a command and a page.

Each is decided (:mod:`.decide`), recorded (:mod:`.audit`) and carried out, in this order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wfbreak import audit, decide
from wfbreak.decide import Decision, DecisionRefused
from wfbreak.engine.amending import amend
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution
from wfbreak.stacks import read_status
from wfbreak.status import BreakpointStatus, StackStatus


class Changed(NamedTuple):
    """The status after breakpoints were armed or disarmed, and those for which it may have been too
    late: the stack came to them at that moment."""

    status: StackStatus
    reached: Sequence[BreakpointStatus]


def go_on(
    client: EngineClient, status: StackStatus, event: str, decision: Decision, why: str | None
) -> Execution:
    """Let a stack go on as decided; ``event`` is what the audit trail calls it."""
    env = audit.record(event, why, decision, client.user)
    return decide.carry_out(client, status, decision, env)


def arm(
    client: EngineClient,
    status: StackStatus,
    patterns: Sequence[str],
    armed: bool,
    why: str | None,
) -> Changed:
    """Arm or disarm breakpoints ahead.

    :raises DecisionRefused: if there are none, or the stack has ended.
    """
    decision = decide.arm(status, patterns, armed)
    env = audit.record("break", why, decision, client.user)
    after = read_status(client, amend(client, status.execution, env))
    return Changed(after, decide.reached_meanwhile(decision, after))


def cancel(client: EngineClient, execution: Execution, why: str | None) -> Execution:
    """Cancel a stack for good.

    :raises DecisionRefused: if it has ended.
    """
    if execution.state.is_final:
        raise DecisionRefused(f"the execution {execution.id} has ended: {execution.state.value}")
    # The engine takes no env with a cancellation, and none after it.
    amend(client, execution, audit.record("cancel", why, user=client.user))
    said = f": {why}" if why else ""
    return client.cancel(execution, f"cancelled by {audit.whoami(client.user)}{said}")
