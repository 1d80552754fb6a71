"""Random stacks in stacks with random breakpoints, and the order of their steps.

An item begins when all that it needs in its own stack is over and the stack around it has begun; a
stack is over when all in it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import networkx as nx
import yaml
from hypothesis import strategies as st

from properties.order import ITSELF, POST, PRE, Order, Step

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
    stops: frozenset[Step] = field(default_factory=frozenset)

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
    def order(self) -> Order:
        graph: nx.DiGraph[Step] = nx.DiGraph()
        _put(graph, "", self.items, None)
        return Order(graph, self.stops)

    @cached_property
    def plain(self) -> set[str]:
        """The resources that have a property ``value``."""
        return {name for name, item in _walk("", self.items) if item and not item.inside}


def _put(
    graph: nx.DiGraph[Step], path: str, items: tuple[Item, ...], around: Step | None
) -> list[Step]:
    """The steps of a stack, ``around`` being the one before them; those with which they end."""
    for number, item in enumerate(items):
        name = f"{path}r{number}"
        before = [(f"{path}r{n}", POST) for n in item.needs]
        graph.add_node((name, PRE))
        graph.add_edges_from((b, (name, PRE)) for b in [*before, *([around] if around else ())])
        ends = [(name, PRE)]
        if item.members:
            members = [f"{name}/{member}" for member in range(item.members)]
            ends = [_put_around(graph, member, item.inside, (name, PRE)) for member in members]
        elif item.inside:
            ends = _put(graph, f"{name}/", item.inside, (name, PRE))
        _end(graph, name, ends)
    return [(f"{path}r{number}", POST) for number in range(len(items))]


def _put_around(graph: nx.DiGraph[Step], name: str, inside: tuple[Item, ...], around: Step) -> Step:
    graph.add_edge(around, (name, PRE))
    return _end(graph, name, _put(graph, f"{name}/", inside, (name, PRE)))


def _end(graph: nx.DiGraph[Step], name: str, ends: list[Step]) -> Step:
    graph.add_edges_from((end, (name, ITSELF)) for end in ends)
    graph.add_edge((name, ITSELF), (name, POST))
    return name, POST


def _text(value: object) -> object:
    """Any value as text that differs where the value does."""
    return {"str_replace": {"template": "<v>", "params": {"<v>": value}}}


def _walk(path: str, items: tuple[Item, ...]) -> Iterator[tuple[str, Item | None]]:
    """Every resource with its item; a group's members have none of their own."""
    for number, item in enumerate(items):
        name = f"{path}r{number}"
        yield name, item
        for member in range(item.members):
            yield f"{name}/{member}", None
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
    names = sorted(name for name, _ in _walk("", items))
    steps = st.tuples(st.sampled_from(names), st.sampled_from([PRE, POST]))
    return Nest(items, draw(st.frozensets(steps, max_size=5)))
