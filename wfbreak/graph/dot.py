"""The picture in Graphviz's language, for whoever wants to draw it otherwise."""

from __future__ import annotations

from wfbreak.graph import palette
from wfbreak.graph.model import Kind, Node, Picture
from wfbreak.graph.svg import clean, told


def write(picture: Picture) -> str:
    """The text of a DOT file."""
    lines = [
        f"digraph {_quoted(picture.stack)} {{",
        "  rankdir=TB;",
        '  node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=11];',
        '  edge [color="#8c959f"];',
        *_inside(picture, "", "  "),
    ]
    lines += [f"  {_quoted(before)} -> {_quoted(after)};" for before, after in picture.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _inside(picture: Picture, group: str, indent: str) -> list[str]:
    lines = []
    for node in picture.nodes.values():
        if node.group == group:
            lines.append(f"{indent}{_node(node)}")
    for path, each in picture.groups.items():
        if each.parent == group and path != group:
            lines += [
                f"{indent}subgraph {_quoted(f'cluster_{path}')} {{",
                f"{indent}  label={_quoted(each.title)}; color={_quoted(palette.FRAME)};",
                *_inside(picture, path, f"{indent}  "),
                f"{indent}}}",
            ]
    return lines


def _node(node: Node) -> str:
    colour = palette.colour(node)
    said = f"\n{node.said}" if node.state is not None else ""
    shape = ", shape=octagon, style=filled" if node.kind is Kind.BREAKPOINT else ""
    label = f"{node.title}\n{node.type}{said}"
    return (
        f"{_quoted(node.id)} [label={_quoted(label)}, tooltip={_quoted(told(node))}, "
        f"fillcolor={_quoted(colour.fill)}, color={_quoted(colour.line)}{shape}];"
    )


def _quoted(text: str) -> str:
    r"""A string of DOT's, in which a backslash begins an escape: ``\n`` is a new line, ``\N`` the
    node's name."""
    escaped = clean(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
