"""A picture in as many lines as a terminal has, whatever its size.

First what is the same is drawn as one, as little as is needed (:mod:`.collapsing`). What is too
long even then is cut: what stands, has failed or runs stays, then what is near it; of what is left
out between two lines, one line says how much it is. So 300 resources behind 50 stops are read on 24
lines, and what somebody has to look at is among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from wfbreak.graph.collapsing import Collapse, collapse
from wfbreak.graph.model import Picture
from wfbreak.graph.terminal import Row, rows

_STEPS = (Collapse.NONE, Collapse.NAMES, Collapse.TYPES)

_WEIGHTS = {"failed": 0, "stopped": 0, "held": 0, "running": 1, "done": 5, "released": 5}
_STOP, _OPEN = 3, 4


@dataclass(frozen=True, slots=True)
class Fitted:
    """``lines`` are no more than there is room for. ``how`` is what was drawn as one, and
    ``is_whole`` whether each resource has its own line."""

    lines: list[Row]
    how: Collapse
    is_whole: bool


def fit(picture: Picture, room: int, at_least: Collapse = Collapse.NONE) -> Fitted:
    """The picture in ``room`` lines (one at least), collapsed ``at_least`` so far: a picture that
    grows and shrinks as its states change is hard to follow."""
    lines: list[Row] = []
    how = at_least
    for how in _STEPS[_STEPS.index(at_least) :]:
        drawn = collapse(picture, how)
        lines = rows(drawn)
        if len(lines) <= room:
            is_whole = len(drawn.nodes) == len(picture.nodes)
            return Fitted(lines, how, is_whole)
    return Fitted(_cut(lines, room), how, False)


def _cut(lines: Sequence[Row], room: int) -> list[Row]:
    """The lines that matter most, with a line for what is left out between them."""
    weights = [_weight(line) for line in lines]
    focus = weights.index(min(weights))
    first = sorted(range(len(lines)), key=lambda n: (weights[n], abs(n - focus)))
    for kept in range(min(room, len(lines)), 0, -1):
        found = _with_gaps(lines, set(first[:kept]))
        if len(found) <= room:
            return found
    return [_gap(lines)]


def _weight(line: Row) -> int:
    other = _STOP if line.is_stop else _OPEN
    return min((_WEIGHTS.get(state, other) for state in line.states), default=other)


def _with_gaps(lines: Sequence[Row], kept: set[int]) -> list[Row]:
    found: list[Row] = []
    gap: list[Row] = []
    for number, line in enumerate(lines):
        if number not in kept:
            gap.append(line)
            continue
        if gap:
            found.append(_gap(gap))
            gap = []
        found.append(line)
    return [*found, _gap(gap)] if gap else found


def _gap(left_out: Sequence[Row]) -> Row:
    counts: Counter[str] = sum((line.counts for line in left_out), Counter())
    stops = sum(line.is_stop for line in left_out)
    words = [f"{number} {state}" for state, number in counts.items()]
    if stops:
        words.append(f"{stops} stop{'s' if stops > 1 else ''}")
    cells = (Text("⋮", style="dim"), Text(", ".join(words) or "more", style="dim"))
    return Row(cells, counts=counts)
