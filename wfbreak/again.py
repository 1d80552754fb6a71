"""What is worth trying again, and how an action tells the engine so.

An action does not wait in its thread: it fails with a text that begins with one of these words, and
the engine runs its task again (``retry`` in a workflow's ``task-defaults``) for as long as the kind
of failure is worth it. So the engine's own database holds what is waited for, a crash loses nothing
of it, and whoever looks at the task reads why it is not done yet.
"""

from __future__ import annotations

import enum
import itertools
from types import MappingProxyType
from typing import Final

_FIRST_DELAYS: Final = (1, 1, 2, 3, 5, 8, 13, 20)
_NEXT_DELAY: Final = 30
LAST_DELAY: Final = 60
"""Seconds between two tries: a network is there at once, an image may take half an hour, a wait
condition half a day, and each try leaves its trace in the engine's database."""

LONG: Final = 3600
"""Seconds; Heat's own limit for a whole stack (``stack_action_timeout``) is as long."""

LONGEST: Final = 12 * 3600
"""Seconds; the longest that Heat lets a wait condition wait (heat/wait_condition.py)."""

_LATE: Final = len(_FIRST_DELAYS) + LONG // _NEXT_DELAY
"""From so many tries on the last delay holds."""


class Again(enum.Enum):
    """A kind of failure that may pass, with the seconds for which it is tried again."""

    PENDING = ("not ready yet", LONG)
    WAITING = ("waiting", LONGEST + LONG)
    RATE_LIMIT = ("asked too often", 900)
    UNREACHABLE = ("not reachable", 900)
    CONFLICT = ("in conflict for now", 60)
    SERVICE = ("a failure of the service", 60)
    STALE = ("a credential that is good no more", 10)
    """The next try takes another, or says what to do: :mod:`.actions.openstack.connection`."""
    NOBODY = ("in nobody's name", 60)
    """A try of the engine's own has no token; one that the engine lends it has
    (:mod:`.engine.behalf`)."""
    LOST = ("Heartbeat wasn't received.", 900)
    """Mistral's own words: the executor is gone that ran the action, which may run again."""

    def __init__(self, words: str, patience: int) -> None:
        self.words = words
        self.patience = patience

    def tell(self, text: str) -> str:
        """The failure's text, as :func:`read` knows it again."""
        return f"{self.words}: {text}"


NOT_BEGUN: Final = "not begun: "
"""How the failure of an action begins that had no turn, because something else had failed."""


RESTRICTED: Final = "(restricted_actions)"
"""In the failure of an action that has left what exists as it was, because it must."""


def read(text: object) -> Again | None:
    """The kind of failure that an action's result tells of; ``None`` for anything else."""
    if not isinstance(text, str):
        return None
    if text == Again.LOST.words:
        return Again.LOST
    return next((again for again in Again if text.startswith(f"{again.words}: ")), None)


def is_due(text: object, tries: int) -> bool:
    """Whether a task with this result is worth another try after so many."""
    again = read(text)
    waited = sum(map(delay, range(tries)))
    return again is not None and waited < again.patience


def delay(tries: int) -> int:
    """The seconds to wait for the next try, after so many."""
    if tries < len(_FIRST_DELAYS):
        return _FIRST_DELAYS[tries]
    return _NEXT_DELAY if tries < _LATE else LAST_DELAY


MOST_TRIES: Final = next(
    tries
    for tries, waited in enumerate(itertools.accumulate(map(delay, itertools.count())), 1)
    if waited >= max(again.patience for again in Again)
)
"""As many as fit into the longest wait."""

RETRY: Final = MappingProxyType(
    {
        "count": MOST_TRIES,
        "delay": "<% wfbreak_delay() %>",
        "continue-on": "<% wfbreak_again() %>",
    }
)
"""The engine's policy: one for all tasks of a workflow, for each of its own takes Mistral 0.2 s to
validate."""
