"""One resource made twice: by Heat's own code and by wfbreak's openstack provider.

Both talk to the same little services, one after the other. What they ask to be changed there, the
resource's attributes and references, and how it is deleted must be the same but for names that each
draws and for wfbreak's mark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, TypeVar

import openstack

from heat.conftest import Judge
from heat.services import Asked, Cloud, Refusal, Seed
from wfbreak.actions.openstack.provider import OpenStackProvider
from wfbreak.actions.provider import CreateRequest, DeleteRequest, ProviderError
from wfbreak.again import Again
from wfbreak.types import schema
from wfbreak.types.table import all_types

_T = TypeVar("_T")

EXECUTION = "an execution"
DRAWN = "<drawn>"
_DRAWN = re.compile(r"stack-one-[a-z0-9]{12}")
_MARK = re.compile(r"wfbreak-[0-9a-f-]{36}")
_TRIES = 5


@dataclass
class Made:
    """What became of it, with what is drawn and what is a mark masked."""

    refused: str | None = None
    ref: Any = None
    id: Any = None
    attributes: Any = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    deleting: list[Asked] = field(default_factory=list)


def by_heat(
    real: Judge,
    cloud: Cloud,
    kind: str,
    properties: Mapping[str, Any],
    seeds: Iterable[Seed] = (),
    refusals: Iterable[Refusal] = (),
) -> Made:
    cloud.begin(seeds, refusals)
    before = cloud.things()
    request = {"type": kind, "properties": properties, "auth_url": f"{cloud.url}/identity/v3"}
    answer = real.ask(request)
    made = Made(asked=masked(cloud.asked))
    if "refused" in answer:
        made.refused = answer["refused"]
        return made
    made.ref, made.id = masked(answer["ref"]), masked(answer["id"])
    made.attributes = masked(answer["attributes"])
    cloud.asked = []
    deleted = real.ask({**request, "id": answer["id"]})
    assert deleted == {}, deleted
    made.deleting = masked(cloud.asked)
    assert cloud.things() <= before  # a queue of Zaqar's may have been there, and goes with it
    return made


def by_wfbreak(
    cloud: Cloud,
    kind: str,
    properties: Mapping[str, Any],
    seeds: Iterable[Seed] = (),
    refusals: Iterable[Refusal] = (),
    *,
    is_kept: bool = True,
) -> Made:
    """It is made twice, as by an action that runs again: the second time it must be found, if the
    service keeps it at all. It is deleted by its id, and then, made anew, by its mark."""
    cloud.begin(seeds, refusals)
    before = cloud.things()
    known = schema.find(kind)
    assert known is not None
    names = tuple((name,) for name in known.attributes)
    provider = OpenStackProvider()
    with closing(connection(cloud)) as connected:
        given: Any = (EXECUTION, "stack", "one", kind, properties)
        request = CreateRequest(*given, attributes=names, connect=lambda **_: connected)
        try:
            created = in_the_end(lambda: provider.create(request))
        except ProviderError as error:
            return Made(refused=str(error), asked=masked(cloud.asked))
        made = Made(
            ref=masked(created.ref),
            id=masked(created.physical_id),
            attributes=masked(created.attributes),
            asked=masked(cloud.asked),
        )
        cloud.asked = []
        assert provider.create(request) == created
        if is_kept:
            assert [a for a in cloud.asked if a.method == "POST"] == [], "it was not found again"
        cloud.asked = []
        deletion = DeleteRequest(*given, created.physical_id, connect=lambda **_: connected)
        in_the_end(lambda: provider.delete(deletion))
        made.deleting = masked(cloud.asked)
        assert cloud.things() <= before
        cloud.begin(seeds)
        in_the_end(lambda: provider.create(request))
        cloud.asked = []
        unknown = DeleteRequest(*given, connect=lambda **_: connected)
        in_the_end(lambda: provider.delete(unknown))
        assert cloud.things() <= before
        # Without refusals it may be fewer requests.
        assert {*map(str, masked(cloud.asked))} == {*map(str, made.deleting)}
    return made


def in_the_end(attempt: Callable[[], _T]) -> _T:
    """As the engine does: again for as long as it is not ready, or not gone."""
    last = None
    for _ in range(_TRIES):
        try:
            return attempt()
        except ProviderError as error:
            if error.again is not Again.PENDING:
                raise
            last = error
    raise AssertionError(f"it does not come to an end: {last}")


def same(heats: Made, ours: Made, more: Iterable[str] = (), *, is_named: bool = False) -> None:
    """Assert that both have made the same.

    An attribute that Heat fails to find is nothing here. ``more`` are attributes of which Heat
    knows nothing though its schema has them. ``is_named``: a drawn name is wfbreak's mark where
    Heat gives none.
    """
    assert heats.refused is None
    assert ours.refused is None
    asked = ours.asked
    if is_named:
        pairs = zip(asked, heats.asked, strict=True)
        asked = [Asked(o.method, o.path, _unnamed(o.body, h.body)) for o, h in pairs]
    assert asked == heats.asked
    assert (ours.ref, ours.id) == (heats.ref, heats.id)
    said = {
        name: None if isinstance(value, dict) and "failed" in value else value
        for name, value in heats.attributes.items()
    }
    for name in more:
        assert said[name] is None
        said[name] = ours.attributes[name]
        assert said[name] is not None
    assert ours.attributes == said
    # Asking again whether it is gone may be one more request to delete it.
    assert ours.deleting[: len(heats.deleting)] == heats.deleting
    assert {*map(str, ours.deleting)} == {*map(str, heats.deleting)}


def _unnamed(ours: Any, heats: Any) -> Any:
    if not isinstance(ours, dict) or not isinstance(heats, dict):
        return ours
    return {
        key: _unnamed(value, heats.get(key))
        for key, value in ours.items()
        if (key, value) != ("name", DRAWN) or key in heats
    }


def untried(service: str, cases: Iterable[tuple[str, Mapping[str, Any]]]) -> set[str]:
    """The types of a service in the table, and their properties, that no case gives."""
    left = set()
    for name, row in all_types().items():
        if name.split("::")[1] == service:
            known = schema.find(name)
            assert known is not None
            left |= {name} | {f"{name}.{n}" for n in known.properties if row.properties[n].to}
    for kind, properties in cases:
        left -= {kind} | {f"{kind}.{n}" for n in properties}
    return left


def connection(cloud: Cloud) -> Any:
    return openstack.connect(
        load_yaml_config=False,
        load_envvars=False,
        auth_url=f"{cloud.url}/identity/v3",
        username="user",
        password="password",
        project_name="project",
        user_domain_id="default",
        project_domain_id="default",
        region_name="here",
    )


def masked(value: Any) -> Any:
    """Drawn names as one name, marks gone, and with them what holds nothing else."""
    match value:
        case Asked():
            return Asked(value.method, masked(value.path), masked(value.body))
        case dict():
            left = {key: masked(item) for key, item in value.items() if not _is_mark(item)}
            return {k: v for k, v in left.items() if v or not value[k]}
        case list():
            return [masked(item) for item in value if not _is_mark(item)]
        case str():
            return _DRAWN.sub(DRAWN, value)
    return value


def _is_mark(value: Any) -> bool:
    return isinstance(value, str) and _MARK.fullmatch(value) is not None
