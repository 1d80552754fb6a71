"""What a parameter's value is, once it is known: converted and held against its constraints."""

from __future__ import annotations

from typing import Any

from wfbreak.hot.nested_parameters import from_property
from wfbreak.hot.parameters import ParameterSchema, ParameterValueError, check, convert


def typed(schema: ParameterSchema, value: Any, nested: bool) -> Any:
    """The value that ``{get_param: NAME}`` gives; ``nested`` if it was a resource's property.

    :raises ParameterValueError: if the parameter does not take it.
    """
    if nested:
        value = from_property(schema, value)
    if broken := check(schema, value):
        raise ParameterValueError("; ".join(broken))
    return convert(schema, value)
