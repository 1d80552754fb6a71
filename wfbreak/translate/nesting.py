"""Resources that are stacks: from a definition to a resource with all that is inside it.

A type that is a template's file, ``OS::Heat::Stack`` and the groups become child stacks in Heat.
Here they are read at once, so that everything stands in one graph and a stop inside one is settled
against everything outside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.translate import groups, registry
from wfbreak.translate.environment import Environment
from wfbreak.translate.group_properties import RESOURCES_HINT, GroupError, Surroundings
from wfbreak.translate.groups import FAMILIES
from wfbreak.translate.registry import Target
from wfbreak.translate.template import (
    Definition,
    DeletionPolicy,
    Family,
    Nested,
    Resource,
    Template,
)
from wfbreak.translate.values import Literal, MapValue, Value
from wfbreak.translate.versions import Version
from wfbreak.types import schema

MAX_DEPTH = 5
"""How deep stacks may nest: Heat's ``max_nested_stack_depth``."""

_SNAPSHOTS = (
    "OS::Cinder::Volume",
    "OS::Nova::Server",
    "AWS::EC2::Volume",
    "OS::Heat::DeployedServer",
)
"""The types of which the deletion policy ``Snapshot`` keeps something: those in Heat that have a
``handle_snapshot_delete``."""

_STACK = "OS::Heat::Stack"
_STACK_PROPERTIES = ("context", "template", "timeout", "parameters")


class TooMuch(Exception):
    """The resources are beyond a limit of Heat's; the diagnostic has been given."""


@dataclass(frozen=True, slots=True)
class Level:
    """One stack among those that are nested in each other. ``path`` is the resource that it is
    inside of, ``owner`` that resource's definition."""

    environment: Environment
    path: str = ""
    depth: int = 0
    owner: Definition | None = None

    def full(self, name: str) -> str:
        """The whole name of a resource of this stack."""
        return f"{self.path}/{name}" if self.path else name


@dataclass(frozen=True, slots=True)
class Inside:
    """A template that is to be read as the inside of a resource: a file, or text at a place."""

    file: str
    position: Position
    text: str | None = None


ReadTemplate = Callable[[Inside, MapValue, Level], Template | None]
"""Reads a nested template with its resource's properties; none, with a diagnostic, if it fails."""


@dataclass
class Nesting:
    """Makes resources of definitions; counts them over all levels, up to ``most``."""

    stack: str
    read: ReadTemplate
    diagnostics: Diagnostics
    most: int
    count: int = field(default=0, init=False)

    def resource(
        self, definition: Definition, level: Level, around: Surroundings
    ) -> Resource | None:
        """The resource that ``definition`` is in the stack ``level``; ``None``, with a
        diagnostic, if that cannot be.

        :raises TooMuch: if there are more resources than Heat allows.
        """
        self._count(definition)
        target = registry.resolve(
            level.environment.types,
            definition.type,
            definition.type_position,
            definition.own_name,
        )
        self._check_policy(target, definition)
        nested: Nested | None = None
        if definition.external_id is None and self._is_stack(target, definition):
            nested = self._nested(target, definition, level, around)
            if nested is None:
                return None
        return Resource(
            name=definition.name,
            type=target.file or target.type,
            written_type=definition.type,
            position=definition.position,
            properties=definition.properties,
            metadata=definition.metadata,
            depends_on=definition.depends_on,
            deletion_policy=definition.deletion_policy
            if definition.external_id is None
            else DeletionPolicy.RETAIN,
            external_id=definition.external_id,
            description=definition.description,
            nested=nested,
        )

    def _check_policy(self, target: Target, definition: Definition) -> None:
        if (
            definition.deletion_policy is DeletionPolicy.SNAPSHOT
            and target.type not in _SNAPSHOTS
            and (target.file is not None or target.type in FAMILIES or schema.find(target.type))
        ):
            self.diagnostics.add(
                Code.RESOURCE_DEFINITION,
                f"the deletion policy of '{definition.name}' is Snapshot, and there is none of "
                f"{target.type}",
                definition.position,
                hint=f"it is for {' and '.join(_SNAPSHOTS[:2])}",
            )

    def _count(self, definition: Definition) -> None:
        self.count += 1
        if self.count > self.most:
            self.diagnostics.add(
                Code.NESTED_LIMIT,
                f"the stack and all that is nested in it has more than {self.most:,} resources",
                definition.position,
                hint=RESOURCES_HINT,
            )
            raise TooMuch

    def _is_stack(self, target: Target, definition: Definition) -> bool:
        if target.type == _STACK:
            return _is_here(definition)
        return target.file is not None or target.type in FAMILIES

    def _nested(
        self, target: Target, definition: Definition, level: Level, around: Surroundings
    ) -> Nested | None:
        if level.depth >= MAX_DEPTH:
            self.diagnostics.add(
                Code.NESTED_LIMIT,
                f"'{definition.name}' is nested deeper than {MAX_DEPTH} stacks",
                definition.position,
                hint="Heat allows no more; a template that holds itself nests without end",
            )
            return None
        inside = Level(
            level.environment.inside(definition.own_name, target.rule if target.file else None),
            definition.name,
            level.depth + 1,
            definition,
        )
        if target.file is not None:
            return self._template(target.file, definition, inside)
        if target.type == _STACK:
            return self._stack(definition, level, inside)
        return self._group(target.type, definition, inside, around)

    def _template(self, file: str, definition: Definition, inside: Level) -> Nested | None:
        if "://" in file:
            self.diagnostics.add(
                Code.UNREADABLE,
                f"the type of '{definition.name}' is {file}, and wfbreak fetches nothing from the "
                "network",
                definition.type_position,
                hint="save the template beside this one and name the file",
            )
            return None
        properties = definition.properties
        if not isinstance(properties, MapValue):
            self.diagnostics.add(
                Code.UNSUPPORTED_RESOURCE,
                f"which properties '{definition.name}' has must be known to read its template",
                properties.position,
                hint="write the properties' names in the template; their values may be computed",
            )
            return None
        where = Inside(file, definition.type_position)
        template = self.read(where, properties, inside)
        return None if template is None else Nested(Family.TEMPLATE, template)

    def _stack(self, definition: Definition, level: Level, inside: Level) -> Nested | None:
        properties = definition.properties
        assert isinstance(properties, MapValue)
        for name, value in properties.entries.items():
            if name not in _STACK_PROPERTIES:
                self.diagnostics.add(
                    Code.RESOURCE_DEFINITION,
                    f"{_STACK} has no property '{name}'",
                    value.position,
                    hint=f"it has: {', '.join(_STACK_PROPERTIES)}",
                )
        text = properties.entries["template"]
        assert isinstance(text, Literal)
        parameters = properties.entries.get("parameters")
        if parameters is None or (isinstance(parameters, Literal) and parameters.value is None):
            parameters = MapValue({}, definition.position)
        if not isinstance(parameters, MapValue):
            self.diagnostics.add(
                Code.UNSUPPORTED_RESOURCE,
                f"which parameters '{definition.name}' gives must be known to read its template",
                parameters.position,
                hint="write the parameters' names in the template; their values may be computed",
            )
            return None
        if text.file is not None:
            where = Inside(text.file, text.position)
        else:
            name = f"{text.position.file}#{definition.name}.template"
            where = Inside(name, text.position, str(text.value))
        # Heat makes it a stack of its own, with the whole registry.
        own = replace(inside.environment, types=level.environment.types)
        template = self.read(where, parameters, replace(inside, environment=own))
        return None if template is None else Nested(Family.STACK, template)

    def _group(
        self, kind: str, definition: Definition, inside: Level, around: Surroundings
    ) -> Nested | None:
        try:
            group = groups.members(definition, kind, around, self.most - self.count)
        except GroupError as error:
            self.diagnostics.add(error.code, error.message, error.position, hint=error.hint)
            return None
        found = [self.resource(member, inside, around) for member in group.members]
        if None in found:
            return None
        resources = {resource.name: resource for resource in found if resource is not None}
        template = Template(
            name=self.stack,
            version=Version.V2015_04_30,
            source=definition.position.file,
            description=None,
            parameters={},
            resources=resources,
            path=definition.name,
        )
        whole = {member.own_name: member.name for member in group.members}
        batches = tuple(tuple(whole[own] for own in batch) for batch in group.batches)
        return Nested(FAMILIES[kind], template, group.skipped, batches, group.pause)


def _is_here(definition: Definition) -> bool:
    """Whether an ``OS::Heat::Stack`` is made where its resource is, of a template that is known.

    One in another region, or whose template appears only at run time, stays one resource, which
    the provider makes as a whole.
    """
    properties = definition.properties
    if not isinstance(properties, MapValue) or "template" not in properties.entries:
        return False
    context = properties.entries.get("context")
    if context is not None and not _is_nothing(context):
        return False
    return isinstance(properties.entries["template"], Literal)


def _is_nothing(value: Value) -> bool:
    return (isinstance(value, Literal) and value.value is None) or (
        isinstance(value, MapValue) and not value.entries
    )
