"""Random stacks in stacks with random breakpoints, and what must exist at each pause.

As in ``graphs``, the prediction is worked out by the definition and without the translator: an
item begins when all that it needs in its own stack is over and the stack around it has begun; a
stack is over when all in it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import yaml
from hypothesis import strategies as st

from properties.graphs import POST, PRE

HEAD = {"heat_template_version": "2018-08-31"}


@dataclass(frozen=True)
class Item:
    """A resource; ``needs`` are the numbers of those in its stack that it needs, all smaller.

    ``inside`` is the stack that it is: of a template's file, or of a group whose ``members`` are
    all that template. Without either it is a plain resource.
    """

    needs: tuple[int, ...]
    inside: tuple[Item, ...] = ()
    members: int = 0


@dataclass(frozen=True)
class Nest:
    items: tuple[Item, ...]
    stops: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def write(self, folder: Path) -> Path:
        """Write the templates; the outermost one's path."""
        self._write(folder, "root", self.items, outermost=True)
        return folder / "root.yaml"

    def _write(self, folder: Path, name: str, items: tuple[Item, ...], outermost: bool) -> None:
        resources: dict[str, object] = {}
        for number, item in enumerate(items):
            given = [{"get_attr": [f"r{n}", self._attribute(items[n])]} for n in item.needs]
            text = {"list_join": [",", [f"r{number}", *map(_text, given)]]}
            body: dict[str, object] = {"type": "OS::Heat::Value", "properties": {"value": text}}
            if item.inside:
                file = f"{name}-{number}"
                self._write(folder, file, item.inside, outermost=False)
                body = {"type": f"{file}.yaml", "properties": {"given": text}}
                if item.members:
                    definition = {"count": item.members, "resource_def": body}
                    body = {"type": "OS::Heat::ResourceGroup", "properties": definition}
            resources[f"r{number}"] = body
        last = f"r{len(items) - 1}"
        document: dict[str, object] = {**HEAD, "resources": resources}
        document["outputs"] = {
            "value": {"value": _text({"get_attr": [last, self._attribute(items[-1])]})}
        }
        if not outermost:
            document["parameters"] = {"given": {"type": "string"}}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))

    @staticmethod
    def _attribute(item: Item) -> str:
        return "refs" if item.members else "value"

    @cached_property
    def depth(self) -> dict[tuple[str, str], int]:
        """The largest number of stops on a path to a step, its own included."""
        depth: dict[tuple[str, str], int] = {}
        self._deepen(depth, "", self.items, 0)
        return depth

    def _deepen(
        self, depth: dict[tuple[str, str], int], path: str, items: tuple[Item, ...], begin: int
    ) -> int:
        over: list[int] = []
        for number, item in enumerate(items):
            name = f"{path}r{number}"
            before = max((over[n] for n in item.needs), default=begin)
            depth[name, PRE] = max(before, begin) + ((name, PRE) in self.stops)
            inner = depth[name, PRE]
            if item.members:
                ends = [
                    self._member(depth, f"{name}/{m}", item, inner) for m in range(item.members)
                ]
                inner = max(ends)
            elif item.inside:
                inner = self._deepen(depth, f"{name}/", item.inside, inner)
            depth[name, "itself"] = inner
            depth[name, POST] = inner + ((name, POST) in self.stops)
            over.append(depth[name, POST])
        return max(over)

    def _member(self, depth: dict[tuple[str, str], int], name: str, item: Item, begin: int) -> int:
        depth[name, PRE] = begin + ((name, PRE) in self.stops)
        depth[name, "itself"] = self._deepen(depth, f"{name}/", item.inside, depth[name, PRE])
        depth[name, POST] = depth[name, "itself"] + ((name, POST) in self.stops)
        return depth[name, POST]

    @property
    def pauses(self) -> int:
        return max((self.depth[stop] for stop in self.stops), default=0)

    def stops_at(self, pause: int) -> set[str]:
        return {f"{n}:{hook}" for n, hook in self.stops if self.depth[n, hook] == pause}

    def exist(self, pause: int) -> set[str]:
        return {n for (n, step), d in self.depth.items() if step == "itself" and d < pause}

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.depth}


def _text(value: object) -> object:
    """Any value as text that differs where the value does."""
    return {"str_replace": {"template": "<v>", "params": {"<v>": value}}}


def _walk(path: str, items: tuple[Item, ...]) -> Iterator[str]:
    for number, item in enumerate(items):
        name = f"{path}r{number}"
        yield name
        for member in range(item.members):
            yield f"{name}/{member}"
            yield from _walk(f"{name}/{member}/", item.inside)
        if item.inside and not item.members:
            yield from _walk(f"{name}/", item.inside)


@st.composite
def _items(draw: st.DrawFn, depth: int) -> tuple[Item, ...]:
    items = []
    for number in range(draw(st.integers(1, 4))):
        needs = draw(st.sets(st.integers(0, number - 1), max_size=2)) if number else set()
        kind = draw(st.sampled_from(["plain", "plain", "file", "group"])) if depth else "plain"
        inside = draw(_items(depth - 1)) if kind != "plain" else ()
        members = draw(st.integers(1, 3)) if kind == "group" else 0
        items.append(Item(tuple(sorted(needs)), inside, members))
    return tuple(items)


@st.composite
def nests(draw: st.DrawFn) -> Nest:
    """Stacks of up to 4 items, nested up to 3 deep, with up to 5 stops anywhere."""
    items = draw(_items(2))
    names = sorted(_walk("", items))
    steps = st.tuples(st.sampled_from(names), st.sampled_from([PRE, POST]))
    return Nest(items, draw(st.frozensets(steps, max_size=5)))
