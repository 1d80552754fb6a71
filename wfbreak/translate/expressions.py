"""Pass 6: values as the engine takes them: plain data with YAQL where something is not known yet.

What YAQL itself does with Heat's result is written in YAQL (``$.flavor``,
``task('net').result.ref``); the rest calls a function ``hot_NAME`` that wfbreak registers with the
engine. Mistral evaluates every string of a task's input that holds ``<% %>``, ``{{ }}`` or
``{% %}``, but never the value of an input. So text of the template that holds such a marker, or
is too long to read inside an expression, stands in the workflow's input ``text`` and is fetched
from there: a template cannot run expressions on the engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wfbreak.parts import LITERAL
from wfbreak.translate.functions import ENGINE_NAMES
from wfbreak.translate.nested_attributes import expose
from wfbreak.translate.nodes import Plain
from wfbreak.translate.parameters import STACK_ID, STACK_NAME
from wfbreak.translate.template import Resource
from wfbreak.translate.values import (
    AttributeRef,
    Call,
    ListValue,
    Literal,
    MapValue,
    ParameterRef,
    ResourceRef,
    Unknown,
    Value,
    known,
)

_MARKER = re.compile(r"<%|%>|\{\{|\}\}|\{%|%\}|\{#")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_KEYWORDS = frozenset({"and", "or", "not", "in", "is", "mod", "matches", "true", "false", "null"})
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_READABLE = 60
"""The longest text, in characters, that is written inside an expression."""


def is_evaluated(text: str) -> bool:
    """Whether Mistral could take part of this text for an expression."""
    return _MARKER.search(text) is not None


@dataclass(frozen=True, slots=True)
class Names:
    """What the engine calls things: the task of each resource, of each nested stack's parameters,
    the input of each parameter (by its stack and name), the input that holds texts.

    ``stacks`` are the resources that are stacks, ``stack`` the outermost stack's name.
    """

    stack: str
    tasks: Mapping[str, str]
    parameters: Mapping[str, str]
    inputs: Mapping[tuple[str, str], str]
    text: str
    stacks: Mapping[str, Resource]


class Compiler:
    """Turns values into what stands in the workflow; collects the texts that stand apart."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.texts: dict[str, Plain] = {}

    def data(self, value: Value, place: str) -> Any:
        """The value as JSON data with expressions in it. ``place`` names it for a reader."""
        if isinstance(value, MapValue):
            return {k: self.data(v, f"{place}.{k}") for k, v in value.entries.items()}
        if isinstance(value, ListValue):
            return [self.data(v, f"{place}.{i}") for i, v in enumerate(value.items)]
        if isinstance(value, Literal):
            if isinstance(value.value, str) and is_evaluated(value.value):
                return fetch(self._names.text, self._apart(value.value, place))
            return value.value
        expression = self.yaql(value, place)
        if _computes(value):
            # What fails in the engine is found by the function's place in the template.
            where = str(value.position)
            evaluated = is_evaluated(where)
            position = self._fetched(where, f"{place}.position") if evaluated else quote(where)
            expression = f"hot_at({position}, {expression})"
        return f"<% {expression} %>"

    def output(self, value: Value, name: str) -> Any:
        """The value of an output: as :meth:`data`, but what may fail does not fail the workflow."""
        place = f"outputs.{name}"
        if isinstance(value, Call) or (isinstance(value, AttributeRef) and value.path):
            return f"<% hot_output({self._constant(name, place)}, {self.yaql(value, place)}) %>"
        if isinstance(value, MapValue):
            return {k: self.output(v, f"{name}.{k}") for k, v in value.entries.items()}
        if isinstance(value, ListValue):
            return [self.output(v, f"{name}.{i}") for i, v in enumerate(value.items)]
        return self.data(value, place)

    def yaql(self, value: Value, place: str) -> str:
        """The value as a YAQL expression, on one line and without any marker in it."""
        try:
            return self._constant(known(value), place)
        except Unknown:
            pass
        match value:
            case ListValue(items):
                return "[" + ", ".join(self._all(items, place)) + "]"
            case MapValue(entries):
                pairs = (
                    f"{self._constant(k, f'{place}.{k}')} => {self.yaql(v, f'{place}.{k}')}"
                    for k, v in entries.items()
                )
                return "{" + ", ".join(pairs) + "}"
            case ParameterRef():
                return self._parameter(value, place)
            case ResourceRef(resource):
                return f"{self._result(resource)}.ref"
            case AttributeRef():
                return self._attribute(value, place)
            case Call(function, arguments):
                return f"{ENGINE_NAMES[function]}({', '.join(self._all(arguments, place))})"
        raise AssertionError(value)

    def _all(self, values: tuple[Value, ...], place: str) -> list[str]:
        return [self.yaql(value, f"{place}.{index}") for index, value in enumerate(values)]

    def _result(self, resource: str) -> str:
        return f"task({quote(self._names.tasks[resource])}).result"

    def _parameter(self, parameter: ParameterRef, place: str) -> str:
        name, scope = parameter.name, parameter.scope
        if name == STACK_ID:
            return f"hot_stack_id(execution().id, {quote(scope)})" if scope else "execution().id"
        if name == STACK_NAME:
            stack = quote(self._names.stack)
            return f"hot_stack_name(execution().id, {stack}, {quote(scope)})"
        if (scope, name) in self._names.inputs:
            base = variable(self._names.inputs[scope, name])
        else:
            key = self._constant(name, f"{place}.parameter")
            base = f"task({quote(self._names.parameters[scope])}).result.get({key})"
        if not parameter.path:
            return base
        return f"hot_get_param({', '.join([base, *self._all(parameter.path, place)])})"

    def _attribute(self, reference: AttributeRef, place: str) -> str:
        stack = self._names.stacks.get(reference.resource)
        if stack is not None and stack.nested is not None:
            exposed = expose(stack, stack.nested, reference)
            attribute: Value | None = Literal(exposed.key, reference.position)
            path = exposed.rest
        else:
            attribute, path = reference.attribute, reference.path
        result = self._result(reference.resource)
        if attribute is None:
            return f"{result}.attributes"
        if not path and isinstance(attribute, Literal):
            return f"{result}.attributes.get({self.yaql(attribute, place)})"
        arguments = [result, self.yaql(attribute, place), *self._all(path, place)]
        return f"hot_get_attr({', '.join(arguments)})"

    def _constant(self, data: Plain, place: str) -> str:
        text = _inline(data)
        if text is None or len(text) > _READABLE or is_evaluated(text):
            return self._fetched(data, place)
        return text

    def _fetched(self, data: Plain, place: str) -> str:
        return _fetch(self._names.text, self._apart(data, place))

    def _apart(self, data: Plain, place: str) -> str:
        """Put a text apart; the key below which it stands."""
        name, count = place, 1
        while name in self.texts and self.texts[name] != data:
            count += 1
            name = f"{place}_{count}"
        if is_evaluated(name):
            return self._apart(data, "text")
        self.texts[name] = data
        return name


def fetch(texts: str, key: str) -> str:
    """The expression that stands for a text which the workflow's input ``texts`` has."""
    return f"<% {_fetch(texts, key)} %>"


def _fetch(texts: str, key: str) -> str:
    return f"{variable(texts)}.get({quote(key)})"


def _computes(value: Value) -> bool:
    """Whether a function that may fail is called for the value."""
    match value:
        case Call("group_index", arguments):
            return any(map(_computes, arguments))
        case Call():
            return True
        case ParameterRef(_, path):
            return any(map(_computes, path))
        case AttributeRef(_, attribute, path):
            return any(_computes(step) for step in (attribute, *path) if step is not None)
    return False


def variable(name: str) -> str:
    """A parameter or an input, by its name."""
    if _IDENTIFIER.match(name) and name not in _KEYWORDS:
        return f"$.{name}"
    return f"$.get({quote(name)})"


def quote(text: str) -> str:
    """A YAQL string literal on one line."""
    return "'" + "".join(map(_escaped, text)) + "'"


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _inline(data: Plain) -> str | None:
    """Data as a YAQL literal; ``None`` if YAQL has none for it, or a reader would not want it."""
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, int):
        return str(data)
    if isinstance(data, float):
        text = repr(data)
        return text if re.fullmatch(r"-?\d+\.\d+", text) else None
    if isinstance(data, str):
        return None if "\n" in data.strip("\n") else quote(data)
    if isinstance(data, list):
        items = [_inline(item) for item in data]
        return None if None in items else "[" + ", ".join(map(str, items)) + "]"
    pairs = [(quote(key), _inline(item)) for key, item in data.items()]
    if any(item is None for _, item in pairs):
        return None
    return "{" + ", ".join(f"{key} => {item}" for key, item in pairs) + "}"


_RESULT = re.compile(rf"task\(({LITERAL})\)\.result(\.ref\b)?")


def reads(data: Any) -> Iterator[tuple[str, bool]]:
    """The tasks whose results the expressions in ``data`` read: each name as :func:`quote` writes
    it, and whether it is the reference that is read."""
    for text in strings(data):
        for task, ref in _RESULT.findall(text):
            yield task, bool(ref)


def strings(data: Any) -> Iterator[str]:
    """All texts in ``data``."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for item in data.values():
            yield from strings(item)
    elif isinstance(data, (list, tuple)):
        for item in data:
            yield from strings(item)
