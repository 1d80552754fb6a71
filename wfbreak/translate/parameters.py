"""Which value each parameter has, and which the workflow must be given when it starts.

A value comes from the environment or the command line, else from the environment's defaults, else
from the template's default; without one, the parameter becomes an input of the workflow. So does a
hidden parameter in any case: its value must not stand in the workflow's text. One whose value lies
in the cloud's key manager is hidden whatever the template says, and not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.hot.constraints import ParameterDefinitionError
from wfbreak.hot.nested_parameters import from_property
from wfbreak.hot.parameters import (
    ParameterSchema,
    ParameterValueError,
    check,
    convert,
    from_plain,
)
from wfbreak.translate.environment import Environment, Given
from wfbreak.translate.nodes import ListNode, MapNode, plain
from wfbreak.translate.values import MapValue, Unknown, Value, known
from wfbreak.translate.versions import CONSTRAINTS, PARAMETER_KEYS, Version

STACK_NAME = "OS::stack_name"
STACK_ID = "OS::stack_id"
PROJECT_ID = "OS::project_id"
REGION = "OS::region"
AWS_REGION = "AWS::Region"
PSEUDO = frozenset({STACK_NAME, STACK_ID, PROJECT_ID, REGION, AWS_REGION})
"""Parameters that every stack has (heat/engine/hot/parameters.py)."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A parameter of the template, and where it is declared."""

    schema: ParameterSchema
    position: Position


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter with what is known of its value.

    ``value`` is converted to the parameter's type; it means nothing unless ``has_value``. A nested
    template's parameter without one has the ``given`` property of its resource, which is known
    only when the workflow runs. ``secret`` is the id of its value in the cloud's key manager.
    """

    schema: ParameterSchema
    position: Position
    has_value: bool
    value: Any = None
    given: Value | None = None
    secret: str | None = None

    @property
    def is_input(self) -> bool:
        """Whether the workflow takes it as an input."""
        return self.given is None and (not self.has_value or self.schema.hidden)

    @property
    def is_known(self) -> bool:
        """Whether its value may be used while translating, and stand in the workflow."""
        return self.has_value and not self.schema.hidden


def declare(
    section: MapNode | None, version: Version, diagnostics: Diagnostics
) -> dict[str, Declaration]:
    """The parameters that a template declares; a bad one is left out, with a diagnostic."""
    declarations = {}
    for name, node in (section.entries if section else {}).items():
        assert isinstance(node, MapNode)
        _check_version(node, version, diagnostics)
        position = section.keys[name] if section else node.position
        try:
            schema = from_plain(name, plain(node))  # type: ignore[arg-type]
        except ParameterDefinitionError as error:
            diagnostics.add(Code.PARAMETER_DEFINITION, f"the parameter '{name}': {error}", position)
            continue
        declarations[name] = Declaration(schema, position)
        if schema.has_default and name not in PSEUDO:
            where = node.entries["default"].position
            _valued(schema, position, Given(schema.default, where), diagnostics)
    return declarations


def _check_version(declared: MapNode, version: Version, diagnostics: Diagnostics) -> None:
    """Report what declarations have only in later versions."""
    constraints = declared.entries.get("constraints")
    items = constraints.items if isinstance(constraints, ListNode) else ()
    found = [(declared, PARAMETER_KEYS), *((item, CONSTRAINTS) for item in items)]
    for node, since in found:
        for key, first in since.items():
            if isinstance(node, MapNode) and key in node.entries and version < first:
                diagnostics.add(
                    Code.FUNCTION_NOT_IN_VERSION,
                    f"'{key}' is not of the version {version}",
                    node.keys[key],
                    hint=f"it is of {first} and later",
                )


def resolve(
    declarations: Mapping[str, Declaration], environment: Environment, diagnostics: Diagnostics
) -> dict[str, Parameter]:
    """Each declared parameter with its value, checked against its type and its constraints."""
    parameters = {}
    for name, declaration in declarations.items():
        schema, position = declaration.schema, declaration.position
        if name in environment.encrypted and not schema.hidden:
            # Heat keeps these encrypted; here that is what hidden parameters are.
            schema = replace(schema, hidden=True)
        given = environment.parameters.get(name)
        if name in environment.secrets:
            hidden = replace(schema, hidden=True)
            secret = environment.secrets[name]
            parameters[name] = Parameter(hidden, position, False, secret=secret)
            if given is not None:
                diagnostics.add(
                    Code.PARAMETER_SECRET,
                    f"the parameter '{name}' has a value and a secret in a key manager, too",
                    given.position,
                    hint="give one of them",
                    snippet=False,
                )
            continue
        if given is None or given.value is None:
            given = environment.parameter_defaults.get(name)
        if given is None or given.value is None:
            given = Given(schema.default, None) if schema.has_default else None
        if given is None:
            parameters[name] = Parameter(schema, position, False)
            continue
        parameters[name] = _valued(schema, position, given, diagnostics)
    elsewhere = {name: given.position for name, given in environment.parameters.items()}
    for name, where in (dict.fromkeys(environment.secrets) | elsewhere).items():
        if name not in declarations:
            origin = "" if where else ", which the command line gives"
            diagnostics.add(
                Code.PARAMETER_UNKNOWN,
                f"the template has no parameter '{name}'{origin}",
                where,
                hint=f"it has: {', '.join(sorted(declarations)) or 'none'}",
            )
    return parameters


def resolve_nested(
    declarations: Mapping[str, Declaration],
    properties: MapValue,
    environment: Environment,
    resource: Position,
    diagnostics: Diagnostics,
) -> dict[str, Parameter]:
    """The parameters of a nested template: the ``properties`` of the resource that it is.

    A property that is known only when the workflow runs is converted and checked then. What is
    left out has the environment's default, else the template's (heat/engine/resources/
    template_resource.py).
    """
    parameters = {}
    for name, value in properties.entries.items():
        if name not in declarations:
            diagnostics.add(
                Code.PARAMETER_UNKNOWN,
                f"the nested template has no parameter '{name}'",
                value.position,
                hint=f"it has: {', '.join(sorted(declarations)) or 'none'}",
            )
    for name, declaration in declarations.items():
        schema, position = declaration.schema, declaration.position
        if name in environment.encrypted and not schema.hidden:
            schema = replace(schema, hidden=True)
        property_ = properties.entries.get(name)
        default = environment.parameter_defaults.get(name)
        if default is None or default.value is None:
            default = Given(schema.default, None) if schema.has_default else None
        if property_ is not None:
            parameters[name] = _from_property(schema, position, property_, diagnostics)
        elif default is not None:
            parameters[name] = _valued(schema, position, default, diagnostics)
        else:
            diagnostics.add(
                Code.PARAMETER_MISSING,
                f"the nested template's parameter '{name}' has no value",
                resource,
                hint=f"it has no default ({position}): give it as a property of this resource",
            )
            parameters[name] = Parameter(schema, position, False)
    return parameters


def _from_property(
    schema: ParameterSchema, position: Position, property_: Value, diagnostics: Diagnostics
) -> Parameter:
    try:
        value = known(property_)
    except Unknown:
        return Parameter(schema, position, False, given=property_)
    try:
        given = Given(from_property(schema, value), property_.position)
    except ParameterValueError as error:
        diagnostics.add(
            Code.PARAMETER_TYPE, str(error), property_.position, snippet=not schema.hidden
        )
        return Parameter(schema, position, False)
    return _valued(schema, position, given, diagnostics)


def _valued(
    schema: ParameterSchema, position: Position, given: Given, diagnostics: Diagnostics
) -> Parameter:
    where = given.position or position
    try:
        value = convert(schema, given.value)
    except ParameterValueError as error:
        # The line of a hidden value would show the value.
        diagnostics.add(Code.PARAMETER_TYPE, str(error), where, snippet=not schema.hidden)
        return Parameter(schema, position, False)
    for broken in check(schema, given.value):
        diagnostics.add(
            Code.PARAMETER_CONSTRAINT,
            f"the parameter '{schema.name}': {broken}",
            where,
            hint=f"the constraint is declared at {position}" if where != position else None,
            snippet=not schema.hidden,
        )
    return Parameter(schema, position, True, value)
