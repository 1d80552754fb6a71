"""How each type is said in the APIs of OpenStack: the table of the openstack provider.

``openstack/`` beside this module has a small file for each service. An entry says where a type's
resources live in the API, by which field one is known again, when it is ready, and what becomes of
each property, in the API's own names; the file of Heat where the translation was found stands with
it. So adding a type is adding an entry. What no entry can say is a handler in
``wfbreak.actions.openstack``. A property that an entry does not name is refused.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from wfbreak import plain_yaml


class Mark(enum.Enum):
    """By what a resource that an earlier run of an action made is known again."""

    TAGS = "tags"
    """A tag of Neutron's. It cannot come with the request that makes the resource, so until it is
    tagged the resource has the name that Heat would give it, and keeps that if the template says
    no other: then it needs no tag."""
    METADATA = "metadata"
    """An entry in a map that the resource is created with."""
    LABEL = "label"
    """An entry in a list that the resource is created with."""
    EXTRA = "extra"
    """A field of its own, which Keystone keeps though it does not know it."""
    NAME = "name"
    """Its name, which the service keeps unique and nobody else uses."""
    NATURAL = "natural"
    """What it is: there cannot be two that agree in the fields of ``natural``."""


@dataclass(frozen=True, slots=True)
class PropertyRule:
    """What becomes of one property.

    ``to`` is the field of the request, with dots for maps in maps. ``find`` is the type by whose
    names and ids the value is looked up. ``each`` are the rules for the entries of a map or of the
    maps in a list. ``merge`` puts the entries of a map into the request themselves. ``step`` is
    something to be done after creation, by the handler. ``inside``: it says inside of what the
    resource lies, in the path and not in the request. ``handled`` says what the handler makes of
    it, ``ignored`` why the API is not told, ``refused`` why it cannot be had.

    What the type lets be changed in place is among the row's ``changes``, or ``change`` names what
    the handler does then (once, for all that name the same), or ``unchangeable`` says why not.
    """

    to: str | None = None
    find: str | None = None
    each: Mapping[str, PropertyRule] = field(default_factory=dict)
    merge: bool = False
    step: str | None = None
    inside: bool = False
    handled: str | None = None
    ignored: str | None = None
    refused: str | None = None
    change: str | None = None
    unchangeable: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """In which field a resource says how far it is: at ``wait`` it is not ready yet, at ``fail`` it
    never will be, at ``ready`` it is (any other value, if that is empty)."""

    field: str
    wait: tuple[str, ...] = ()
    fail: tuple[str, ...] = ()
    ready: tuple[str, ...] = ()
    reason: str | None = None
    """The field with the reason of a failure, with dots for maps in maps."""


@dataclass(frozen=True, slots=True)
class CloudType:
    """An entry of the table.

    ``service`` is openstacksdk's name of the service, ``source`` the file of Heat. ``path`` is the
    collection's in the API (with ``{field}`` of the request for what lives inside another
    resource), ``key`` the name of one in a body and ``plural`` that of many; ``key`` is empty where
    the API wraps nothing. ``id`` is the field that identifies one, ``mark_field`` the map of
    ``METADATA``, the list of ``LABEL``, or the field of ``TAGS`` that has the name (``name`` unless
    told). ``query`` are the fields by which the collection is asked for what may carry a mark of
    ``METADATA``, ``LABEL`` or ``EXTRA``. ``listing`` is the path at which the collection shows all
    of each, where that is another. ``microversion`` is the newest that is used.
    """

    name: str
    service: str
    source: str
    path: str
    listing: str = ""
    key: str = ""
    plural: str = ""
    id: str = "id"
    mark: Mark = Mark.NATURAL
    mark_field: str = ""
    natural: tuple[str, ...] = ()
    query: tuple[str, ...] = ("name",)
    update: str = "PUT"
    microversion: str | None = None
    status: Status | None = None
    handler: str | None = None
    tells: tuple[str, ...] = ()
    """What the engine tells the action: the inputs ``NAME`` that are its functions
    ``wfbreak_NAME``."""
    properties: Mapping[str, PropertyRule] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    constant: Mapping[str, Any] = field(default_factory=dict)
    """Fields of every request that no property says."""
    excludes: tuple[tuple[str, ...], ...] = ()
    """Properties of which one may be given."""
    one_of: tuple[tuple[str, ...], ...] = ()
    """Properties of which one must be given."""
    changes: tuple[str, ...] = ()
    """Properties that are changed in place by a plain request, as Heat changes them; what it says
    of one that is ``handled`` the handler adds."""
    change: str | None = None
    """What the handler does where a property differs that says nothing of changes itself."""
    tells_nulls: bool = True
    """Whether a plain request for a change says null for what is taken away. Where Heat says
    nothing it stays as it was, here as there."""
    makes_trusts: bool = False
    """Whether the service makes a trust of the request, as Heat does: then it is made with the
    caller's token, if that lives."""
    find_query: Mapping[str, str | None] = field(default_factory=dict)
    """What the collection is asked with when a name is looked up in it. A null at ``name`` leaves
    the name out, where the service does not take it."""


def cloud_type(name: str) -> CloudType | None:
    """The entry of a type; ``None`` if the table has none."""
    return _table(name.split("::")[1].lower()).get(name) if name.count("::") >= 2 else None


@functools.cache
def _table(service: str) -> dict[str, CloudType]:
    file = resources.files(__package__) / "openstack" / f"{service}.yaml"
    if not file.is_file():
        return {}
    data = plain_yaml.load(file.read_text("utf-8"))
    common = {key: data[key] for key in ("service", "microversion") if key in data}
    return {
        name: _type(name, {**common, **entry}, data["heat"])
        for name, entry in data["types"].items()
    }


def looked_up(name: str) -> CloudType | None:
    """Where the things of a type are looked up by name: its row, or that of a type which other
    types name and which is not made yet."""
    return cloud_type(name) or _ONLY_LOOKED_UP.get(name)


_ONLY_LOOKED_UP = {
    row.name: row
    for row in (
        *(
            CloudType(
                f"OS::Keystone::{kind}",
                "identity",
                "heat/engine/clients/os/keystone/__init__.py",
                path=f"/{kind.lower()}s",
                key=kind.lower(),
                plural=f"{kind.lower()}s",
            )
            for kind in ("Project", "User")
        ),
        # Heat has no type for a snapshot of a share.
        CloudType(
            "OS::Manila::ShareSnapshot",
            "shared_file_system",
            "heat/engine/clients/os/manila.py",
            path="/snapshots",
            key="snapshot",
            plural="snapshots",
            microversion="2.13",
        ),
    )
}


def all_types() -> dict[str, CloudType]:
    """The whole table."""
    files = (resources.files(__package__) / "openstack").iterdir()
    names = sorted(file.name for file in files if file.name.endswith(".yaml"))
    return {name: row for file in names for name, row in _table(file.removesuffix(".yaml")).items()}


def _type(name: str, entry: Mapping[str, Any], folder: str) -> CloudType:
    given = dict(entry)
    given["source"] = f"{folder}/{given['source']}"
    if "key" in given:
        given.setdefault("plural", f"{given['key']}s")
    if "mark" in given:
        given["mark"] = Mark(given["mark"])
    for key in ("natural", "query", "tells", "changes"):
        if key in given:
            given[key] = tuple(given[key])
    for key in ("excludes", "one_of"):
        given[key] = tuple(map(tuple, given.get(key, ())))
    if "status" in given:
        status: Any = dict(given["status"])  # an anchor of the file may stand for several
        lists: Any = {key: tuple(status.pop(key, ())) for key in ("wait", "fail", "ready")}
        given["status"] = Status(**status, **lists)
    given["properties"] = _rules(given.get("properties") or {})
    return CloudType(name, **given)


def _rules(entries: Mapping[str, Any]) -> dict[str, PropertyRule]:
    return {name: _rule(entry) for name, entry in entries.items()}


def _rule(entry: Any) -> PropertyRule:
    if isinstance(entry, str):
        return PropertyRule(to=entry)
    given = dict(entry)
    given["each"] = _rules(given.get("each") or {})
    return PropertyRule(**given)
