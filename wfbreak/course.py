"""In which course a workflow's tasks are done: which of them lie between which stops.

Read from a document's tasks, as they stand in it or in the engine's copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx

BREAKPOINT = "wfbreak.breakpoint"
"""The action of a breakpoint's task."""


def stages_of(tasks: Mapping[str, Any]) -> dict[str, int]:
    """The number of the last stop before each task, as the document writes them; a breakpoint's
    own. Before the first stop it is 0."""
    flow: nx.DiGraph[str] = nx.DiGraph()
    flow.add_nodes_from(tasks)
    for name, task in tasks.items():
        for after in task.get("on-success", ()):
            if isinstance(after, str):
                flow.add_edge(name, after)
    found: dict[str, int] = {}
    for name in nx.topological_sort(flow):
        before = max((found[earlier] for earlier in flow.predecessors(name)), default=0)
        own = 0
        if tasks[name].get("action") == BREAKPOINT:
            own = int(tasks[name]["input"].get("stage", 0))
        found[name] = max(before, own)
    return found
