"""Conditions of breakpoints: YAQL over the parameters and the results so far.

``$.parameters.NAME`` is a parameter of the outermost stack, ``$.resources.NAME.ref`` what
``get_resource`` gives, ``$.resources.NAME.attributes.ATTRIBUTE`` what ``get_attr`` gives; a name
with other characters stands as ``$.resources.get("web/0")``. Which of them a condition reads is
read off the expression, because a resource reports only attributes that someone reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.translate.nodes import Plain
from wfbreak.translate.parameters import Parameter
from wfbreak.translate.template import Template
from wfbreak.translate.values import (
    AttributeRef,
    Literal,
    MapValue,
    ParameterRef,
    ResourceRef,
    Value,
    from_plain,
)

_SYNTAX = "$.parameters.NAME, $.resources.NAME.ref and $.resources.NAME.attributes.ATTRIBUTE"

_REF = ""
"""Stands for ``ref`` among the attributes: none has this name."""


@dataclass(frozen=True, slots=True)
class StopCondition:
    """A condition as it was written, the data that it is about, and the resources it reads."""

    text: str
    position: Position
    data: Value = field(hash=False)  # it holds maps
    reads: tuple[str, ...]


def read(
    text: str, position: Position, template: Template, diagnostics: Diagnostics
) -> StopCondition | None:
    """A condition with all that it reads; ``None`` after a finding."""
    try:
        paths = _paths(text)
    except _NotYaql as error:
        diagnostics.add(Code.BREAKPOINT_FILE, f"the condition is not YAQL: {error}", position)
        return None
    reader = _Reader(template, position, diagnostics)
    for path in paths:
        reader.take(path)
    if reader.is_wrong:
        return None
    return StopCondition(text, position, reader.data(), tuple(reader.resources))


class _NotYaql(Exception):
    pass


class _Reader:
    def __init__(self, template: Template, position: Position, diagnostics: Diagnostics) -> None:
        self._template = template
        self._known = {resource.name for resource in template.walk()}
        self._position = position
        self._diagnostics = diagnostics
        self._parameters: dict[str, Value] = {}
        self.resources: dict[str, dict[str, Value]] = {}
        self.is_wrong = False

    def take(self, path: tuple[str, ...]) -> None:
        match path:
            case ("parameters", name):
                self._parameter(name)
            case ("resources", name) if name not in self._known:
                self._wrong(f"there is no resource '{name}'")
            case ("resources", name, "ref"):
                self.resources.setdefault(name, {})[_REF] = ResourceRef(name, self._position)
            case ("resources", name, "attributes", attribute):
                key = Literal(attribute, self._position)
                value = AttributeRef(name, key, (), self._position)
                self.resources.setdefault(name, {})[attribute] = value
            case (other, *_) if other not in ("parameters", "resources"):
                self._wrong(f"it reads '$.{other}'")

    def data(self) -> Value:
        resources: dict[str, Value] = {}
        for name, read in self.resources.items():
            attributes = {key: value for key, value in read.items() if key != _REF}
            entry: dict[str, Value] = {"attributes": self._map(attributes)}
            if _REF in read:
                entry["ref"] = read[_REF]
            resources[name] = self._map(entry)
        return self._map(
            {"parameters": self._map(self._parameters), "resources": self._map(resources)}
        )

    def _map(self, entries: dict[str, Value]) -> MapValue:
        return MapValue(entries, self._position)

    def _parameter(self, name: str) -> None:
        parameter: Parameter | None = self._template.parameters.get(name)
        if parameter is None:
            self._wrong(f"there is no parameter '{name}'")
        elif parameter.schema.hidden:
            self._wrong(f"the parameter '{name}' is hidden: a condition would tell of its value")
        elif parameter.is_known:
            self._parameters[name] = from_plain(parameter.value, self._position)
        else:
            self._parameters[name] = ParameterRef(name, (), self._position)

    def _wrong(self, what: str) -> None:
        self.is_wrong = True
        self._diagnostics.add(
            Code.BREAKPOINT_FILE,
            f"the condition cannot be used: {what}",
            self._position,
            hint=f"it can read {_SYNTAX}",
        )


def _paths(text: str) -> list[tuple[str, ...]]:
    """Everything that an expression reads of ``$``: each path, and each beginning of one.

    :raises _NotYaql: if it is no expression.
    """
    import collections.abc  # noqa: F401  # yaql uses it without importing it

    import yaql
    from yaql.language.exceptions import YaqlException

    try:
        root = yaql.YaqlFactory().create()(text)
    except YaqlException as error:
        raise _NotYaql(" ".join(str(error).split())) from None
    return [path for node in _walk(root.expression) if (path := _path(node))]


def _walk(node: Any) -> Iterator[Any]:
    yield node
    for inner in getattr(node, "args", ()):
        yield from _walk(inner)


def _path(node: Any) -> tuple[str, ...] | None:
    """The names from ``$`` to here; ``None`` if the node is no such path."""
    from yaql.language import expressions as yaql

    if isinstance(node, yaql.GetContextValue):
        return () if node.path.value == "$" else None
    name = getattr(node, "name", None)
    if name not in ("#operator_.", "#indexer"):
        return None
    base, last = _path(node.args[0]), node.args[1]
    if isinstance(last, yaql.Function) and last.name == "get" and len(last.args) == 1:
        last = last.args[0]
    # A function of the language (".len()") reads nothing more.
    key: Plain = _constant(last)
    return (*base, key) if base is not None and isinstance(key, str) else None


def _constant(node: Any) -> Plain:
    """The text that a name or a literal stands for."""
    value: Plain = getattr(node, "value", None)
    return value if isinstance(value, str) else None
