"""Random stacks with random breakpoints, and what must exist at each pause.

The prediction is worked out from the drawn needs alone, by the definition and without the
translator: it is what the translator and the engine are held against.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import yaml
from hypothesis import strategies as st

PRE, POST = "pre-create", "post-create"


@dataclass(frozen=True)
class Stack:
    """``needs[i]`` are the numbers of the resources that number *i* needs, all smaller than *i*.

    ``ways[i]`` is how the template says so; ``stops`` are pairs of a number and a hook.
    """

    needs: tuple[tuple[int, ...], ...]
    ways: tuple[str, ...]
    stops: frozenset[tuple[int, str]]

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

    def value(self, number: int) -> str:
        """The value of the resource's attribute ``value``, if all came in the right order."""
        needed = self.needs[number]
        if self.ways[number] == "get_attr" and needed:
            return f"v{number}(" + "".join(self.value(n) for n in needed) + ")"
        return f"v{number}"

    @cached_property
    def depth(self) -> dict[tuple[int, str], int]:
        """The largest number of stops on a path to a step, its own included."""
        depth: dict[tuple[int, str], int] = {}
        for number, needed in enumerate(self.needs):
            before = max((depth[n, POST] for n in needed), default=0)
            depth[number, PRE] = before + ((number, PRE) in self.stops)
            depth[number, "itself"] = depth[number, PRE]
            depth[number, POST] = depth[number, PRE] + ((number, POST) in self.stops)
        return depth

    @property
    def pauses(self) -> int:
        return max((self.depth[stop] for stop in self.stops), default=0)

    def stops_at(self, pause: int) -> set[str]:
        return {
            f"{self.name(number)}:{hook}"
            for number, hook in self.stops
            if self.depth[number, hook] == pause
        }

    def exist_non_stop(self, pause: int) -> set[str]:
        """Whatever fewer stops than ``pause`` come before."""
        numbers = range(len(self.needs))
        return {self.name(n) for n in numbers if self.depth[n, "itself"] < pause}

    def exist_all_stop(self, pause: int) -> set[str]:
        """Whatever a stop of this pause or an earlier one needs, and nothing else."""
        wanted: set[int] = set()
        for number, hook in self.stops:
            if self.depth[number, hook] <= pause:
                wanted |= self._before(number)
                if hook == POST:
                    wanted.add(number)
        return {self.name(n) for n in wanted}

    def _before(self, number: int) -> set[int]:
        found: set[int] = set()
        for needed in self.needs[number]:
            found |= {needed} | self._before(needed)
        return found


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
    stops = draw(
        st.frozensets(st.tuples(st.integers(0, size - 1), st.sampled_from([PRE, POST])), max_size=6)
    )
    return Stack(tuple(needs), tuple(ways), stops)
