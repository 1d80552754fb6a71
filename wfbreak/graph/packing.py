"""Rectangles below each other, in the order in which they would like to be: frames within frames.

An item takes a span of layers and some room across them. Those of a frame are packed as tight as
they go, so that nothing overlaps; then each is moved towards its neighbours as far as the frame and
the others let it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

GAP = 12.0
"""Between two items of a layer."""

PAD = 10.0
"""The space in a frame around what is in it."""


@dataclass(slots=True)
class Item:
    """A rectangle that is packed: a node, the bend of a line, or a frame with items in it."""

    id: str
    first: int
    last: int
    height: float
    items: list[Item] = field(default_factory=list)
    is_bend: bool = False
    x: float = 0.0
    y: float = 0.0
    """Below its frame's top."""


def depth_of(item: Item) -> int:
    """How many frames are in each other, this one included."""
    if not item.items:
        return 0
    return 1 + max(map(depth_of, item.items))


def frames_in(item: Item) -> Iterable[Item]:
    """All frames inside of one."""
    for each in item.items:
        if each.items:
            yield each
            yield from frames_in(each)


def leaves_of(item: Item) -> Iterable[str]:
    if not item.items:
        yield item.id
    for each in item.items:
        yield from leaves_of(each)


def tops_of(frame: Item, top: float) -> dict[str, float]:
    found: dict[str, float] = {}
    for item in frame.items:
        if item.items:
            found |= tops_of(item, top + item.y)
        else:
            found[item.id] = top + item.y
    return found


def pack(frame: Item, wanted: dict[str, float], head: float, *, is_inner: bool) -> None:
    """Put a frame's items below each other, each layer as tight as it goes, in the order in which
    they would like to be."""
    for item in frame.items:
        if item.items:
            pack(item, wanted, head, is_inner=True)
    if wanted:
        frame.items.sort(key=lambda item: _mean(item, wanted))
    ground: dict[int, float] = {}
    start = head if is_inner else 0.0
    for item in frame.items:
        span = range(item.first, item.last + 1)
        item.y = max(ground.get(layer, start) for layer in span)
        for layer in span:
            ground[layer] = item.y + item.height + GAP
    bottom = max(ground.values(), default=start) - GAP
    frame.height = bottom + (PAD if is_inner else 0.0)


def _mean(item: Item, wanted: dict[str, float]) -> float:
    if not item.items:
        return wanted[item.id]
    all_of_it = [wanted[name] for name in leaves_of(item)]
    return sum(all_of_it) / len(all_of_it)


def align(
    frame: Item,
    wanted: dict[str, float],
    tops: dict[str, float],
    head: float,
    *,
    is_inner: bool,
) -> None:
    """Move a packed frame's items to where they would like to be, as far as the frame's height and
    their order let them."""
    start = head if is_inner else 0.0
    bottom = frame.height - (PAD if is_inner else 0.0)
    ceiling: dict[int, float] = {}
    latest: dict[str, float] = {}
    for item in reversed(frame.items):
        span = range(item.first, item.last + 1)
        latest[item.id] = min(ceiling.get(layer, bottom) for layer in span) - item.height
        for layer in span:
            ceiling[layer] = latest[item.id] - GAP
    ground: dict[int, float] = {}
    for item in frame.items:
        span = range(item.first, item.last + 1)
        moves = [wanted[name] - tops[name] for name in leaves_of(item)]
        like = item.y + sum(moves) / len(moves)
        least = max(ground.get(layer, start) for layer in span)
        item.y = max(least, min(like, latest[item.id]))
        for layer in span:
            ground[layer] = item.y + item.height + GAP
        if item.items:
            align(item, wanted, tops, head, is_inner=True)
