"""A group's properties, read with the group's own rules: what must be known now, and is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wfbreak.diagnostics import Code, Position
from wfbreak.translate.batching import Policy, Words
from wfbreak.translate.membership import Membership
from wfbreak.translate.template import Definition, Dependency, Resource
from wfbreak.translate.values import (
    ListValue,
    Literal,
    MapValue,
    ParameterRef,
    Unknown,
    Value,
    known,
)

RESOURCES_HINT = (
    "Heat has a limit for a stack and all that is nested in it (max_resources_per_stack); "
    "--max-resources tells your cloud's"
)


class GroupError(Exception):
    """A group's properties do not say what its members are."""

    def __init__(
        self, code: Code, message: str, position: Position, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.position, self.hint = code, message, position, hint


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The stack that a group is in: its resources by their whole names, and the value that an
    attribute of another group has, where that is known; and what exists of a group."""

    resource: Callable[[str], Resource | None]
    attribute: Callable[[Value], Value]
    membership: Callable[[str], Membership | None]


class GroupProperties:
    """A group's properties, read with the group's own rules."""

    def __init__(self, definition: Definition, around: Surroundings, most: int) -> None:
        self.definition = definition
        self.around = around
        self.past = around.membership(definition.name)
        self._most = most
        properties = definition.properties
        self._entries = properties.entries if isinstance(properties, MapValue) else {}

    def wrong(self, message: str, value: Value | None = None) -> GroupError:
        position = value.position if value is not None else self.definition.position
        return GroupError(
            Code.RESOURCE_DEFINITION, f"'{self.definition.name}': {message}", position
        )

    def only(self, *names: str) -> None:
        """Refuse other properties than these."""
        for name, value in self._entries.items():
            if name not in names:
                hint = f"it has: {', '.join(names)}"
                raise GroupError(
                    Code.RESOURCE_DEFINITION,
                    f"the group '{self.definition.name}' has no property '{name}'",
                    value.position,
                    hint,
                )

    def value(self, name: str) -> Value | None:
        """A property, or none if it is left out or null."""
        value = self._entries.get(name)
        return None if isinstance(value, Literal) and value.value is None else value

    def needed(self, name: str) -> Value:
        value = self.value(name)
        if value is None:
            raise self.wrong(f"the property '{name}' is missing")
        return value

    def plain(self, name: str, value: Value | None, default: Any = None) -> Any:
        """The value, which must be known now."""
        if value is None:
            return default
        try:
            return known(value)
        except Unknown as unknown:
            raise self.undecided(name, value, unknown) from unknown

    def undecided(self, name: str, value: Value, unknown: Unknown) -> GroupError:
        what = f"the property '{name}' of the group '{self.definition.name}'"
        reference = unknown.reference
        if isinstance(reference, ParameterRef):
            return GroupError(
                Code.PARAMETER_MISSING,
                f"{what} needs the value of the parameter '{reference.name}' to be translated: it "
                "decides which members there are",
                reference.position,
                f"give it with -P {reference.name}=VALUE or in an environment"
                if not reference.scope
                else f"it comes from a property of '{reference.scope}'",
            )
        return GroupError(
            Code.UNSUPPORTED_RESOURCE,
            f"{what} depends on the resource '{reference.resource}', and which members there are "
            "must be known before anything is created",
            value.position,
        )

    def integer(self, name: str, default: int | None = None, least: int = 0) -> int:
        value = self.value(name)
        if value is None:
            if default is None:
                raise self.wrong(f"the property '{name}' is missing")
            return default
        plain = self.plain(name, value)
        try:
            number = int(plain)
        except (TypeError, ValueError):
            raise self.wrong(f"'{name}' must be a whole number", value) from None
        if number < least:
            raise self.wrong(f"'{name}' must be at least {least}", value)
        return number

    def check_count(self, count: int, value: Value | None) -> None:
        if count > self._most:
            position = value.position if value else self.definition.position
            raise GroupError(
                Code.NESTED_LIMIT,
                f"'{self.definition.name}' has {count} members, and there is room for "
                f"{max(self._most, 0)}",
                position,
                RESOURCES_HINT,
            )

    def policy(self, value: Value | None, words: Words) -> Policy | None:
        """The policy that a map says in these words; none, if there is none or it is empty."""
        if not isinstance(value, MapValue) or not value.entries:
            return None
        said = [
            self.plain(word, value.entries.get(word), default)
            for word, default in zip(words.keys, words.defaults, strict=True)
        ]
        try:
            return Policy(int(said[0]), int(said[1]), words.seconds(said[2]))
        except (TypeError, ValueError) as error:
            raise self.wrong(f"the policy cannot be read: {error}", value) from None

    def map(self, name: str) -> MapValue:
        value = self.needed(name)
        if not isinstance(value, MapValue):
            raise self.wrong(f"'{name}' must be a map that stands in the template", value)
        return value

    def member(
        self,
        name: str,
        kind: Literal,
        properties: Value,
        metadata: Value | None = None,
        depends_on: tuple[Dependency, ...] = (),
    ) -> Definition:
        definition = self.definition
        nothing = MapValue({}, definition.position)
        return Definition(
            name=f"{definition.name}/{name}",
            type=str(kind.value),
            type_position=kind.position,
            position=kind.position,
            properties=properties,
            metadata=nothing if metadata is None else metadata,
            depends_on=depends_on,
        )

    def member_type(self, value: Value | None) -> Literal:
        """A member's type as a literal at its place."""
        if value is None:
            raise self.wrong("the members' 'type' is missing")
        plain = self.plain("type", value)
        if not isinstance(plain, str) or not plain:
            raise self.wrong("the members' 'type' must be text", value)
        return Literal(plain, value.position)

    def definition_of_members(self, name: str) -> tuple[Literal, Value, Value | None]:
        """Type, properties and metadata in a property that defines a resource."""
        entries = self.map(name).entries
        properties = entries.get("properties")
        if properties is None or (isinstance(properties, Literal) and properties.value is None):
            properties = MapValue({}, self.definition.position)
        if isinstance(properties, (Literal, ListValue)):
            raise self.wrong("the members' 'properties' must be a map", properties)
        if isinstance(properties, MapValue):
            # Null is as good as left out (resource_group.py, _clean_props).
            filled = {
                key: value
                for key, value in properties.entries.items()
                if not (isinstance(value, Literal) and value.value is None)
            }
            properties = properties.with_entries(filled)
        metadata = entries.get("metadata")
        if isinstance(metadata, Literal) and metadata.value is None:
            metadata = None
        kind = self.member_type(entries.get("type"))
        return kind, properties, metadata
