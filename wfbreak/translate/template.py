"""What a template says once it is read, as objects that still know where they came from.

A resource that is a stack of its own (a nested template, a group) holds that stack's template. All
names are whole paths from the outermost stack inwards (``web/0/server``), so that resources of all
levels can stand in one graph and one workflow.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wfbreak.diagnostics import Position
from wfbreak.translate.parameters import Parameter
from wfbreak.translate.values import Value
from wfbreak.translate.versions import Version


class DeletionPolicy(enum.Enum):
    DELETE = "Delete"
    RETAIN = "Retain"
    SNAPSHOT = "Snapshot"


@dataclass(frozen=True, slots=True)
class Dependency:
    """A name in a resource's ``depends_on``."""

    resource: str
    position: Position


class Family(enum.Enum):
    """In which way a resource is a stack of its own, by Heat's types for it."""

    TEMPLATE = "a template"
    STACK = "OS::Heat::Stack"
    GROUP = "OS::Heat::ResourceGroup"
    CHAIN = "OS::Heat::ResourceChain"
    SCALING = "OS::Heat::AutoScalingGroup"
    INSTANCES = "OS::Heat::InstanceGroup"
    DEPLOYMENTS = "OS::Heat::SoftwareDeploymentGroup"


@dataclass(frozen=True, slots=True)
class Definition:
    """A resource as a template defines it, or a group does for one of its members.

    ``name`` is the whole path, ``type`` as it is written; ``type_position`` tells by its file
    what a relative file name means. ``update_policy`` decides in which batches a group is made.
    """

    name: str
    type: str
    type_position: Position
    position: Position
    properties: Value
    metadata: Value
    depends_on: tuple[Dependency, ...] = ()
    deletion_policy: DeletionPolicy = DeletionPolicy.DELETE
    update_policy: Value | None = None
    external_id: Value | None = None
    description: str | None = None

    @property
    def own_name(self) -> str:
        """The name within its stack."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that exists: one that its condition does not take away.

    ``type`` is what is created, ``written_type`` what the template says, before the registry.
    ``nested`` is the stack that it is, if it is one.
    """

    name: str
    type: str
    written_type: str
    position: Position
    properties: Value
    metadata: Value
    depends_on: tuple[Dependency, ...] = ()
    deletion_policy: DeletionPolicy = DeletionPolicy.DELETE
    external_id: Value | None = None
    description: str | None = None
    nested: Nested | None = None


@dataclass(frozen=True, slots=True)
class Nested:
    """The stack inside a resource.

    ``skipped`` are the numbers that a group passes over. ``batches`` are all of a group's members
    in the order in which they are made or changed, if its policy does not let that be done at once,
    and ``pause`` the seconds between two batches.
    """

    family: Family
    template: Template
    skipped: tuple[str, ...] = ()
    batches: tuple[tuple[str, ...], ...] = ()
    pause: float = 0.0

    @property
    def members(self) -> dict[str, str]:
        """The whole name of each resource inside, by its own name."""
        return {name.rpartition("/")[2]: name for name in self.template.resources}


@dataclass(frozen=True, slots=True)
class Output:
    name: str
    value: Value
    position: Position
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A template in an environment. ``disabled`` are the resources that conditions take away, and
    their types as they are written.

    ``path`` is the resource that the template is the inside of; empty for the outermost.
    """

    name: str
    version: Version
    source: str
    description: str | None
    parameters: Mapping[str, Parameter]
    resources: Mapping[str, Resource]
    disabled: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)
    path: str = ""

    def walk(self) -> Iterator[Resource]:
        """The resources of this stack and of all inside it; a nested one before its inside."""
        for resource in self.resources.values():
            yield resource
            if resource.nested is not None:
                yield from resource.nested.template.walk()

    def templates(self) -> Iterator[Template]:
        """This template and all that its resources are."""
        yield self
        for resource in self.resources.values():
            if resource.nested is not None:
                yield from resource.nested.template.templates()
