"""What a person can decide on a stack's page, as it stands: each control, or why there is none now.

Whether something can be had is asked of :mod:`wfbreak.decide`, which refuses it otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wfbreak import decide
from wfbreak.decide import Decision, DecisionRefused
from wfbreak.status import (
    BreakpointState,
    BreakpointStatus,
    ResourceState,
    ResourceStatus,
    StackStatus,
)
from wfbreak.translate.stages import Mode


@dataclass(frozen=True, slots=True)
class Controls:
    """``no_…`` says why something cannot be done now, and is empty where it can. ``stopped`` can be
    let go one by one, ``ahead`` armed or disarmed, ``failed`` retried or skipped; ``targets`` are
    where the stack can be let go until."""

    no_resume: str
    no_step: str
    no_retry: str
    no_arming: str
    no_cancel: str
    stopped: tuple[BreakpointStatus, ...]
    ahead: tuple[BreakpointStatus, ...]
    failed: tuple[ResourceStatus, ...]
    is_stepping: bool

    @property
    def is_over(self) -> bool:
        """Whether nothing can be decided any more."""
        return all((self.no_resume, self.no_retry, self.no_arming, self.no_cancel))

    def can_change(self, stop: BreakpointStatus) -> bool:
        """Whether a breakpoint can be armed or disarmed."""
        return not self.no_arming and stop.state is BreakpointState.AHEAD


def of(status: StackStatus) -> Controls:
    """The controls of a stack."""
    ahead = tuple(b for b in status.breakpoints if b.state is BreakpointState.AHEAD)
    failed = tuple(r for r in status.resources if r.state is ResourceState.FAILED)
    over = ""
    if status.execution.state.is_final:
        over = f"the execution has ended: {status.execution.state.value}"
    return Controls(
        no_resume=_refusal(lambda: decide.resume(status)),
        no_step=_refusal(lambda: decide.step(status)),
        no_retry=_refusal(lambda: decide.retry(status)),
        no_arming=_refusal(lambda: decide.arm(status, [b.name for b in ahead], True))
        or ("" if ahead else "there is no breakpoint ahead"),
        no_cancel=over,
        stopped=status.stopped,
        ahead=ahead,
        failed=failed,
        is_stepping=status.mode is Mode.STEP,
    )


def _refusal(decision: Callable[[], Decision]) -> str:
    try:
        decision()
    except DecisionRefused as refused:
        return str(refused)
    return ""
