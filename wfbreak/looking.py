"""How often an engine is looked at that cannot say when something happens.

The less the longer nothing does, so that an end is seen a twentieth late at most; and never so
often that the looks keep the engine busy, which in a large stack take long.
"""

from __future__ import annotations

_SLOWER, _SELDOM = 0.05, 5.0
"""The part of the time that nothing has happened for which the next look waits, and the seconds
that it waits at most for that reason."""

_SHARE = 4
"""How many times as long as a look has taken the next one waits."""


def pause(least: float, *, took: float, quiet: float = 0.0) -> float:
    """The seconds until the next look: ``least`` at least. The last one ``took`` so long, and
    nothing has happened for ``quiet`` seconds."""
    return max(least, min(quiet * _SLOWER, _SELDOM), took * _SHARE)
