"""What a stack does when something of it fails."""

from __future__ import annotations

import enum


class OnFailure(enum.Enum):
    """``CONTINUE``: whatever does not need what has failed goes on to its end; then the stack
    stands. ``STOP``: nothing new begins, as in Heat. ``ROLLBACK``: likewise, and then the stack
    goes back to what it was before."""

    CONTINUE = "continue"
    STOP = "stop"
    ROLLBACK = "rollback"
