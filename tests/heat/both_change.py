"""One resource changed twice in place: by Heat's own code and by wfbreak's openstack provider.

Each makes it on the same little services, and is then given other properties. Whether it is changed
or another is to be made, and what is asked of the services, must be the same. wfbreak is also cut
off after every request of the change, and has to come to the same end when it is tried again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any

from heat.both_make import DRAWN, EXECUTION, connection, in_the_end, masked
from heat.conftest import Judge
from heat.services import Asked, Cloud, Seed
from wfbreak.actions.openstack.provider import OpenStackProvider
from wfbreak.actions.provider import (
    CreateRequest,
    ProviderError,
    ReplaceNeeded,
    Updated,
    UpdateRequest,
)
from wfbreak.types import schema
from wfbreak.types.table import all_types

Properties = Mapping[str, Any]
Case = tuple[str, Properties, Properties]
"""A type, and its properties before and after."""


@dataclass
class Changed:
    """What became of it; ``state`` is what the services keep in the end."""

    refused: str | None = None
    is_replaced: bool = False
    asked: list[Asked] = field(default_factory=list)
    state: Any = None
    ref: Any = None
    id: Any = None


def both_ways(kind: str, base: Properties, others: Properties) -> list[Case]:
    """The others given, where they were not or otherwise, and taken away."""
    return [(kind, base, {**base, **others}), (kind, {**base, **others}, base)]


def each(kind: str, base: Properties, others: Properties) -> Iterator[Case]:
    """Each of the others given and taken away alone."""
    for name, value in others.items():
        yield from both_ways(kind, base, {name: value})


def name_of(case: object) -> str | None:
    """How a test calls a case."""
    if not isinstance(case, tuple):
        return None
    kind, before, after = case
    names = (name for name in {**before, **after} if before.get(name) != after.get(name))
    return f"{kind}: {', '.join(names)}"


def heat_changes(real: Judge, cloud: Cloud, case: Case, seeds: Iterable[Seed] = ()) -> Changed:
    kind, before, after = case
    cloud.begin(seeds)
    request = {"type": kind, "properties": before, "auth_url": f"{cloud.url}/identity/v3"}
    made = real.ask(request)
    assert "refused" not in made, made
    cloud.asked = []
    answer = real.ask({**request, "after": after, "id": made["id"], "data": made["data"]})
    changed = Changed(asked=masked(cloud.asked), state=masked(cloud.state()))
    if "refused" in answer:
        changed.refused = answer["refused"]
    elif "replaced" in answer:
        changed.is_replaced = True
    else:
        changed.ref, changed.id = masked(answer["ref"]), masked(answer["id"])
    return changed


def wfbreak_changes(cloud: Cloud, case: Case, seeds: Iterable[Seed] = ()) -> Changed:
    seeds = list(seeds)
    kind, before, after = case
    provider = OpenStackProvider()
    with closing(connection(cloud)) as connected:

        def made() -> UpdateRequest:
            cloud.begin(seeds)
            given: Any = (EXECUTION, "stack", "one", kind)
            wanted = [
                CreateRequest(*given, properties, connect=lambda **_: connected)
                for properties in (before, after)
            ]
            created = in_the_end(lambda: provider.create(wanted[0]))
            cloud.asked = []
            return UpdateRequest(wanted[1], created.physical_id, before)

        def change(request: UpdateRequest) -> Updated:
            return in_the_end(lambda: provider.update(request))

        request = made()
        try:
            updated = change(request)
        except ReplaceNeeded:
            return Changed(is_replaced=True, asked=masked(cloud.asked))
        except ProviderError as error:
            return Changed(refused=str(error), asked=masked(cloud.asked))
        found = Changed(
            asked=_without_marks(cloud.asked),
            state=masked(cloud.state()),
            ref=masked(updated.created.ref),
            id=masked(updated.created.physical_id),
        )
        end, count = cloud.state(), len(cloud.asked)
        assert change(request).created == updated.created
        assert cloud.state() == end, "doing it twice does something else"
        for number in range(1, count + 1):
            request = made()
            cloud.cut_after(number)
            with suppress(ProviderError):
                change(request)
            assert change(request).created == updated.created
            assert cloud.state() == end, f"cut off after request {number} it ends otherwise"
    return found


def same_change(heats: Changed, ours: Changed, *, by_state: bool = False) -> None:
    """Assert that both have changed the same, or would both make another.

    ``by_state``: they ask for it in other words, and what the services keep is compared. A name of
    null is the one that was drawn, as it is for what is made without one.
    """
    assert heats.refused is None
    assert ours.refused is None
    assert ours.is_replaced == heats.is_replaced
    if heats.is_replaced:
        return
    if by_state:
        assert ours.state == heats.state
    else:
        assert _words(ours.asked) == _words(heats.asked)
    assert (ours.ref, ours.id) == (heats.ref, heats.id)


def unchanged(service: str, cases: Iterable[Case]) -> set[str]:
    """The properties of a service's types that are changed in place, and that no case changes."""
    left = set()
    for name, row in all_types().items():
        known = schema.find(name)
        assert known is not None
        if name.split("::")[1] == service and row.handler != "own":
            rules = row.properties
            left |= {
                f"{name}.{n}"
                for n, each_one in known.properties.items()
                if each_one.update_allowed
                and not (rules[n].unchangeable or rules[n].ignored or rules[n].refused)
            }
    for kind, before, after in cases:
        left -= {f"{kind}.{n}" for n in {**before, **after} if before.get(n) != after.get(n)}
    return left


def _words(asked: list[Asked]) -> list[str]:
    said = [(a.method, a.path, _named(a.body)) for a in asked]
    return sorted(json.dumps(each_one, sort_keys=True) for each_one in said)


def _named(body: Any) -> Any:
    if isinstance(body, list):
        return sorted(body, key=lambda part: json.dumps(part, sort_keys=True))
    if not isinstance(body, dict):
        return body
    return {
        key: DRAWN if (key, value) == ("name", None) else _named(value)
        for key, value in body.items()
    }


def _without_marks(asked: list[Asked]) -> list[Asked]:
    """Without the requests that only set a mark."""
    both = zip(asked, masked(asked), strict=True)
    return [left for whole, left in both if left.body or not whole.body]
