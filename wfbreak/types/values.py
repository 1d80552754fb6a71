"""What a resource's properties are once its type has read them: converted, filled up, checked.

A template gives some of a type's properties, in whatever form; a resource works with all of them,
each of its type. Both the translation, which checks what it knows already, and the actions, which
have every value, read them here, so that both take and refuse the same. The meaning is Heat's:
``heat/engine/properties.py`` and ``heat/engine/translation.py`` of openstack-heat 27.0.1, as it
reads a resource's properties when it creates the resource, except that names stay names (RESOLVE)
and constraints that only a cloud can check count as kept.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from wfbreak.hot import constraints
from wfbreak.hot.constraints import AllowedValues, Constraint, Custom
from wfbreak.hot.plain import is_list
from wfbreak.types.conversions import NotOfType, convert, for_comparison
from wfbreak.types.schema import PropertySchema, Rule, Status, Translation, TypeSchema

Path = tuple[str | int, ...]
"""Where a value stands in the properties: keys, and numbers of list items."""


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()
"""Stands for a value that is not known yet: nothing is wrong with it."""


class Kind(enum.Enum):
    """What is wrong with a property."""

    UNKNOWN = "there is no such property"
    MISSING = "a required property is missing"
    TYPE = "the value is of the wrong type"
    CONSTRAINT = "the value breaks a constraint"
    CONFLICT = "two properties exclude each other"
    UNSUPPORTED = "the property is listed and does nothing"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. ``text`` is a sentence's predicate on the property at ``path``, and
    never shows a value; ``names`` are the properties that there are where ``path`` is unknown,
    without those that Heat hides."""

    kind: Kind
    path: Path
    text: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{show(self.path)} {self.text}"


class PropertyError(ValueError):
    """The properties are not what the type takes. The text tells all problems, in one line."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def show(path: Path) -> str:
    """The path as a person reads it: ``networks[0].port``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def resolve(
    schema: TypeSchema, properties: Mapping[str, Any], description: str | None = None
) -> dict[str, Any]:
    """The values of all properties of the type, by name, at every level.

    ``properties`` are plain values as the template's functions gave them. What is not given has its
    default, or is null; given as null it is the type's empty value (``""``, 0, false, ``[]``,
    ``{}``). A property that Heat reads in another one's place has been put there and is null
    itself. ``description`` is the resource's own, which Heat uses for a property of that name that
    can be updated. A type that takes any property uses none of them: the result is empty.

    :raises PropertyError: with everything that is wrong.
    """
    reader = _Reader(schema, properties, description)
    values = reader.read()
    if reader.problems:
        raise PropertyError(tuple(reader.problems))
    return values


def resolve_rest(schema: TypeSchema, properties: Mapping[str, Any]) -> dict[str, Any]:
    """:func:`resolve` for what such a resource was made with, of which secrets have been taken out:
    what cannot be read without them is null."""
    values: dict[str, Any] = _known(_Reader(schema, properties, None).read())
    return values


def read(schema: TypeSchema, properties: Mapping[str, Any]) -> dict[str, Any]:
    """:func:`resolve` for values (at any level) that may be :data:`UNKNOWN`, and stay so; whatever
    is wrong is :data:`UNKNOWN` too."""
    return _Reader(schema, properties, None).read()


def _known(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _known(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_known(item) for item in value]
    return None if value is UNKNOWN else value


def check(schema: TypeSchema, properties: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong; values (at any level) may be :data:`UNKNOWN`."""
    reader = _Reader(schema, properties, None)
    reader.read()
    return reader.problems


@dataclass(frozen=True, slots=True)
class _How:
    """How a level is read. ``checked``: constraints and names are looked at. ``translated``: the
    type's rules hold. (Heat does neither in a value that it put in another's place.)"""

    checked: bool = True
    translated: bool = True


class _Reader:
    def __init__(
        self, schema: TypeSchema, data: Mapping[str, Any], description: str | None
    ) -> None:
        self.problems: list[Problem] = []
        self._schema = schema
        self._data = data
        self._description = description or None
        self._rules: dict[Path, list[Translation]] = {}
        self._aside: set[Path] = set()

    def read(self) -> dict[str, Any]:
        if self._schema.any_property:
            return {}
        for rule in self._active_rules():
            self._rules.setdefault(rule.path, []).append(rule)
            if rule.rule is Rule.DELETE:
                self._aside.add(rule.path)
            elif rule.rule is Rule.REPLACE and rule.source is not None:
                self._aside.add((*rule.path[:-1], *rule.source) if rule.sibling else rule.source)
        for rules in self._rules.values():
            rules.sort(key=lambda rule: _ORDER.index(rule.rule))
        return self._map(self._properties(), self._data, (), _How())

    def _properties(self) -> dict[str, PropertySchema]:
        return {name: self._typed_by(each) for name, each in self._schema.properties.items()}

    def _typed_by(self, schema: PropertySchema) -> PropertySchema:
        if schema.typed_by is None:
            return schema
        decides = self._peek(schema.typed_by.property)
        kind = schema.typed_by.types.get(decides) if isinstance(decides, str) else None
        return replace(schema, type=kind or schema.type)

    def _active_rules(self) -> Iterator[Translation]:
        for rule in self._schema.translations:
            if rule.when is None:
                yield rule
                continue
            given = self._peek(rule.when.property)
            if rule.when.value is not None:
                if given == rule.when.value:
                    yield rule
            elif given:
                value = tuple(_filled(item, {rule.when.property: given}) for item in rule.value)
                yield replace(rule, value=value)

    def _peek(self, name: str) -> Any:
        """A property's value before any rule; what is wrong with it is told when it is read."""
        before = len(self.problems)
        how = _How(checked=False, translated=False)
        value = self._read(self._schema.properties[name], self._data, (name,), how)
        del self.problems[before:]
        return value

    def _map(
        self,
        schemata: Mapping[str, PropertySchema],
        data: Mapping[str, Any],
        path: Path,
        how: _How,
    ) -> dict[str, Any]:
        if how.checked:
            for key in data:
                if key not in schemata:
                    names = tuple(name for name, of in schemata.items() if not _is_hidden(of))
                    self._add(Kind.UNKNOWN, (*path, key), "is not a property", names)
        return {
            key: self._read(schema, data, (*path, key), how) for key, schema in schemata.items()
        }

    def _read(self, schema: PropertySchema, data: Mapping[Any, Any], path: Path, how: _How) -> Any:
        rules: list[Translation] = []
        aside = False
        if how.translated and self._rules:
            # Most properties stand at the top, where no step is an item's number.
            key = tuple(s for s in path if isinstance(s, str)) if len(path) > 1 else path
            rules = self._rules.get(key, [])
            aside = key in self._aside
        if path[-1] in data and not aside:
            if how.checked and not schema.implemented:
                self._add(Kind.UNSUPPORTED, path, "is a property that Heat does not implement")
            value = data[path[-1]]
            if rules:
                value = self._translated(rules, value, data, path, checked=False)
            return self._typed(schema, value, path, how)
        if rules:
            value = self._translated(rules, None, data, path, checked=how.checked)
            if value is not None or schema.default is not None:
                return self._typed(schema, value, path, _How(checked=False, translated=False))
        if schema.default is not None:
            # A default is always one that the property takes: most of what there is to check.
            return self._typed(schema, None, path, _How(checked=False, translated=how.translated))
        if schema.required:
            self._add(Kind.MISSING, path, "is required and not given")
            return UNKNOWN
        if path == ("description",) and schema.update_allowed:
            return self._description
        return None

    def _translated(
        self,
        rules: list[Translation],
        value: Any,
        data: Mapping[Any, Any],
        path: Path,
        *,
        checked: bool,
    ) -> Any:
        for rule in rules:
            match rule.rule:
                case Rule.ADD:
                    value = self._added(rule, value, path)
                case Rule.REPLACE:
                    value = self._replaced(rule, value, data, path, checked)
                case Rule.RESOLVE:
                    value = _names(value)
                case Rule.DELETE:
                    value = None
        return value

    def _added(self, rule: Translation, value: Any, path: Path) -> Any:
        if value is UNKNOWN:
            return UNKNOWN
        if not (value is None or is_list(value)):
            given = rule.when.property if rule.when is not None else ""
            self._add(Kind.CONFLICT, path, f"excludes '{given}'")
            return UNKNOWN
        return [*(value or ()), *rule.value]

    def _replaced(
        self, rule: Translation, value: Any, data: Mapping[Any, Any], path: Path, checked: bool
    ) -> Any:
        assert rule.source is not None
        if rule.sibling:
            found = _dig(data, rule.source)
        else:
            name = rule.source[0]
            how = _How(checked=checked, translated=False)
            found = self._read(self._schema.properties[name], self._data, (name,), how)
        if found is UNKNOWN:
            return UNKNOWN
        if found and value and value is not UNKNOWN:
            self._add(Kind.CONFLICT, path, f"excludes '{'.'.join(rule.source)}'")
            return UNKNOWN
        return value if found is None else found

    def _typed(self, schema: PropertySchema, value: Any, path: Path, how: _How) -> Any:
        if value is UNKNOWN:
            return UNKNOWN
        try:
            typed = convert(schema, value)
        except NotOfType as error:
            self._add(Kind.TYPE, path, str(error))
            return UNKNOWN
        if schema.properties is not None and isinstance(typed, Mapping):
            typed = self._map(schema.properties, typed, path, how)
        elif schema.items is not None and is_list(typed):
            data = dict(enumerate(typed))
            typed = [self._read(schema.items, data, (*path, i), how) for i in data]
        if how.checked:
            for constraint in schema.constraints:
                self._check(schema, constraint, typed, path)
        return typed

    def _check(
        self, schema: PropertySchema, constraint: Constraint, value: Any, path: Path
    ) -> None:
        if isinstance(value, list) and UNKNOWN in value:
            if isinstance(constraint, Custom):
                return
            if isinstance(constraint, AllowedValues):
                value = [item for item in value if item is not UNKNOWN]
        rule = constraints.broken_rule(
            constraint, value, lambda item: for_comparison(schema.type, item)
        )
        if rule is not None:
            self._add(Kind.CONSTRAINT, path, rule)

    def _add(self, kind: Kind, path: Path, text: str, names: tuple[str, ...] = ()) -> None:
        self.problems.append(Problem(kind, path, text, names))


_ORDER = (Rule.ADD, Rule.REPLACE, Rule.RESOLVE, Rule.DELETE)
"""In which order Heat applies the rules of one property."""


def _is_hidden(schema: PropertySchema) -> bool:
    return schema.support is not None and schema.support.status is Status.HIDDEN


def _filled(value: Any, given: Mapping[str, Any]) -> Any:
    """A rule's value with the property that it speaks of."""
    if isinstance(value, Mapping):
        if set(value) == {"property"}:
            return given[value["property"]]
        return {key: _filled(item, given) for key, item in value.items()}
    return value


def _names(value: Any) -> Any:
    """What is to be looked up: Heat makes null of what is empty."""
    if is_list(value) and value:
        return [_names(item) for item in value]
    return value or None


def _dig(data: Any, path: tuple[str, ...]) -> Any:
    """The value at a path in data that no schema has read."""
    for step in path:
        if data is UNKNOWN:
            return UNKNOWN
        if is_list(data):
            return [_dig(item, path) for item in data]
        data = data.get(step) if isinstance(data, Mapping) else None
        path = path[1:]
    return data
