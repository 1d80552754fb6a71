"""What a template's parameter accepts, and which value ``{get_param: NAME}`` then gives.

A value known while translating is checked at once; one that is given when the workflow starts is
checked in the engine. Both use this module, so both accept and refuse the same values, which are
Heat's (``heat/engine/parameters.py`` and ``heat/engine/constraints.py`` of openstack-heat 27.0.1).
A schema's JSON form (:func:`to_plain`) is HOT's own declaration of a parameter, so that a person
who reads it in a workflow meets what the template says.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from wfbreak.hot import constraints
from wfbreak.hot.constraints import (
    AllowedPattern,
    AllowedValues,
    Constraint,
    Custom,
    Length,
    Modulo,
    ParameterDefinitionError,
    Range,
)
from wfbreak.hot.plain import describe

_TRUE = frozenset({"1", "t", "true", "on", "y", "yes"})
_FALSE = frozenset({"0", "f", "false", "off", "n", "no"})


class ParameterValueError(ValueError):
    """A parameter cannot take this value. The text is one line and never shows a hidden value."""


class ParameterType(enum.Enum):
    STRING = "string"
    NUMBER = "number"
    LIST = "comma_delimited_list"
    JSON = "json"
    BOOLEAN = "boolean"

    @classmethod
    def parse(cls, text: Any) -> ParameterType:
        """The type of that name, in HOT's spelling or in CloudFormation's (``Json``).

        :raises ParameterDefinitionError: if there is none.
        """
        for member in cls:
            if text in (member.value, _CFN_NAMES[member]):
                return member
        known = ", ".join(member.value for member in cls)
        raise ParameterDefinitionError(f"the type {text!r} is not one of {known}")


_CFN_NAMES = {
    ParameterType.STRING: "String",
    ParameterType.NUMBER: "Number",
    ParameterType.LIST: "CommaDelimitedList",
    ParameterType.JSON: "Json",
    ParameterType.BOOLEAN: "Boolean",
}


_TAKES: dict[type[Any], frozenset[ParameterType]] = {
    Length: frozenset({ParameterType.STRING, ParameterType.LIST, ParameterType.JSON}),
    Range: frozenset({ParameterType.NUMBER}),
    Modulo: frozenset({ParameterType.NUMBER}),
    AllowedValues: frozenset(ParameterType) - {ParameterType.JSON},
    AllowedPattern: frozenset({ParameterType.STRING}),
    Custom: frozenset(ParameterType) - {ParameterType.JSON},
}


@dataclass(frozen=True, slots=True)
class ParameterSchema:
    """One parameter of a template. A default of null is no default (``has_default`` is false)."""

    name: str
    type: ParameterType
    default: Any = None
    has_default: bool = False
    description: str | None = None
    label: str | None = None
    hidden: bool = False
    constraints: tuple[Constraint, ...] = ()
    immutable: bool = False
    tags: tuple[str, ...] = ()


def convert(schema: ParameterSchema, value: Any) -> Any:
    """The value that ``{get_param: NAME}`` gives when ``value`` is what a person gave.

    Text becomes a number (whole if it can be), a boolean (as oslo.utils reads one, in any case and
    with white space around), a list at its commas (nothing is stripped) or what its JSON says;
    anything becomes a string's text. Constraints are not looked at: :func:`check`.

    :raises ParameterValueError: if the value is none of the parameter's type, or null.
    """
    if value is None:
        raise ParameterValueError(f"the parameter {schema.name} has no value")
    match schema.type:
        case ParameterType.STRING:
            return str(value)
        case ParameterType.NUMBER:
            return _number(schema, value)
        case ParameterType.BOOLEAN:
            text = str(value).strip().lower()
            if text in _TRUE or text in _FALSE:
                return text in _TRUE
            known = ", ".join(sorted(_TRUE) + sorted(_FALSE))
            raise _refusal(schema, value, f"must be a boolean: one of {known}")
        case ParameterType.LIST:
            if isinstance(value, list):
                return [str(item) for item in value]
            if isinstance(value, str):
                return value.split(",") if value else []
            raise _refusal(schema, value, "must be a list or text with commas")
        case ParameterType.JSON:
            return _json(schema, value)


def _number(schema: ParameterSchema, value: Any) -> int | float:
    if isinstance(value, (int, float)):  # a boolean too: Heat lets it pass as it is
        return value
    if isinstance(value, str):
        for kind in (int, float):
            try:
                return kind(value)
            except ValueError:
                continue
    raise _refusal(schema, value, "must be a number")


def _json(schema: ParameterSchema, value: Any) -> Any:
    try:
        if isinstance(value, str):
            return json.loads(value) if value else value
        # The round trip makes every key a string, as the template's other maps have them.
        return json.loads(json.dumps(value))
    except (TypeError, ValueError) as error:
        reason = "" if schema.hidden else f": {error}"
        raise _refusal(schema, value, f"must be valid JSON{reason}") from None


def _refusal(schema: ParameterSchema, value: Any, rule: str) -> ParameterValueError:
    return ParameterValueError(f"the parameter {schema.name} {rule}, not {_show(schema, value)}")


def _show(schema: ParameterSchema, value: Any) -> str:
    if schema.hidden:
        return "the given value (hidden)"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def check(schema: ParameterSchema, value: Any) -> list[str]:
    """The constraints that a value breaks, in words; empty if it keeps them all.

    ``value`` is what a person gave or what :func:`convert` made of it. A constraint's own
    description, where it has one, is its message, as in Heat. A hidden value is never shown.

    :raises ParameterValueError: if the value is none of the parameter's type, or null.
    """
    typed = convert(schema, value)
    # Heat checks numbers, booleans and strings as they were given; only for strings that is a
    # difference: a number given to one has no length and matches no pattern.
    subject = value if schema.type is ParameterType.STRING else typed
    broken = []
    for constraint in schema.constraints:
        rule = constraints.broken_rule(constraint, subject, partial(convert, schema))
        if rule is not None:
            broken.append(constraint.description or f"{_show(schema, subject)} {rule}")
    return broken


def to_plain(schema: ParameterSchema) -> dict[str, Any]:
    """The schema as HOT declares it, in JSON values: what a workflow carries.

    Null and empty items are left out. The parameter's name is the caller's key.
    """
    plain: dict[str, Any] = {"type": schema.type.value}
    for key in ("label", "description", "hidden", "immutable"):
        if value := getattr(schema, key):
            plain[key] = value
    if schema.has_default:
        plain["default"] = schema.default
    if schema.constraints:
        plain["constraints"] = [constraints.to_plain(item) for item in schema.constraints]
    if schema.tags:
        plain["tags"] = list(schema.tags)
    return plain


def from_plain(name: str, plain: Mapping[str, Any]) -> ParameterSchema:
    """The schema that HOT's declaration of a parameter describes; :func:`to_plain` undone.

    Keys that HOT does not have are ignored (the caller's schema refuses them in a template).

    :raises ParameterDefinitionError: an unknown type, or a constraint that Heat refuses: no
        bound, a regular expression that is none, one that the type cannot have.
    """
    kind = ParameterType.parse(plain.get("type"))
    items = plain.get("constraints") or ()
    if not isinstance(items, (list, tuple)):
        raise ParameterDefinitionError(f"constraints must be a list, not {describe(items)}")
    rules = tuple(constraints.from_plain(item) for item in items)
    for constraint in rules:
        if kind not in _TAKES[type(constraint)]:
            key = next(iter(constraints.to_plain(constraint)))
            raise ParameterDefinitionError(f"a {kind.value} cannot have the constraint {key}")
    default = plain.get("default")
    return ParameterSchema(
        name=name,
        type=kind,
        default=default,
        has_default=default is not None,
        description=plain.get("description"),
        label=plain.get("label"),
        hidden=_flag(plain, "hidden"),
        constraints=rules,
        immutable=_flag(plain, "immutable"),
        tags=tuple(plain.get("tags") or ()),
    )


def _flag(plain: Mapping[str, Any], key: str) -> bool:
    value = plain.get(key) or False
    # Heat takes any value that is true in Python; text such as "false" would hide a parameter
    # there, which is safe, so it does here.
    return bool(value)
