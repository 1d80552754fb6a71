"""What a template says once it is read, as objects that still know where they came from."""

from __future__ import annotations

import enum
from collections.abc import Mapping
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


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that exists: one that its condition does not take away.

    ``type`` is what is created, ``written_type`` what the template says, before the registry.
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


@dataclass(frozen=True, slots=True)
class Output:
    name: str
    value: Value
    position: Position
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A template in an environment. ``disabled`` are the resources that conditions take away."""

    name: str
    version: Version
    source: str
    description: str | None
    parameters: Mapping[str, Parameter]
    resources: Mapping[str, Resource]
    disabled: Mapping[str, Position] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)
