"""What a resource type takes and gives: its properties, its attributes, its rules.

Heat knows this of every type from a Python class; here it is data, one file for each service in
``schemas/types``, made of openstack-heat 27.0.1 by ``make types`` and never by hand. A service's
file is read when the first of its types is asked for.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from wfbreak.hot import constraints
from wfbreak.hot.constraints import Constraint
from wfbreak.resources import data_file

OF_OPENSTACK = ("OS::", "AWS::")
"""How the names of Heat's own types begin."""


class PropertyType(enum.Enum):
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MAP = "map"
    LIST = "list"
    ANY = "any"


class Status(enum.Enum):
    """How Heat supports a type, a property or an attribute that it does not support plainly."""

    DEPRECATED = "deprecated"
    HIDDEN = "hidden"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Support:
    """``since`` is Heat's version; ``instead`` what Heat names to be used in its stead."""

    status: Status
    since: str | None = None
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypedBy:
    """Another property decides the type: ``types`` by its value (``OS::Heat::Value``)."""

    property: str
    types: Mapping[str, PropertyType]


@dataclass(frozen=True, slots=True)
class PropertySchema:
    """One property, or an item of a list (``name`` is ``*``), or a key of a map.

    ``default`` of null is no default. ``items`` is what a list holds, ``properties`` what a map
    has; None where anything goes. An ``immutable`` property cannot change at all, one that is not
    ``update_allowed`` only by making a new resource. ``converts``: a map takes lists and text too,
    a list text with commas. One that is not ``implemented`` is refused when it is given.
    """

    name: str
    type: PropertyType
    required: bool = False
    default: Any = None
    update_allowed: bool = False
    immutable: bool = False
    implemented: bool = True
    converts: bool = False
    constraints: tuple[Constraint, ...] = ()
    items: PropertySchema | None = None
    properties: Mapping[str, PropertySchema] | None = None
    support: Support | None = None
    typed_by: TypedBy | None = None


@dataclass(frozen=True, slots=True)
class AttributeSchema:
    """One attribute. ``type`` is None where Heat does not say; ``cached`` is false for those that
    Heat asks the service for each time."""

    name: str
    type: PropertyType | None = None
    cached: bool = True
    support: Support | None = None


class Rule(enum.Enum):
    """What a translation does with the property at its path.

    ADD appends ``value`` to the list. REPLACE takes the value of another property, if that has
    one. RESOLVE makes an id of a name: ``finder`` of Heat's plugin for ``client``, with ``entity``
    (a kind of thing of that service) where it needs one. DELETE takes the property away.
    """

    ADD = "add"
    REPLACE = "replace"
    RESOLVE = "resolve"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class When:
    """A translation counts only if ``property`` has a value; if ``value`` is not None, that one."""

    property: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Translation:
    """How Heat reads a property (``translation.TranslationRule``, heat/engine/translation.py).

    ``path`` goes through lists without a number. ``source`` is the path of the property whose
    value is taken: from the top, or, if ``sibling``, from beside the property. In ``value`` a map
    ``{"property": NAME}`` stands for that property's value.
    """

    rule: Rule
    path: tuple[str, ...]
    source: tuple[str, ...] | None = None
    sibling: bool = False
    value: tuple[Any, ...] = ()
    client: str | None = None
    finder: str | None = None
    entity: str | None = None
    when: When | None = None


@dataclass(frozen=True, slots=True)
class TypeSchema:
    """A resource type. ``source`` is Heat's file that has it.

    ``client`` is the service's client (``default_client_name``), ``entity`` what the client calls
    such a thing, ``extension`` what the service must offer (``required_service_extension``).
    ``any_property`` and ``any_attribute``: it takes, or gives, what is not listed too.
    ``update_policy`` are the keys of a resource's ``update_policy``.
    """

    name: str
    source: str
    client: str | None = None
    entity: str | None = None
    extension: str | None = None
    support: Support | None = None
    any_property: bool = False
    any_attribute: bool = False
    properties: Mapping[str, PropertySchema] = field(default_factory=dict)
    update_policy: Mapping[str, PropertySchema] = field(default_factory=dict)
    attributes: Mapping[str, AttributeSchema] = field(default_factory=dict)
    translations: tuple[Translation, ...] = ()


@cache
def find(type_name: str) -> TypeSchema | None:
    """The schema of a type that Heat 27 has, hidden ones too; None for any other name.

    Names that an environment maps are not followed (``wfbreak.translate.registry``).
    """
    facts = _service(service(type_name)).get(type_name)
    return None if facts is None else _type(type_name, facts)


def service(type_name: str) -> str:
    """The service that the name speaks of, in lower case: ``neutron``, ``aws``."""
    origin, _, rest = type_name.partition("::")
    return (rest.partition("::")[0] if origin == "OS" else origin).lower()


@cache
def services() -> tuple[str, ...]:
    """The names of the files: OpenStack's services in lower case, and ``aws``."""
    folder = data_file("schemas", "types/heat.json").parent
    return tuple(sorted(path.stem for path in folder.glob("*.json")))


def names() -> tuple[str, ...]:
    """The names of all types; reads every file."""
    return tuple(name for service in services() for name in _service(service))


@cache
def _service(service: str) -> Mapping[str, Any]:
    if service not in services():
        return {}
    path = data_file("schemas", f"types/{service}.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _type(name: str, facts: Mapping[str, Any]) -> TypeSchema:
    return TypeSchema(
        name=name,
        source=facts["source"],
        client=facts.get("client"),
        entity=facts.get("entity"),
        extension=facts.get("extension"),
        support=_support(facts),
        any_property=facts.get("any_property", False),
        any_attribute=facts.get("any_attribute", False),
        properties=_properties(facts["properties"]),
        update_policy=_properties(facts.get("update_policy", {})),
        attributes={key: _attribute(key, item) for key, item in facts["attributes"].items()},
        translations=tuple(_translation(item) for item in facts.get("translations", ())),
    )


def _properties(facts: Mapping[str, Any]) -> dict[str, PropertySchema]:
    return {key: _property(key, item) for key, item in facts.items()}


def _property(name: str, facts: Mapping[str, Any]) -> PropertySchema:
    by = facts.get("typed_by")
    return PropertySchema(
        name=name,
        type=PropertyType(facts["type"]),
        required=facts.get("required", False),
        default=facts.get("default"),
        update_allowed=facts.get("update_allowed", False),
        immutable=facts.get("immutable", False),
        implemented=facts.get("implemented", True),
        converts=facts.get("converts", False),
        constraints=tuple(constraints.from_plain(item) for item in facts.get("constraints", ())),
        items=_property("*", facts["items"]) if "items" in facts else None,
        properties=_properties(facts["properties"]) if "properties" in facts else None,
        support=_support(facts),
        typed_by=None
        if by is None
        else TypedBy(by["property"], {k: PropertyType(v) for k, v in by["types"].items()}),
    )


def _attribute(name: str, facts: Mapping[str, Any]) -> AttributeSchema:
    return AttributeSchema(
        name=name,
        type=PropertyType(facts["type"]) if "type" in facts else None,
        cached=facts.get("cached", True),
        support=_support(facts),
    )


def _support(facts: Mapping[str, Any]) -> Support | None:
    found = facts.get("support")
    if found is None:
        return None
    status = Status(found["status"])
    return Support(status, found.get("since"), tuple(found.get("instead", ())))


def _translation(facts: Mapping[str, Any]) -> Translation:
    source = facts.get("from", facts.get("from_sibling"))
    when = facts.get("when")
    return Translation(
        rule=Rule(facts["rule"]),
        path=tuple(facts["path"]),
        source=None if source is None else tuple(source),
        sibling="from_sibling" in facts,
        value=tuple(facts.get("value", ())),
        client=facts.get("client"),
        finder=facts.get("finder"),
        entity=facts.get("entity"),
        when=None if when is None else When(when["property"], when.get("is")),
    )
