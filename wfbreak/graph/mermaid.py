"""The picture in Mermaid's language, which code hosts draw in a README or a review."""

from __future__ import annotations

from wfbreak.graph import palette
from wfbreak.graph.model import TIMES, Kind, Node, Picture


def write(picture: Picture) -> str:
    """The text of a Mermaid flowchart. Names stand in labels alone: as ids they could be words of
    Mermaid's own."""
    ids = {name: f"n{index}" for index, name in enumerate(picture.nodes)}
    frames = {path: f"g{index}" for index, path in enumerate(picture.groups)}
    lines = ["flowchart TD", *_inside(picture, "", "  ", ids, frames)]
    lines += [f"  {ids[before]} --> {ids[after]}" for before, after in picture.edges]
    classes: dict[str, list[str]] = {}
    for name, node in picture.nodes.items():
        classes.setdefault(node.said, []).append(ids[name])
    for said, members in classes.items():
        colour = palette.colour(next(n for n in picture.nodes.values() if n.said == said))
        name = said.replace(" ", "_")
        lines.append(
            f"  classDef {name} fill:{colour.fill},stroke:{colour.line},color:{palette.INK}"
        )
        lines.append(f"  class {','.join(members)} {name}")
    return "\n".join(lines) + "\n"


def _inside(
    picture: Picture, group: str, indent: str, ids: dict[str, str], frames: dict[str, str]
) -> list[str]:
    lines = []
    for name, node in picture.nodes.items():
        if node.group == group:
            lines.append(f"{indent}{_node(ids[name], node)}")
    for path, each in picture.groups.items():
        if each.parent == group and path != group:
            inside = _inside(picture, path, f"{indent}  ", ids, frames)
            if not inside:
                continue
            lines += [
                f"{indent}subgraph {frames[path]}[{_quoted(each.title)}]",
                *inside,
                f"{indent}end",
            ]
    return lines


def _node(ident: str, node: Node) -> str:
    said = f"<br/>{_escaped(node.said)}" if node.state is not None else ""
    label = f'"{_escaped(node.title)}<br/>{_escaped(node.type)}{said}"'
    if node.kind is Kind.BREAKPOINT:
        return f"{ident}{{{{{label}}}}}"
    return f"{ident}[{label}]"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """A label's text: Mermaid reads Markdown, HTML and its own entities in it."""
    return "".join(
        c if c.isalnum() or c in f" _:-/{TIMES}…(),=" else f"#{ord(c)};" if ord(c) >= 32 else " "
        for c in text
    )
