"""From the form in which a value is given to the form that a property's type has.

The conversions are those of ``Property`` in heat/engine/properties.py of openstack-heat 27.0.1,
which are not those of a parameter: ``"5"`` is an integer and ``"on"`` no boolean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wfbreak.hot import parameters
from wfbreak.hot.parameters import ParameterSchema, ParameterType
from wfbreak.hot.plain import describe, is_list
from wfbreak.types.schema import PropertySchema, PropertyType


class NotOfType(ValueError):
    """The value is not of the type. The text is a sentence's predicate, and shows no value."""


def convert(schema: PropertySchema, value: Any) -> Any:
    """``value`` as one of the property's type; what is inside a list or a map stays as it is.

    Null is the default, or the type's empty value.

    :raises NotOfType: if it is none, and cannot become one.
    """
    kind = schema.type
    if kind is PropertyType.ANY:
        return value
    if value is None:
        value = schema.default or _EMPTY[kind]
    match kind:
        case PropertyType.STRING:
            return _string(value)
        case PropertyType.INTEGER:
            return _integer(value)
        case PropertyType.NUMBER:
            return _number(value)
        case PropertyType.BOOLEAN:
            return _boolean(value)
        case PropertyType.MAP:
            return _map(schema, value)
        case PropertyType.LIST:
            return _list(schema, value)


_EMPTY: Mapping[PropertyType, Any] = {
    PropertyType.STRING: "",
    PropertyType.INTEGER: 0,
    PropertyType.NUMBER: 0,
    PropertyType.BOOLEAN: False,
    PropertyType.MAP: {},
    PropertyType.LIST: [],
}


def _string(value: Any) -> str:
    if isinstance(value, (str, int)):  # a boolean too; a number with a fraction is refused
        return str(value)
    raise _wrong("a string", value)


def _integer(value: Any) -> int:
    if isinstance(value, (str, int, float)):
        try:
            return int(value)  # 5.7 is 5
        except (ValueError, OverflowError):
            pass
    raise _wrong("an integer", value)


def _number(value: Any) -> int | float:
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        for kind in (int, float):
            try:
                return kind(value)
            except ValueError:
                continue
    raise _wrong("a number", value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _wrong("a boolean (true or false)", value)


def _map(schema: PropertySchema, value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if schema.converts and isinstance(value, str):
        return value
    if schema.converts and is_list(value):
        return json.dumps(value)
    raise _wrong("a map", value)


def _list(schema: PropertySchema, value: Any) -> list[Any]:
    if schema.converts and isinstance(value, str):
        return value.split(",") if value else []
    if is_list(value):
        return list(value)
    raise _wrong("a list", value)


def _wrong(what: str, value: Any) -> NotOfType:
    given = describe(value)
    return NotOfType(f"must be {what}" + ("" if given in what else f", not {given}"))


_PARAMETERS = {
    PropertyType.STRING: ParameterSchema("", ParameterType.STRING),
    PropertyType.NUMBER: ParameterSchema("", ParameterType.NUMBER),
    PropertyType.BOOLEAN: ParameterSchema("", ParameterType.BOOLEAN),
}


def for_comparison(kind: PropertyType, value: Any) -> Any:
    """``value`` as Heat compares it with allowed values (``Schema.to_schema_type``).

    :raises ValueError: if it is none of the type.
    """
    if kind is PropertyType.INTEGER:
        number = parameters.convert(_PARAMETERS[PropertyType.NUMBER], value)
        if isinstance(number, float):
            raise NotOfType("must be an integer")
        return number
    if kind in _PARAMETERS:
        return parameters.convert(_PARAMETERS[kind], value)
    return value
