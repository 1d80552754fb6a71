"""What a resource's property becomes as the parameter of the template that the resource is.

Heat takes the value through a property of the parameter's type first, whose conversions are not a
parameter's own (``Schema.from_parameter`` and ``Property`` in heat/engine/properties.py), and then
hands lists over as text with commas (``TemplateResource.child_params``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wfbreak.hot.parameters import ParameterSchema, ParameterType, ParameterValueError
from wfbreak.hot.plain import describe, is_list


def from_property(schema: ParameterSchema, value: Any) -> Any:
    """What the nested template's parameter is given for the property's ``value``.

    Null is the type's empty value, not the parameter's default: that counts only where the
    property is left out.

    :raises ParameterValueError: if such a property cannot have the value.
    """
    match schema.type:
        case ParameterType.STRING:
            if value is None or isinstance(value, str):
                return value or ""
            if isinstance(value, int):  # a boolean too
                return str(value)
        case ParameterType.NUMBER:
            if value is None:
                return 0
            if isinstance(value, (int, float, str)):
                return value
        case ParameterType.BOOLEAN:
            if value is None or isinstance(value, bool):
                return bool(value)
            if isinstance(value, str) and value.lower() in ("true", "false"):
                return value.lower() == "true"
        case ParameterType.LIST:
            if value is None or isinstance(value, str):
                return value or ""
            if is_list(value):
                return _delimited(schema, value)
        case ParameterType.JSON:
            if value is None:
                return {}
            if isinstance(value, (str, Mapping)):
                return value
            if is_list(value):
                return json.dumps(value)
    raise _refusal(schema, value)


def _delimited(schema: ParameterSchema, items: Any) -> str:
    if items and isinstance(items[0], Mapping):
        return ",".join(
            f".member.{number}.{key}={value}"
            for number, item in enumerate(items)
            for key, value in item.items()
        )
    if any(not (item is None or isinstance(item, str)) for item in items):
        raise ParameterValueError(
            f"the parameter {schema.name} of the nested template takes a list of text only"
        )
    return ",".join(item or "" for item in items)


def _refusal(schema: ParameterSchema, value: Any) -> ParameterValueError:
    return ParameterValueError(
        f"the parameter {schema.name} of the nested template is a {schema.type.value} and cannot "
        f"be {describe(value)}"
    )
