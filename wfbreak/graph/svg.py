"""The picture as SVG: one file, readable by day and by night, each box with its words.

Colours are attributes, for programs that know no style sheets; a style sheet for dark screens goes
over them. Text is cut to its box by a rough width of letters; the whole of it is the box's title.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape, quoteattr

from wfbreak.graph import palette
from wfbreak.graph.layout import Box, Direction, Layout, Line
from wfbreak.graph.model import Group, Kind, Node, Picture, Stop

Link = Callable[[Node], str | None]
"""Where a box leads to."""

LineLink = Callable[[Node], tuple[str, str] | None]
"""Where a box's line in a file is, and how it is called."""

FONT = (
    "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, 'Liberation Sans', "
    "'Noto Sans', 'Open Sans', Ubuntu, Cantarell, FreeSans, sans-serif"
)
"""Named one by one: what draws PNG knows no desktop's choice."""

_NAME, _DETAIL = 12.5, 10.5
_LIGHT = 0.92
"""How wide light letters are beside bold ones."""

_ROUND = 6.0


def write(
    picture: Picture,
    layout: Layout,
    *,
    link: Link = lambda _: None,
    line_link: LineLink = lambda _: None,
    ids: Mapping[str, str] | None = None,
    embedded: bool = False,
) -> str:
    """The whole text of the SVG. ``ids`` are the boxes' anchors; ``embedded`` leaves the style
    sheet to the page around it."""
    width, height = round(layout.width), round(layout.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" class="wfbreak-graph" role="group" '
        f"aria-label={_attr(title(picture))} font-family={_attr(FONT)}>"
    ]
    if not embedded:
        parts.append(f"<title>{_text(title(picture))}</title>")
        parts.append(f"<style>@media (prefers-color-scheme: dark){{{style_sheet()}}}</style>")
        parts.append(f'<rect class="paper" width="100%" height="100%" fill="{palette.PAPER}"/>')
    parts.append(
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto-start-reverse"><path class="tip" d="M0,0.6 L8,4 L0,7.4 z" '
        f'fill="{palette.EDGE}"/></marker></defs>'
    )
    parts += [
        _stop(stop, picture, layout.stops[stop.number], layout.direction) for stop in picture.stops
    ]
    parts += [_frame(picture.groups[box.id], box) for box in layout.frames]
    parts += [_line(line, layout.direction) for line in layout.lines]
    # In the order in which things are done, and in which the Tab key goes.
    placed = sorted(layout.boxes.values(), key=lambda box: _reading_order(box, layout.direction))
    for box in placed:
        node = picture.nodes[box.id]
        parts.append(_node(node, box, link(node), line_link(node), (ids or {}).get(node.id)))
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _reading_order(box: Box, direction: Direction) -> tuple[float, float]:
    return (box.x, box.y) if direction is Direction.RIGHT else (box.y, box.x)


def title(picture: Picture) -> str:
    """What the picture shows, in a sentence."""
    counts = ", ".join(f"{number} {word}" for word, number in picture.counts.items())
    what = f"execution {picture.execution} {picture.state}" if picture.execution else "not started"
    return f"Dependency graph of the stack {picture.stack} ({what}; {counts or 'no resources'})"


def style_sheet(scope: str = "") -> str:
    """The colours on a dark screen, for what is inside of ``scope``."""
    rules = {
        ".paper": f"fill:{palette.DARK_PAPER}",
        ".name,.stop-name": f"fill:{palette.DARK_INK}",
        ".detail,.frame-name,.stop-detail,.line-link": f"fill:{palette.DARK_MUTED}",
        ".edge": f"stroke:{palette.DARK_EDGE}",
        ".tip": f"fill:{palette.DARK_EDGE}",
        ".frame": f"stroke:{palette.DARK_FRAME};fill:#8b949e;fill-opacity:.07",
        ".stop-band": "fill:#e3b341;fill-opacity:.08",
        ".stop-line": "stroke:#e3b341",
    }
    for said, colour in palette.COLOURS.items():
        name = f".s-{said.replace(' ', '-')}"
        rules[f"{name} .box"] = f"fill:{colour.dark_fill};stroke:{colour.dark_line}"
        rules[f"{name} .bar,{name} .said"] = f"fill:{colour.dark_line}"
    return "".join(
        f"{','.join(f'{scope} {one}'.strip() for one in names.split(','))}{{{said}}}"
        for names, said in rules.items()
    )


def _stop(stop: Stop, picture: Picture, box: Box, direction: Direction) -> str:
    nodes = [picture.nodes[name] for name in stop.breakpoints]
    states = ", ".join(dict.fromkeys(node.said for node in nodes if node.state is not None))
    goes_right = direction is Direction.RIGHT
    x, y = (box.x, 8.0) if goes_right else (8.0, box.y)
    width, height = (box.width, box.height - 16) if goes_right else (box.width - 16, box.height)
    way = f"V{y + height - 8:.1f}" if goes_right else f"H{x + width - 8:.1f}"
    start = f"M{x:.1f},{y + 8:.1f}" if goes_right else f"M{x + 8:.1f},{y:.1f}"
    lines = [states] if states else ["left of here is", "done by then"]
    if not goes_right and not states:
        lines = ["all above is", "done by then"]
    if goes_right:
        lines = [" ".join(lines)]
    top = y + 22 if goes_right else y + height / 2 - 6 * len(lines) + 4
    texts = "".join(
        f'<text class="stop-detail" x="{x + 12:.1f}" y="{top + 15 + 13 * n:.1f}" '
        f'font-size="{_DETAIL}" fill="{palette.MUTED}">{_text(line)}</text>'
        for n, line in enumerate(lines)
    )
    return (
        f'<g class="stop"><rect class="stop-band" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="8" fill="#bf8700" fill-opacity="0.07"/>'
        f'<path class="stop-line" d="{start} {way}" stroke="#bf8700" '
        'stroke-width="2" stroke-dasharray="5 4"/>'
        f'<text class="stop-name" x="{x + 12:.1f}" y="{top:.1f}" font-size="13" '
        f'font-weight="700" fill="{palette.INK}">Stop {stop.number}</text>{texts}</g>'
    )


def _frame(group: Group, box: Box) -> str:
    said = f"{group.title}  {short_type(group.type)}"
    return (
        f"<g><title>{_text(f'{group.title}: {group.type}, {group.source}')}</title>"
        f'<rect class="frame" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="9" fill="#57606a" fill-opacity="0.04" '
        f'stroke="{palette.FRAME}"/><text class="frame-name" x="{box.x + 10:.1f}" '
        f'y="{box.y + 17:.1f}" font-size="11" fill="{palette.MUTED}">'
        f"{_text(cut(said, box.width - 20, 11))}</text></g>"
    )


def _line(line: Line, direction: Direction) -> str:
    goes_right = direction is Direction.RIGHT
    (x, y), *rest = line.points
    path = [f"M{x:.1f},{y:.1f}"]
    for index, (to_x, to_y) in enumerate(rest):
        if index % 2:
            path.append(f"H{to_x:.1f}" if goes_right else f"V{to_y:.1f}")
        elif goes_right:
            mid = (x + to_x) / 2
            path.append(f"C{mid:.1f},{y:.1f} {mid:.1f},{to_y:.1f} {to_x:.1f},{to_y:.1f}")
        else:
            mid = (y + to_y) / 2
            path.append(f"C{x:.1f},{mid:.1f} {to_x:.1f},{mid:.1f} {to_x:.1f},{to_y:.1f}")
        x, y = to_x, to_y
    return (
        f'<path class="edge" data-from={_attr(line.before)} data-to={_attr(line.after)} '
        f'd="{" ".join(path)}" fill="none" stroke="{palette.EDGE}" stroke-width="1.3" '
        'marker-end="url(#arrow)"/>'
    )


def _node(
    node: Node, box: Box, href: str | None, line: tuple[str, str] | None, ident: str | None
) -> str:
    colour = palette.colour(node)
    times = node.title.removeprefix(node.label)
    detail = "" if node.kind is Kind.BREAKPOINT else short_type(node.type)
    if node.kind is Kind.BREAKPOINT and node.armed_by:
        detail = f"by {_short_place(node.armed_by[0])}"
    said = node.said if node.state is not None or node.kind is Kind.BREAKPOINT else ""
    taken = width_of(said, _DETAIL) + (10 if said else 0)
    round_ = box.height / 2 if node.kind is Kind.BREAKPOINT else _ROUND
    x, y = box.x, box.y
    indent = 18.0 if node.kind is Kind.BREAKPOINT else 14.0
    room = box.width - indent - 10
    dash = ' stroke-dasharray="4 3"' if node.said in ("waiting", "untouched") else ""
    line_room = width_of(line[1], _DETAIL) + 6 if line else 0.0
    name = cut(node.label, room - width_of(times, _NAME) - line_room, _NAME)
    parts = [
        f'<rect class="box" x="{x:.1f}" y="{y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="{round_:.0f}" fill="{colour.fill}" '
        f'stroke="{colour.line}" stroke-width="{2 if said in ("stopped", "held", "failed") else 1}"'
        f"{dash}/>",
        f'<text class="name" x="{x + indent:.1f}" y="{y + 19:.1f}" font-size="{_NAME}" '
        f'font-weight="600" fill="{palette.INK}">{_text(name + times)}</text>',
    ]
    if node.kind is not Kind.BREAKPOINT:
        parts.insert(
            1,
            f'<rect class="bar" x="{x:.1f}" y="{y + 6:.1f}" width="4" '
            f'height="{box.height - 12:.1f}" rx="2" fill="{colour.line}"/>',
        )
    if said:
        parts.append(
            f'<text class="said" x="{x + indent:.1f}" y="{y + 35:.1f}" font-size="{_DETAIL}" '
            f'font-weight="600" fill="{colour.line}">{_text(said)}</text>'
        )
    if detail:
        parts.append(
            f'<text class="detail" x="{x + indent + taken:.1f}" y="{y + 35:.1f}" '
            f'font-size="{_DETAIL}" fill="{palette.MUTED}">'
            f"{_text(cut(detail, room - taken, _DETAIL * _LIGHT))}</text>"
        )
    inner = f"<title>{_text(told(node))}</title>{''.join(parts)}"
    if href:
        inner = f"<a href={_attr(href)} aria-label={_attr(told(node))}>{inner}</a>"
    if line:
        to, text = line
        inner += (
            f"<a href={_attr(to)} aria-label={_attr(f'{node.title}: line {text} of its file')}>"
            f'<text class="line-link" x="{x + box.width - 9:.1f}" y="{y + 18:.1f}" '
            f'text-anchor="end" font-size="{_DETAIL}" fill="{palette.MUTED}" '
            f'text-decoration="underline">{_text(text)}</text></a>'
        )
    named = f" id={_attr(ident)}" if ident else ""
    return f"<g class={_attr(palette.css_class(node))} data-id={_attr(node.id)}{named}>{inner}</g>"


def told(node: Node) -> str:
    """All that a box stands for, in words."""
    words = [node.title, node.type]
    if node.state is not None or node.kind is Kind.BREAKPOINT:
        words.append(node.said)
    if node.kind is Kind.BREAKPOINT and not node.is_armed:
        words.append("not armed")
    if node.armed_by:
        words.append(f"set by {', '.join(node.armed_by[:3])}")
    if node.condition:
        words.append(f"if {node.condition}")
    if node.message:
        words.append(node.message)
    if node.source and not node.members:
        words.append(node.source)
    if node.members:
        names = [member.label for member in node.members]
        more = f" and {len(names) - 12} more" if len(names) > 12 else ""
        words.append(", ".join(names[:12]) + more)
    return "; ".join(words)


def _short_place(place: str) -> str:
    """A place in a file without its folders; an option as it is."""
    return place if place.startswith("-") else place.rpartition("/")[2]


def clean(text: str) -> str:
    """A text without what XML has no way to write, and programs in C end at."""
    return "".join(c if c in "\t\n\r" or ord(c) >= 32 else "\ufffd" for c in text)


def short_type(kind: str) -> str:
    """A type without what all of OpenStack's have in common."""
    return kind.removeprefix("OS::")


def width_of(text: str, size: float) -> float:
    """About how wide a text is: letters of East Asia are twice as wide as others."""
    units = 0.0
    for letter in text:
        if unicodedata.east_asian_width(letter) in "WF":
            units += 1.05
        elif letter in "ijlI.,:;'|!()[]/ ":
            units += 0.36
        elif letter in "mwMW@%":
            units += 0.9
        else:
            units += 0.64
    return units * size


def cut(text: str, room: float, size: float) -> str:
    """A text as far as there is room; what differs most often stands at its end, so the middle
    goes."""
    if width_of(text, size) <= room:
        return text
    for keep in range(len(text) - 1, 0, -1):
        head = (keep + 1) // 2
        tried = text[:head] + "…" + text[len(text) - (keep - head) :]
        if width_of(tried, size) <= room:
            return tried
    return "…"


def _text(text: str) -> str:
    return escape(clean(text))


def _attr(text: str) -> str:
    return quoteattr(clean(text))
