"""What of a resource is to be changed in place: which properties, and by which requests.

Where a property is a set of which the cloud holds more than the template's share (a router's
routes, a user's roles), what is to go is told by what was wanted before only. An update that was
tried before may have done some of it; so there can be several wants before, and what any of them
had and the newest has not goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wfbreak.actions.provider import ProviderError
from wfbreak.types.table import CloudType


@dataclass(frozen=True, slots=True)
class Changes:
    """``names`` are the properties that differ, ``ident`` is the id of the resource. ``before`` are
    the properties that it was last made with, and those that a failed update was to set."""

    ident: str
    names: tuple[str, ...]
    before: tuple[Mapping[str, Any], ...]

    def was(self, name: str) -> list[Any]:
        """The values that a property had, without nulls."""
        return [each[name] for each in self.before if each.get(name) is not None]

    def refuse(self, row: CloudType) -> None:
        """Refuse what cannot be changed.

        :raises ProviderError: with the reason.
        """
        for name in self.names:
            if reason := row.properties[name].unchangeable:
                raise ProviderError(
                    f"'{name}' cannot be changed in place: {reason}. Have the resource replaced, "
                    "under another name, or leave it as it was"
                )

    def steps(self, row: CloudType) -> tuple[str, ...]:
        """What the handler does, each once."""
        own = {name: row.properties[name].change for name in self.names if name not in row.changes}
        is_told = {name: not row.properties[name].ignored for name in own}
        steps = (step or (row.change if is_told[name] else None) for name, step in own.items())
        return tuple(dict.fromkeys(step for step in steps if step))

    def fields(self, row: CloudType, said: Mapping[str, Any]) -> dict[str, Any]:
        """Those fields of a whole request that a plain request changes; a null takes away."""
        fields: dict[str, Any] = {}
        for name in sorted({*self.names} & {*row.changes}):
            rule = row.properties[name]
            if rule.merge:
                was: list[Any] = [{}] if len(self.was(name)) < len(self.before) else []
                fields |= _news(said, [*was, *self.was(name)], row)
            elif rule.to:
                key = rule.to.split(".")[0]
                fields[key] = said.get(key)
        if row.tells_nulls:
            return fields
        return {key: value for key, value in fields.items() if value is not None}


def _news(said: Mapping[str, Any], before: list[Any], row: CloudType) -> dict[str, Any]:
    """The entries of a merged map that are not as they were. What is gone from it is not told: no
    service says what it would be then."""
    own = {str(rule.to).split(".")[0] for rule in row.properties.values() if rule.to}
    return {
        key: value
        for key, value in said.items()
        if key not in own and any(was.get(key) != value for was in before)
    }


def holds(shown: Any, told: Any) -> bool:
    """Whether what is shown says what was told. Of a map nulls say nothing, and a list of a
    service that takes its time is in no order."""
    if isinstance(told, Mapping) and isinstance(shown, Mapping):
        keys = {key for each in (shown, told) for key, value in each.items() if value is not None}
        return all(holds(shown.get(key), told.get(key)) for key in keys)
    if isinstance(told, (list, tuple)) and isinstance(shown, (list, tuple)):
        return sorted(map(str, shown)) == sorted(map(str, told))
    return bool(shown == told)
