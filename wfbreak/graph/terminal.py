"""The picture on a terminal: layer below layer, stops as lines across, what each thing comes after.

Lines that cross do not read in letters; names do. So a box is a line, indented in its groups, and
what it waits for stands at its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import networkx as nx
from rich.console import Group as Together
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from wfbreak.graph import palette
from wfbreak.graph.model import Kind, Node, Picture
from wfbreak.graph.svg import short_type, title

_NAMES = 4
"""How many names of what comes before a line has."""

STANDS = ("stopped", "held")
"""What the breakpoints say at which a stack stands."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the picture. ``states`` are those of the boxes on it; ``counts`` are how many
    resources, and how many stops, of which state a line stands for."""

    cells: tuple[Text, ...]
    states: frozenset[str] = frozenset()
    counts: Counter[str] = field(default_factory=Counter)
    is_stop: bool = False


def draw(picture: Picture) -> RenderableType:
    """The picture as rich prints it, with all of its words."""
    return Together(Text(title(picture), style="bold"), Text(), table(rows(picture)))


def rows(picture: Picture) -> list[Row]:
    """The lines of the picture, from the first that is done to the last."""
    found: list[Row] = []
    stops = {stop.number: stop for stop in picture.stops}
    seen = 0
    for node in _in_order(picture):
        if node.stage != seen:
            seen = node.stage
            if seen in stops:
                found.append(_stop_row(picture, seen))
        counts = Counter({node.said: node.count}) if node.kind is not Kind.BREAKPOINT else Counter()
        found.append(Row(_cells(picture, node), frozenset({node.said}), counts))
    return found


def table(lines: Iterable[Row], *, is_folded: bool = True) -> Table:
    """The lines with their columns aligned. Words that do not fit go on below, or else are cut,
    the last ones first, so that each line takes one of the terminal's."""
    found = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for column in range(4):
        # Those that may wrap give way first; what is cut does not wrap all the same.
        found.add_column(
            overflow="fold" if is_folded else "ellipsis",
            no_wrap=not is_folded and column < 2,
        )
    for row in lines:
        for cell in row.cells:
            cell.no_wrap = None if is_folded else True
        found.add_row(*row.cells)
    return found


def _in_order(picture: Picture) -> Iterator[Node]:
    """Stage by stage, each stage in the template's order as far as the dependencies let it."""
    rank = {name: index for index, name in enumerate(picture.nodes)}
    ordered = nx.lexicographical_topological_sort(
        picture.order,
        key=lambda name: (
            picture.nodes[name].stage,
            picture.nodes[name].kind is not Kind.BREAKPOINT,
            rank[name],
        ),
    )
    for name in ordered:
        yield picture.nodes[name]


def _stop_row(picture: Picture, number: int) -> Row:
    stop = next(each for each in picture.stops if each.number == number)
    states = dict.fromkeys(
        picture.nodes[n].said for n in stop.breakpoints if picture.nodes[n].state is not None
    )
    words = f"── stop {number} " + (f"({', '.join(states)}) " if states else "")
    cells = (Text("─" * 8, style="yellow"), Text(words + "─" * 4, style="bold yellow"))
    return Row(cells, frozenset(states), is_stop=True)


def _cells(picture: Picture, node: Node) -> tuple[Text, ...]:
    style = palette.colour(node).style
    before = [picture.nodes[name] for name in picture.order.predecessors(node.id)]
    names = [n.title for n in before]
    more = f", {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    after = f"after {', '.join(names[:_NAMES])}{more}" if names else ""
    if node.kind is Kind.BREAKPOINT:
        detail = "the place of a step"
        if node.armed_by:
            detail = f"set by {', '.join(node.armed_by[:3])}"
        after = f"{'' if node.is_armed else 'not armed; '}{detail}"
    said = Text(node.said, style=style)
    name = Text(node.title, style="bold" if node.kind is Kind.BREAKPOINT else "")
    return said, name, Text(short_type(node.type)), Text(after, style="dim")
