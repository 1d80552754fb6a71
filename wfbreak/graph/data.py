"""The picture as plain data, for programs."""

from __future__ import annotations

import json
from typing import Any

from wfbreak.graph.model import Kind, Node, Picture


def write(picture: Picture) -> str:
    """The text of a JSON file."""
    return json.dumps(plain(picture), indent=2, ensure_ascii=False) + "\n"


def plain(picture: Picture) -> dict[str, Any]:
    """The picture as maps and lists."""
    return {
        "stack": picture.stack,
        "mode": picture.mode,
        "execution": picture.execution or None,
        "state": picture.state or None,
        "nodes": [_node(node) for node in picture.nodes.values()],
        "edges": [{"from": before, "to": after} for before, after in picture.edges],
        "groups": [
            {
                "path": group.path,
                "type": group.type,
                "parent": group.parent or None,
                "count": group.count,
                "source": group.source,
            }
            for group in picture.groups.values()
        ],
        "stops": [
            {"number": stop.number, "breakpoints": list(stop.breakpoints)} for stop in picture.stops
        ],
    }


def _node(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": node.id,
        "name": node.label,
        "kind": node.kind.value,
        "type": node.type,
        "state": node.state.value if node.state is not None else None,
        "stage": node.stage,
        "group": node.group or None,
        "source": node.source,
        "members": [member.id for member in node.members],
    }
    if node.kind is Kind.BREAKPOINT:
        found |= {"armed": node.is_armed, "armed_by": list(node.armed_by)}
    return found
