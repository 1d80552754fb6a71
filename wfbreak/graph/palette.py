"""The colours of what is drawn, by day and by night. A colour never says anything alone: the state
stands beside it as a word."""

from __future__ import annotations

from dataclasses import dataclass

from wfbreak.graph.model import Kind, Node


@dataclass(frozen=True, slots=True)
class Colour:
    """``line`` and ``fill`` on paper; ``dark_line`` and ``dark_fill`` on a dark screen; ``style``
    on a terminal, as rich names it."""

    line: str
    fill: str
    dark_line: str
    dark_fill: str
    style: str


_PLAIN = Colour("#57606a", "#f6f8fa", "#9aa4ae", "#22272e", "")
_WAITING = Colour("#6e7781", "#ffffff", "#8b949e", "#1b2027", "dim")
_AMBER = Colour("#8a5a00", "#fff4d1", "#e3b341", "#3a2d0a", "yellow")

COLOURS = {
    "done": Colour("#1a6f34", "#dcf7e3", "#4cc36a", "#12311d", "green"),
    "running": Colour("#0757ba", "#dcefff", "#6cb6ff", "#10294a", "cyan"),
    "failed": Colour("#b3151f", "#ffe6e4", "#ff8078", "#45161a", "bold red"),
    "blocked": _AMBER,
    "waiting": _WAITING,
    "untouched": _WAITING,
    "to do": _PLAIN,
    "stopped": Colour("#8a3b00", "#ffd9a8", "#ffb267", "#5a2c05", "bold yellow"),
    "held": Colour("#8a3b00", "#ffd9a8", "#ffb267", "#5a2c05", "bold yellow"),
    "released": Colour("#1a6f34", "#ffffff", "#4cc36a", "#1b2027", "green"),
    "ahead": _AMBER,
    "breakpoint": _AMBER,
}

INK, PAPER, EDGE, FRAME = "#1f2328", "#ffffff", "#8c959f", "#d0d7de"
DARK_INK, DARK_PAPER, DARK_EDGE, DARK_FRAME = "#e6edf3", "#12161c", "#6e7781", "#3d444d"
MUTED, DARK_MUTED = "#505862", "#b1bac4"


def colour(node: Node) -> Colour:
    """A node's colour; a breakpoint that is not armed has a stranger's."""
    if node.kind is Kind.BREAKPOINT and not node.is_armed and node.said in ("ahead", "breakpoint"):
        return _WAITING
    return COLOURS[node.said]


def css_class(node: Node) -> str:
    """The class of a node in style sheets."""
    off = " off" if node.kind is Kind.BREAKPOINT and not node.is_armed else ""
    return f"node {node.kind.value} s-{node.said.replace(' ', '-')}{off}"
