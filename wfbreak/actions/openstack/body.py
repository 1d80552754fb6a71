"""A resource's properties as the request that the API wants, by the rules of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wfbreak.actions.provider import ProviderError
from wfbreak.types.table import PropertyRule

Find = Callable[[str, str], str]
"""The id of what a name or id means, by the type and the name."""


def build(
    rules: Mapping[str, PropertyRule], properties: Mapping[str, Any], find: Find
) -> dict[str, Any]:
    """The fields of the request. A property that is null is left out, as Heat's clients do.

    :raises ProviderError: what ``find`` raises, or if a merged map says what a property says.
    """
    body: dict[str, Any] = {}
    for name, value in properties.items():
        rule = rules.get(name)
        if rule is None or value is None:
            continue
        if rule.merge:
            if said := sorted(set(value) & set(rules)):
                raise ProviderError(f"'{name}' must not say what is a property: {', '.join(said)}")
            body |= value
        elif rule.to is not None:
            put(body, rule.to, _value(rule, value, find))
    return body


def put(body: dict[str, Any], path: str, value: Any) -> None:
    """Put a value into a map of maps, at a path with dots."""
    *folders, last = path.split(".")
    for folder in folders:
        body = body.setdefault(folder, {})
    body[last] = value


def take(data: Any, path: str) -> Any:
    """The value at a path with dots; ``None`` if there is none."""
    for key in path.split("."):
        if not isinstance(data, Mapping):
            return None
        data = data.get(key)
    return data


def _value(rule: PropertyRule, value: Any, find: Find) -> Any:
    if isinstance(value, (list, tuple)):
        return [_value(rule, item, find) for item in value]
    if rule.each and isinstance(value, Mapping):
        return build(rule.each, value, find)
    if rule.find is not None:
        return find(rule.find, str(value))
    return value
