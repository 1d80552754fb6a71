"""Random stacks with random breakpoints, and the order of their steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import networkx as nx
import yaml
from hypothesis import strategies as st

from properties.order import ITSELF, POST, PRE, Order, Step
from wfbreak.translate.partition import OFF, Partition

PARTITIONS = st.sampled_from([OFF, Partition(2), Partition(4)])
"""How a stack is cut into parts: it is the same stack for all that."""


@dataclass(frozen=True)
class Stack:
    """``needs[i]`` are the numbers of the resources that number *i* needs, all smaller than *i*.

    ``ways[i]`` is how the template says so; ``stops`` are pairs of a name and a hook.
    """

    needs: tuple[tuple[int, ...], ...]
    ways: tuple[str, ...]
    stops: frozenset[Step]

    @staticmethod
    def name(number: int) -> str:
        return f"r{number}"

    def template(self) -> str:
        resources = {}
        for number, needed in enumerate(self.needs):
            names = [self.name(n) for n in needed]
            body: dict[str, object] = {"type": "OS::Heat::Value"}
            way = self.ways[number]
            if way == "depends_on" and names:
                body["depends_on"] = names
                body["properties"] = {"value": f"v{number}"}
            elif way == "get_attr" and names:
                # The value is a chain of those before: it cannot be made before they are.
                parts = [{"get_attr": [name, "value"]} for name in names]
                joined = {"list_join": ["", [f"v{number}(", *parts, ")"]]}
                body["properties"] = {"value": joined}
            else:
                refs = [{"get_resource": name} for name in names]
                body["properties"] = {"value": f"v{number}"}
                body["metadata"] = {"after": refs}
            resources[self.name(number)] = body
        last = self.name(len(self.needs) - 1)
        document = {
            "heat_template_version": "2018-08-31",
            "resources": resources,
            "outputs": {"last": {"value": {"get_attr": [last, "value"]}}},
        }
        return yaml.safe_dump(document, sort_keys=False)

    def write(self, folder: Path) -> Path:
        """Write the template; its path."""
        path = folder / "random.yaml"
        path.write_text(self.template())
        return path

    def value(self, number: int, changed: Mapping[str, str] = MappingProxyType({})) -> str:
        """The value of the resource's attribute ``value``, if all came in the right order.

        ``changed`` are values by names that differ from the template's.
        """
        if self.name(number) in changed:
            return changed[self.name(number)]
        needed = self.needs[number]
        if self.ways[number] == "get_attr" and needed:
            return f"v{number}(" + "".join(self.value(n, changed) for n in needed) + ")"
        return f"v{number}"

    @cached_property
    def order(self) -> Order:
        graph: nx.DiGraph[Step] = nx.DiGraph()
        for number, needed in enumerate(self.needs):
            name = self.name(number)
            nx.add_path(graph, [(name, PRE), (name, ITSELF), (name, POST)])
            graph.add_edges_from(((self.name(n), POST), (name, PRE)) for n in needed)
        return Order(graph, self.stops)

    @property
    def plain(self) -> set[str]:
        """The resources that have a property ``value``."""
        return self.order.names


@st.composite
def stacks(draw: st.DrawFn, largest: int = 30) -> Stack:
    """Stacks of 1 to ``largest`` resources with up to three needs each and up to six stops."""
    size = draw(st.integers(1, largest))
    needs, ways = [], []
    for number in range(size):
        count = min(number, draw(st.sampled_from([0, 1, 1, 2, 3])))
        # Near ones more often, so that there are long paths.
        reach = draw(st.sampled_from([3, 3, number or 1]))
        low = max(0, number - reach)
        chosen = (
            draw(st.lists(st.integers(low, number - 1), min_size=0, max_size=count, unique=True))
            if number
            else []
        )
        needs.append(tuple(sorted(chosen)))
        ways.append(draw(st.sampled_from(["depends_on", "get_resource", "get_attr"])))
    names = st.sampled_from([Stack.name(number) for number in range(size)])
    stops = draw(st.frozensets(st.tuples(names, st.sampled_from([PRE, POST])), max_size=6))
    return Stack(tuple(needs), tuple(ways), stops)
