"""Pass 4: hold each resource's properties against what its type takes.

What a type does not take would otherwise show when the resource is created, at a stop or long
after one. So everything that the template decides is checked here as Heat checks it when it creates
a resource (``wfbreak.types``); a value that only the run knows is left to the run. A resource that
is a stack has its own checks (``nesting``), one with an ``external_id`` is only adopted.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.translate.template import Resource, Template
from wfbreak.translate.values import (
    AttributeRef,
    ListValue,
    Literal,
    MapValue,
    Value,
    references,
)
from wfbreak.types.schema import OF_OPENSTACK, TypeSchema, find
from wfbreak.types.values import UNKNOWN, Kind, Path, Problem, check, show

_CODES = {
    Kind.UNKNOWN: Code.UNKNOWN_PROPERTY,
    Kind.MISSING: Code.PROPERTY_MISSING,
    Kind.TYPE: Code.PROPERTY_VALUE,
    Kind.CONSTRAINT: Code.PROPERTY_VALUE,
    Kind.CONFLICT: Code.PROPERTY_VALUE,
    Kind.UNSUPPORTED: Code.PROPERTY_VALUE,
}


def check_properties(template: Template, diagnostics: Diagnostics) -> None:
    """Report what is wrong in the resources of all stacks, and attributes that do not exist."""
    found: dict[str, TypeSchema] = {}
    for resource in template.walk():
        if resource.nested is not None:
            continue
        schema = find(resource.type)
        if schema is None:
            if resource.type.startswith(OF_OPENSTACK):
                _unknown_type(resource, diagnostics)
            continue
        found[resource.name] = schema
        if resource.external_id is None:
            _resource(resource, schema, diagnostics)
    for value in _values(template):
        for reference in references(value):
            if isinstance(reference, AttributeRef) and reference.resource in found:
                _attribute(reference, found[reference.resource], diagnostics)


def _unknown_type(resource: Resource, diagnostics: Diagnostics) -> None:
    diagnostics.add(
        Code.UNKNOWN_TYPE,
        f"nothing is known of the type {resource.type}: its properties are not checked",
        resource.position,
        hint="Heat 27 has no such type; the provider decides what becomes of it",
    )


def _values(template: Template) -> Iterator[Value]:
    for resource in template.walk():
        yield resource.properties
        yield resource.metadata
    for inner in template.templates():
        for output in inner.outputs.values():
            yield output.value


def _resource(resource: Resource, schema: TypeSchema, diagnostics: Diagnostics) -> None:
    properties = resource.properties
    if not isinstance(properties, MapValue):
        return  # all of it is known at run time only
    data = _data(properties)
    # Heat looks at a name even where an 'if' leaves nothing of its value.
    data.update({name: UNKNOWN for name in properties.keys if name not in schema.properties})
    for problem in check(schema, data):
        text, hint = _told(problem, schema)
        position = _position(properties, problem, resource.position)
        diagnostics.add(_CODES[problem.kind], text, position, hint=hint)


def _data(value: Value) -> Any:
    """The value as plain data, with UNKNOWN for what only the run knows."""
    match value:
        case Literal(plain):
            return plain
        case ListValue(items):
            return [_data(item) for item in items]
        case MapValue(entries):
            return {key: _data(item) for key, item in entries.items()}
    return UNKNOWN


def _told(problem: Problem, schema: TypeSchema) -> tuple[str, str | None]:
    """The message and the hint. No resource's name, so that a group's members tell it once."""
    path = problem.path
    if problem.kind is Kind.UNKNOWN:
        where = f"'{show(path[:-1])}' of {schema.name}" if path[:-1] else schema.name
        near = difflib.get_close_matches(str(path[-1]), problem.names, n=1)
        if near:
            hint = f"did you mean '{near[0]}'?"
        else:
            hint = f"it has: {', '.join(sorted(problem.names)) or 'none'}"
        return f"{where} has no property '{path[-1]}'", hint
    if problem.kind is Kind.MISSING:
        return f"{schema.name} needs the property '{show(path)}'", None
    return f"'{show(path)}' of {schema.name} {problem.text}", None


def _position(properties: MapValue, problem: Problem, resource: Position) -> Position:
    """Where the problem is: an unknown property's own name, the map or resource that lacks one,
    or else the value."""
    *way, last = problem.path
    outer = _at(properties, tuple(way))
    if problem.kind is Kind.MISSING:
        return outer.position if way and outer is not None else resource
    if problem.kind is Kind.UNKNOWN and isinstance(outer, MapValue) and last in outer.keys:
        return outer.keys[str(last)]
    inner = _at(properties, problem.path) or outer
    return inner.position if inner is not None else resource


def _at(value: Value, path: Path) -> Value | None:
    for step in path:
        inner: Value | None = None
        if isinstance(value, MapValue):
            inner = value.entries.get(str(step))
        elif isinstance(value, ListValue) and isinstance(step, int) and step < len(value.items):
            inner = value.items[step]
        if inner is None:
            return None
        value = inner
    return value


def _attribute(reference: AttributeRef, schema: TypeSchema, diagnostics: Diagnostics) -> None:
    attribute = reference.attribute
    if not isinstance(attribute, Literal) or attribute.value is None or schema.any_attribute:
        return
    name = str(attribute.value)
    if name in schema.attributes:
        return
    near = difflib.get_close_matches(name, schema.attributes, n=1)
    if near:
        hint = f"did you mean '{near[0]}'?"
    else:
        hint = f"it has: {', '.join(sorted(schema.attributes))}"
    diagnostics.add(
        Code.UNKNOWN_ATTRIBUTE,
        f"{schema.name} has no attribute '{name}'",
        reference.position,
        hint=hint,
    )
