"""The constraints on the values of parameters and properties: their form, and who breaks them.

Kinds, keys and limits are Heat's: ``heat/engine/constraints.py`` and ``heat/engine/hot/
parameters.py`` of openstack-heat 27.0.1.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wfbreak.hot import custom_constraints
from wfbreak.hot.plain import describe


class ParameterDefinitionError(ValueError):
    """A parameter is badly declared. The text is one line."""


@dataclass(frozen=True, slots=True)
class Length:
    """The length of a string (in characters), a list or a map; bounds are included."""

    min: int | None = None
    max: int | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """The size of a number; bounds are included."""

    min: float | None = None
    max: float | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Modulo:
    """``value % step == offset``."""

    step: int
    offset: int
    description: str | None = None


@dataclass(frozen=True, slots=True)
class AllowedValues:
    """The value, or for a list each of its items, is one of these."""

    values: tuple[Any, ...]
    description: str | None = None


@dataclass(frozen=True, slots=True)
class AllowedPattern:
    """The whole text matches a regular expression."""

    pattern: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Custom:
    """A constraint by name. Those that only a cloud can check are taken as kept."""

    name: str
    description: str | None = None


Constraint = Length | Range | Modulo | AllowedValues | AllowedPattern | Custom


def to_plain(constraint: Constraint) -> dict[str, Any]:
    """The constraint as an item of HOT's ``constraints``; :func:`from_plain` undone."""
    plain: dict[str, Any]
    match constraint:
        case Length(minimum, maximum) | Range(minimum, maximum):
            key = "length" if isinstance(constraint, Length) else "range"
            bounds = {"min": minimum, "max": maximum}
            plain = {key: {name: size for name, size in bounds.items() if size is not None}}
        case Modulo(step, offset):
            plain = {"modulo": {"step": step, "offset": offset}}
        case AllowedValues(values):
            plain = {"allowed_values": list(values)}
        case AllowedPattern(pattern):
            plain = {"allowed_pattern": pattern}
        case Custom(name):
            plain = {"custom_constraint": name}
    if constraint.description is not None:
        plain["description"] = constraint.description
    return plain


def broken_rule(constraint: Constraint, value: Any, convert: Callable[[Any], Any]) -> str | None:
    """How ``value`` breaks the constraint, as the predicate of a sentence; None if it does not.

    ``convert`` makes a value one of the type that has the constraint, or raises a ``ValueError``:
    values are compared with allowed ones as that type's, except in lists. The value is never shown.
    """
    match constraint:
        case Length(minimum, maximum):
            if not isinstance(value, (str, Sequence, Mapping)):
                return f"is {describe(value)} and has no length"
            inside = _within(len(value), minimum, maximum)
            return (
                None if inside else f"has a length of {len(value)}, not {_span(minimum, maximum)}"
            )
        case Range(minimum, maximum):
            inside = _within(value, minimum, maximum)
            return None if inside else f"is not {_span(minimum, maximum)}"
        case Modulo(step, offset):
            kept = value % step == offset
            return None if kept else f"is not a multiple of {step} with an offset of {offset}"
        case AllowedValues(values):
            kept = _is_allowed(value, values, convert)
            return None if kept else f"is not one of {json.dumps(values)}"
        case AllowedPattern(pattern):
            # Not fullmatch: Heat takes the first match and asks whether it reached the end, so
            # that "a|ab" does not take "ab".
            match = re.match(pattern, value) if isinstance(value, str) else None
            kept = match is not None and match.end() == len(value)
            return None if kept else f"does not match the pattern {pattern!r}"
        case Custom(name):
            return custom_constraints.broken_rule(name, value)


def _within(size: float, minimum: float | None, maximum: float | None) -> bool:
    return (minimum is None or size >= minimum) and (maximum is None or size <= maximum)


def _span(minimum: float | None, maximum: float | None) -> str:
    if maximum is None:
        return f"at least {minimum}"
    if minimum is None:
        return f"at most {maximum}"
    return f"between {minimum} and {maximum}"


def _is_allowed(value: Any, values: tuple[Any, ...], convert: Callable[[Any], Any]) -> bool:
    if isinstance(value, list):
        return all(item in values for item in value)
    try:
        return convert(value) in [convert(item) for item in values]
    except ValueError:
        return False


def from_plain(plain: Any) -> Constraint:
    """One item of a HOT parameter's ``constraints``.

    :raises ParameterDefinitionError: if Heat refuses it.
    """
    if not isinstance(plain, Mapping):
        raise ParameterDefinitionError(f"a constraint must be a map, not {describe(plain)}")
    text = plain.get("description")
    known = [key for key in plain if key in _READERS]
    unknown = [str(key) for key in plain if key not in _READERS and key != "description"]
    if unknown or not known:
        wrong = f"{unknown[0]!r} is none" if unknown else "none is given"
        raise ParameterDefinitionError(f"a constraint is one of {', '.join(_READERS)}; {wrong}")
    # With several in one item Heat takes the first of its own order and drops the others.
    key = next(key for key in _READERS if key in plain)
    return _READERS[key](plain[key], text)


def _bounds(key: str, plain: Any, names: tuple[str, str]) -> tuple[Any, Any]:
    if not isinstance(plain, Mapping) or set(plain) - set(names):
        raise ParameterDefinitionError(f"the constraint {key} is a map of {' and '.join(names)}")
    sizes = []
    for name in names:
        size = plain.get(name)
        if isinstance(size, str):
            with contextlib.suppress(ValueError):
                size = int(size) if re.fullmatch(r"\s*[+-]?[\d_]+\s*", size) else float(size)
        if not isinstance(size, (int, float, type(None))):
            raise ParameterDefinitionError(f"{name} of the constraint {key} must be a number")
        sizes.append(size)
    return sizes[0], sizes[1]


def _read_modulo(plain: Any, text: str | None) -> Modulo:
    step, offset = _bounds("modulo", plain, ("step", "offset"))
    if step is None or offset is None or int(step) != step or int(offset) != offset or not step:
        raise ParameterDefinitionError("the constraint modulo needs a whole step and offset")
    if abs(offset) >= abs(step) or step * offset < 0:
        raise ParameterDefinitionError(
            "the constraint modulo needs an offset that is smaller than its step, of one sign"
        )
    return Modulo(int(step), int(offset), text)


def _read_range(plain: Any, text: str | None) -> Range:
    minimum, maximum = _bounds("range", plain, ("min", "max"))
    if minimum is None and maximum is None:
        raise ParameterDefinitionError("the constraint range needs min or max")
    return Range(minimum, maximum, text)


def _read_length(plain: Any, text: str | None) -> Length:
    minimum, maximum = _bounds("length", plain, ("min", "max"))
    if minimum is None and maximum is None:
        raise ParameterDefinitionError("the constraint length needs min or max")
    if isinstance(minimum, float) or isinstance(maximum, float):
        raise ParameterDefinitionError("min and max of the constraint length are whole numbers")
    return Length(minimum, maximum, text)


def _read_values(plain: Any, text: str | None) -> AllowedValues:
    if not isinstance(plain, (list, tuple)):
        raise ParameterDefinitionError("the constraint allowed_values is a list")
    return AllowedValues(tuple(plain), text)


def _read_pattern(plain: Any, text: str | None) -> AllowedPattern:
    if not isinstance(plain, str):
        raise ParameterDefinitionError("the constraint allowed_pattern is a string")
    try:
        re.compile(plain)
    except re.error as error:
        raise ParameterDefinitionError(f"{plain!r} is no regular expression: {error}") from None
    return AllowedPattern(plain, text)


def _read_custom(plain: Any, text: str | None) -> Custom:
    if not isinstance(plain, str):
        raise ParameterDefinitionError("the constraint custom_constraint is a string")
    return Custom(plain, text)


_READERS: dict[str, Callable[[Any, str | None], Constraint]] = {
    "modulo": _read_modulo,
    "range": _read_range,
    "length": _read_length,
    "allowed_values": _read_values,
    "allowed_pattern": _read_pattern,
    "custom_constraint": _read_custom,
}
