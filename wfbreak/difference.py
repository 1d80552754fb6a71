"""What an update will do, before anything runs: the difference between what exists and a template.

The same rules decide here and in the actions (:mod:`wfbreak.types.changes`), on the same
expressions; but here only what exists is known. What a resource reads of others is known as long as
these stay what they are, and then only their references; what is hidden cannot be compared without
the executors' key. So a row says what is certain, and what it may come to.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wfbreak import inputs, secrets
from wfbreak.existing import Existing, Stock
from wfbreak.translate import Translation
from wfbreak.translate.breakpoints import Breakpoint
from wfbreak.translate.expressions import strings
from wfbreak.types import changes, schema, values
from wfbreak.types.changes import Change, ImmutableError
from wfbreak.types.replacing import is_replaced
from wfbreak.types.schema import TypeSchema
from wfbreak.types.values import UNKNOWN
from wfbreak.unstarted import HIDDEN, Unstarted


class Fate(enum.Enum):
    """What becomes of a resource."""

    CREATED = "created"
    ADOPTED = "adopted"
    UNCHANGED = "unchanged"
    UPDATED = "updated"
    REPLACED = "replaced"
    DELETED = "deleted"
    KEPT = "kept"
    REFUSED = "refused"
    """Something differs that the type says cannot change."""


@dataclass(frozen=True, slots=True)
class Row:
    """What will be done with one resource. ``properties`` differ for certain. ``perhaps`` is what
    else it may come to, if what it reads of ``depends_on`` differs. ``restricted``: what would be
    done is refused by the environment. ``stops`` are the armed breakpoints there."""

    resource: str
    type: str
    change: Fate
    properties: tuple[str, ...] = ()
    perhaps: Fate | None = None
    depends_on: tuple[str, ...] = ()
    restricted: bool = False
    stops: tuple[str, ...] = ()


def find(translation: Translation, stock: Stock) -> list[Row]:
    """A row for each resource of the template, in the order in which they are dealt with, and for
    whatever exists and is in it no more."""
    return list(_Finder(translation, stock).rows())


class _Finder:
    def __init__(self, translation: Translation, stock: Stock) -> None:
        self._stock = stock
        self._unstarted = Unstarted(translation)
        self._tasks = self._unstarted.tasks
        self._results: dict[str, Any] = {}
        self._stops: dict[str, list[str]] = {}
        for step in translation.plan.interval:
            if isinstance(step, Breakpoint) and step.is_armed:
                self._stops.setdefault(step.resource, []).append(step.name)

    def rows(self) -> Iterator[Row]:
        seen = set()
        for name, task in self._tasks.items():
            if task.get("action") == "wfbreak.create":
                row = self._row(name, task["input"])
                seen.add(row.resource)
                yield row
        for existing in self._stock.resources.values():
            if existing.resource not in seen:
                yield self._gone(existing)
        for existing in self._stock.leftovers:
            if not existing.is_kept:
                yield Row(existing.resource, existing.type, Fate.DELETED)

    def _gone(self, existing: Existing) -> Row:
        fate = Fate.KEPT if existing.is_kept else Fate.DELETED
        stops = tuple(self._stops.get(existing.resource, ()))
        return Row(existing.resource, existing.type, fate, stops=stops)

    def _row(self, task: str, given: Mapping[str, Any]) -> Row:
        name, kind = str(given["resource"]), str(given["type"])
        existing = self._stock.resources.get(name)
        stops = tuple(self._stops.get(name, ()))
        if existing is None:
            fate = Fate.ADOPTED if "external_id" in given else Fate.CREATED
            return Row(name, kind, fate, stops=stops)
        provider = given.get("provider", "rehearse")
        other = (existing.type, existing.provider.value) != (kind, provider)
        taken = given.get("external_id")
        other = other or (taken is not None and taken != existing.physical_id)
        if other or existing.physical_id is None or existing.external != ("external_id" in given):
            found = Row(name, kind, Fate.REPLACED)
        else:
            found = self._compared(name, kind, given, existing)
        if Fate.REPLACED not in (found.change, found.perhaps):
            self._results[task] = {"ref": existing.ref, "physical_id": existing.physical_id}
        refused = {Fate.UPDATED: "update", Fate.REPLACED: "replace"}.get(found.change)
        return Row(
            name,
            kind,
            found.change,
            found.properties,
            found.perhaps,
            found.depends_on,
            refused in given.get("restricted", ()),
            stops,
        )

    def _compared(self, name: str, kind: str, given: Mapping[str, Any], existing: Existing) -> Row:
        written = given.get("properties") or {}
        lacking = self._unstarted.unknown
        unknown = {key: lacking(value, self._results) for key, value in written.items()}
        resolved = self._unstarted.properties(name, self._results)
        after = {
            key: UNKNOWN if unknown[key] else _without_secrets(value)
            for key, value in resolved.items()
        }
        known = schema.find(kind)
        certain: dict[str, None] = {}
        uncertain: dict[str, None] = {}
        read: list[Mapping[str, Any]] = []
        for each in filter(
            lambda each: each is not None, (existing.properties, existing.attempted)
        ):
            pairs = _pairs(known, _without_secrets(each), after)
            pairs = {key: pair for key, pair in pairs.items() if key not in existing.unknown}
            certain |= dict.fromkeys(k for k, (b, a) in pairs.items() if _differ(b, a))
            uncertain |= dict.fromkeys(k for k, (b, a) in pairs.items() if _may_differ(b, a))
            newest = [{k: a for k, (_, a) in pairs.items()}] if not read else []
            read += [*newest, {k: b for k, (b, _) in pairs.items()}]
        perhaps_too = [key for key in uncertain if key not in certain]
        metadata = _metadata(given.get("metadata") or {}, existing.metadata)
        fate = _fate(known, list(certain), metadata is True, read)
        perhaps = _fate(known, [*certain, *perhaps_too], metadata is not False, read)
        depends = dict.fromkeys(
            other for key in perhaps_too for other in unknown.get(key) or [HIDDEN]
        )
        return Row(
            name,
            kind,
            fate,
            tuple(certain),
            perhaps if perhaps is not fate else None,
            tuple(depends),
        )


def _pairs(
    known: TypeSchema | None, before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """Each property before and after, as the type reads it."""
    if known is None or known.any_property:
        return {key: (before.get(key), after.get(key)) for key in {**before, **after}}
    one, other = values.read(known, before), values.read(known, after)
    return {key: (one.get(key), other.get(key)) for key in known.properties}


def _fate(
    known: TypeSchema | None,
    differing: Collection[str],
    other_metadata: bool,
    read: Sequence[Mapping[str, Any]],
) -> Fate:
    """What is done where these properties differ; ``read`` are the properties, the newest first."""
    if known is None or known.any_property:
        change = Change.REPLACED if differing else Change.UNCHANGED
    else:
        try:
            change = changes.of(known, differing)
        except ImmutableError:
            return Fate.REFUSED
        if is_replaced(known.name, differing, *read):
            return Fate.REPLACED
    if change is Change.UNCHANGED and other_metadata:
        change = Change.UPDATED
    return Fate(change.value)


def _metadata(written: Mapping[str, Any], before: Mapping[str, Any]) -> bool | None:
    """Whether the metadata differ; None if only the run can tell."""
    if secrets.holds_sealed(before) or any("<%" in text for text in strings(written)):
        return None
    return bool(written != before)


def _differ(before: Any, after: Any) -> bool:
    """Whether two values differ for certain."""
    return not _holds_unknown(before) and not _holds_unknown(after) and bool(before != after)


def _may_differ(before: Any, after: Any) -> bool:
    return _holds_unknown(before) or _holds_unknown(after)


def _holds_unknown(value: Any) -> bool:
    if value is UNKNOWN:
        return True
    if isinstance(value, Mapping):
        return any(map(_holds_unknown, value.values()))
    return isinstance(value, (list, tuple)) and any(map(_holds_unknown, value))


def _without_secrets(value: Any) -> Any:
    if secrets.is_sealed(value) or isinstance(value, inputs.Unresolved):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {key: _without_secrets(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_secrets(item) for item in value]
    return value
