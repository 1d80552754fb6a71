"""Where each box goes: layer by layer, in the order in which things are done.

A layered drawing (Sugiyama's) with two things that no library at hand draws without Graphviz. The
layers are cut by the stops: what stands before a stop exists when the stack stands there. And a
stack inside of a resource is a frame that holds its boxes and nothing else: frames are laid out
from the inside, and packed like boxes over all of their layers.

Within a layer, boxes are ordered by where their neighbours are, in some sweeps; the order with the
shortest lines is kept. All of that is done without knowing whether layers are columns or rows: the
drawing that fits a page better is taken, unless a direction is asked for.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx

from wfbreak.graph.model import Kind, Picture
from wfbreak.graph.packing import PAD, Item, align, depth_of, frames_in, pack, tops_of

WIDTH, HEIGHT = 196.0, 44.0
"""Of a box."""

_LAYER_GAP = 46.0

_BEND = 6.0
"""What a line takes of a layer that it only passes."""

_HEAD = 22.0
"""A frame's title."""

_MARGIN = 24.0
_STOP_HEAD, _STOP_SIDE = 46.0, 116.0
"""What the title of a stop takes: above a column, or beside a row."""

_SWEEPS = 12
_PAGE = (1200.0, 1000.0)


class Direction(enum.Enum):
    """Where the layers follow each other to."""

    RIGHT = "right"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Box:
    """A place: of a node, of a frame, or of a stop's column."""

    id: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """An edge. ``points`` are its ends and, between them, the ends of what it passes level."""

    before: str
    after: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole drawing. ``frames`` come before what is in them; ``stops`` are by their numbers."""

    width: float
    height: float
    boxes: dict[str, Box]
    frames: tuple[Box, ...]
    stops: dict[int, Box]
    lines: tuple[Line, ...]
    direction: Direction = Direction.RIGHT

    @property
    def pages(self) -> float:
        """How many times as large as a page it is."""
        return max(self.width / _PAGE[0], self.height / _PAGE[1])


def lay_out(picture: Picture, direction: Direction | None = None) -> Layout:
    """Give everything its place."""
    if not picture.nodes:
        return Layout(2 * _MARGIN, 2 * _MARGIN, {}, (), {}, ())
    layers, first = _layers(picture)
    tried = [
        _Placer(picture, layers, first, each).layout()
        for each in ([direction] if direction else Direction)
    ]
    return min(tried, key=lambda layout: layout.pages)


def _layers(picture: Picture) -> tuple[dict[str, int], dict[int, int]]:
    """The layer of each node, and of each stop its breakpoints'."""
    within: dict[str, int] = {}
    for name in nx.topological_sort(picture.order):
        node = picture.nodes[name]
        is_stop = node.kind is Kind.BREAKPOINT
        least = 1 if node.stage and not is_stop else 0
        earlier = (
            within[before] + 1
            for before in picture.order.predecessors(name)
            if picture.nodes[before].stage == node.stage
        )
        within[name] = max([least, *earlier])
    lengths: dict[int, int] = {}
    for name, layer in within.items():
        stage = picture.nodes[name].stage
        lengths[stage] = max(lengths.get(stage, 0), layer + 1)
    first: dict[int, int] = {}
    start = 0
    for stage in sorted(lengths):
        first[stage] = start
        start += lengths[stage]
    layers = {name: first[picture.nodes[name].stage] + n for name, n in within.items()}
    return layers, {stop.number: first[stop.number] for stop in picture.stops}


class _Placer:
    def __init__(
        self,
        picture: Picture,
        layers: dict[str, int],
        stops: dict[int, int],
        direction: Direction,
    ) -> None:
        self._picture = picture
        self._layers = layers
        self._stops = stops
        self._direction = direction
        self._goes_right = direction is Direction.RIGHT
        self._long, self._wide = (WIDTH, HEIGHT) if self._goes_right else (HEIGHT, WIDTH)
        self._head = _HEAD + PAD if self._goes_right else PAD
        self._count = max(layers.values()) + 1
        self._leaves: dict[str, Item] = {
            name: Item(name, layer, layer, self._wide) for name, layer in layers.items()
        }
        self._chains: list[tuple[str, str, list[str]]] = []
        self._neighbours: dict[str, list[str]] = {name: [] for name in layers}
        inside: dict[str, list[Item]] = {}
        for name in layers:
            inside.setdefault(picture.nodes[name].group, []).append(self._leaves[name])
        self._add_bends(inside)
        self._root = self._frame("", inside)

    def _add_bends(self, inside: dict[str, list[Item]]) -> None:
        for before, after in self._picture.edges:
            home = self._common(before, after)
            chain = [before]
            for layer in range(self._layers[before] + 1, self._layers[after]):
                # Lines from one box go together for as long as they go the same way.
                name = f"\0{before}\0{home}\0{layer}"
                if name not in self._leaves:
                    self._leaves[name] = Item(name, layer, layer, _BEND, is_bend=True)
                    inside.setdefault(home, []).append(self._leaves[name])
                chain.append(name)
            chain.append(after)
            self._chains.append((before, after, chain))
            for one, other in itertools.pairwise(chain):
                if other not in self._neighbours.setdefault(one, []):
                    self._neighbours[one].append(other)
                    self._neighbours.setdefault(other, []).append(one)

    def _path(self, group: str) -> list[str]:
        found = [group]
        while group:
            group = self._picture.groups[group].parent
            found.append(group)
        return found

    def _common(self, one: str, other: str) -> str:
        """The innermost frame around both."""
        theirs = set(self._path(self._picture.nodes[other].group))
        own = self._path(self._picture.nodes[one].group)
        return next(group for group in own if group in theirs)

    def _frame(self, group: str, inside: dict[str, list[Item]]) -> Item:
        children = [
            self._frame(path, inside)
            for path, each in self._picture.groups.items()
            if each.parent == group and path != group
        ]
        items = [*inside.get(group, ()), *(child for child in children if child.items)]
        layers = [each for item in items for each in (item.first, item.last)]
        return Item(group, min(layers, default=0), max(layers, default=0), 0.0, items)

    def layout(self) -> Layout:
        tops = self._arrange()
        starts = self._starts()
        side = _MARGIN
        if self._stops:
            side += _STOP_HEAD if self._goes_right else _STOP_SIDE
        boxes = {
            name: self._turned(name, starts[item.first], side + tops[name], self._long, self._wide)
            for name, item in self._leaves.items()
            if not item.is_bend
        }
        frames: list[Box] = []
        self._collect(self._root, side, starts, frames)
        lines = []
        for before, after, chain in self._chains:
            points = [
                (starts[self._layers[before]] + self._long, side + tops[before] + self._wide / 2)
            ]
            for name in chain[1:-1]:
                start, level = starts[self._leaves[name].first], side + tops[name] + _BEND / 2
                points += [(start, level), (start + self._long, level)]
            points.append((starts[self._layers[after]], side + tops[after] + self._wide / 2))
            turned = points if self._goes_right else [(v, u) for u, v in points]
            lines.append(Line(before, after, tuple(turned)))
        last = self._count - 1
        whole = starts[last] + self._long + self._trail(last) + _MARGIN
        across = side + self._root.height + _MARGIN
        stops = {}
        for number, layer in self._stops.items():
            start = starts[layer] - self._lead(layer) - _LAYER_GAP / 2 + 8
            end = starts[layer] + self._long + _LAYER_GAP / 2 - 8
            stops[number] = self._turned(str(number), start, 0.0, end - start, across)
        size = (whole, across) if self._goes_right else (across, whole)
        return Layout(*size, boxes, tuple(frames), stops, tuple(lines), self._direction)

    def _turned(self, name: str, u: float, v: float, along: float, across: float) -> Box:
        if self._goes_right:
            return Box(name, u, v, along, across)
        return Box(name, v, u, across, along)

    def _starts(self) -> list[float]:
        """Where each layer starts: frames that begin or end between two make room there."""
        found: list[float] = []
        at = _MARGIN
        for layer in range(self._count):
            at += self._lead(layer)
            found.append(at)
            at += self._long + self._trail(layer) + _LAYER_GAP
        return found

    def _lead(self, layer: int) -> float:
        """What the frames that begin at a layer take before it."""
        each = PAD if self._goes_right else PAD + _HEAD
        return each * max(
            (depth_of(f) for f in frames_in(self._root) if f.first == layer), default=0
        )

    def _trail(self, layer: int) -> float:
        return PAD * max((depth_of(f) for f in frames_in(self._root) if f.last == layer), default=0)

    def _collect(self, frame: Item, side: float, starts: Sequence[float], found: list[Box]) -> None:
        for item in frame.items:
            if not item.items:
                continue
            depth = depth_of(item)
            start = starts[item.first] - depth * (PAD if self._goes_right else PAD + _HEAD)
            end = starts[item.last] + self._long + depth * PAD
            found.append(self._turned(item.id, start, side + item.y, end - start, item.height))
            self._collect(item, side + item.y, starts, found)

    def _arrange(self) -> dict[str, float]:
        """The tops of all leaves, in the best of the orders that were tried."""
        pack(self._root, {}, self._head, is_inner=False)
        tops = tops_of(self._root, 0.0)
        best, least = tops, self._length(tops)
        for sweep in range(_SWEEPS):
            wanted = self._wanted(tops, backwards=sweep % 2 == 1)
            pack(self._root, wanted, self._head, is_inner=False)
            tops = tops_of(self._root, 0.0)
            if (length := self._length(tops)) < least:
                best, least = tops, length
        # Once more in the best order, now with each as near to its neighbours as there is room.
        pack(self._root, best, self._head, is_inner=False)
        for backwards in (False, True, False):
            tops = tops_of(self._root, 0.0)
            align(
                self._root,
                self._wanted(tops, backwards=backwards),
                tops,
                self._head,
                is_inner=False,
            )
        return tops_of(self._root, 0.0)

    def _centre(self, tops: dict[str, float], name: str) -> float:
        return tops[name] + self._leaves[name].height / 2

    def _wanted(self, tops: dict[str, float], *, backwards: bool) -> dict[str, float]:
        """Where each leaf would like its top: level with its neighbours on one side."""
        wanted = {}
        for name, item in self._leaves.items():
            near = [
                self._centre(tops, other)
                for other in self._neighbours.get(name, ())
                if (self._leaves[other].first > item.first) == backwards
            ]
            if near:
                wanted[name] = sum(near) / len(near) - item.height / 2
            else:
                wanted[name] = tops[name]
        return wanted

    def _length(self, tops: dict[str, float]) -> float:
        return sum(
            abs(self._centre(tops, one) - self._centre(tops, other))
            for _, _, chain in self._chains
            for one, other in itertools.pairwise(chain)
        )
