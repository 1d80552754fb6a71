"""Random stacks that live: templates, edits of them, and what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

NET, VOLUME, VALUE = "OS::Neutron::Net", "OS::Cinder::Volume", "OS::Heat::Value"


@dataclass(frozen=True)
class Thing:
    """A resource: ``inside`` can be changed in place, ``outside`` only by another in its place.
    ``reads`` are resources whose reference is in a property, ``after`` those that come before."""

    kind: str
    inside: int = 0
    outside: int = 0
    reads: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    retained: bool = False

    def definition(self) -> dict[str, Any]:
        text: Any = f"v{self.inside}"
        if self.reads:
            text = {"list_join": ["+", [text, *({"get_resource": name} for name in self.reads)]]}
        found: dict[str, Any] = {"type": self.kind, "properties": self.properties(text)}
        if self.after:
            found["depends_on"] = list(self.after)
        if self.retained:
            found["deletion_policy"] = "Retain"
        return found

    def properties(self, text: Any) -> dict[str, Any]:
        """With the text that says what is inside."""
        if self.kind == NET:
            return {"name": text, "tenant_id": f"t{self.outside}"}
        if self.kind == VOLUME:
            return {"size": 1, "description": text, "availability_zone": f"z{self.outside}"}
        return {"value": text}

    def resolved(self, ids: Mapping[str, str]) -> dict[str, Any]:
        """What a cloud that has it would show; ``ids`` by the names of resources."""
        return self.properties("+".join([f"v{self.inside}", *(ids[name] for name in self.reads)]))


@dataclass(frozen=True)
class Life:
    """A template, as resources by their names; each needs only what stands before it."""

    things: Mapping[str, Thing]

    def write(self, folder: Path) -> str:
        path = folder / "stack.yaml"
        resources = {name: thing.definition() for name, thing in self.things.items()}
        data: dict[str, Any] = {"heat_template_version": "2018-08-31"}
        if resources:
            data["resources"] = resources
        path.write_text(yaml.safe_dump(data, sort_keys=False))
        return str(path)


NAMES = tuple("abcdefg")


@st.composite
def thing(draw: st.DrawFn, before: tuple[str, ...], readable: tuple[str, ...]) -> Thing:
    some = st.lists(st.sampled_from(before), unique=True, max_size=2) if before else st.just([])
    read = st.lists(st.sampled_from(readable), unique=True, max_size=2) if readable else st.just([])
    return Thing(
        draw(st.sampled_from([NET, NET, VOLUME, VALUE])),
        draw(st.integers(0, 2)),
        draw(st.integers(0, 1)),
        tuple(draw(read)),
        tuple(draw(some)),
        draw(st.integers(0, 9)) == 0,
    )


@st.composite
def lives(draw: st.DrawFn) -> Life:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5))
    found: dict[str, Thing] = {}
    for name in names:
        found[name] = draw(thing(tuple(found), _readable(found)))
    return Life(found)


@st.composite
def edits(draw: st.DrawFn, life: Life) -> Life:
    """Another template: some changed, some gone, some new, in another order perhaps."""
    order = draw(st.permutations(list(life.things)))
    found: dict[str, Thing] = {}
    for name in order if draw(st.booleans()) else life.things:
        what = draw(st.sampled_from(["keep", "keep", "inside", "outside", "gone", "anew"]))
        old = life.things[name]
        if what == "gone":
            continue
        if what == "anew":
            found[name] = draw(thing(tuple(found), _readable(found)))
            continue
        changed = replace(
            old,
            inside=old.inside + (what == "inside"),
            outside=old.outside + (what == "outside"),
            reads=tuple(n for n in old.reads if n in _readable(found)),
            after=tuple(n for n in old.after if n in found),
        )
        found[name] = changed
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=2)):
        if name not in found and len(found) < 6:
            found[name] = draw(thing(tuple(found), _readable(found)))
    return Life(found)


def _readable(found: Mapping[str, Thing]) -> tuple[str, ...]:
    """Those whose reference is their id."""
    return tuple(name for name, thing in found.items() if thing.kind != VALUE)
