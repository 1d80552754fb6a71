"""In which course a workflow's tasks are done: which lie between which stops, where it stops next.

Read from a document's tasks, as they stand in it or in the engine's copy, and an execution's env.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx

from wfbreak import live

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


def next_stop(
    tasks: Mapping[str, Any], env: Any, here: int, *, steps: bool = False
) -> tuple[int | None, list[str]]:
    """The next stop after the one ``here``, and its breakpoints that stop the stack as its env is
    now; no number if there is none. ``steps``: it goes on by one step."""
    places: dict[int, dict[str, bool]] = {}
    for name, task in tasks.items():
        if task.get("action") == BREAKPOINT:
            inputs = task["input"]
            armed = bool(inputs.get("armed_by"))
            places.setdefault(int(inputs.get("stage", 0)), {})[name] = armed
    for number in sorted(number for number in places if number > here):
        hooks = [str(tasks[name]["input"].get("hook")) for name in places[number]]
        is_step = steps and hooks[0].startswith("pre-")
        if found := live.stops(env, number, places[number], is_step):
            return number, found
    return None, []
