"""A template's conditions: each is decided before the graph is built, as Heat does.

Which resources there are, and which branch of an ``if`` counts, follows from the conditions. So a
parameter that one of them reads must have its value when the template is translated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.hot import cfn_functions as cfn
from wfbreak.hot import functions as hot
from wfbreak.hot import yaql_function
from wfbreak.translate.nodes import ListNode, MapNode, Node, Scalar, kind, plain
from wfbreak.translate.versions import CONDITION_FUNCTIONS, Version


class Undecided(Exception):
    """A condition cannot be decided; the diagnostic that says why has been given."""


class Conditions:
    """The conditions of one template. ``parameter`` reads a ``get_param``'s arguments."""

    def __init__(
        self,
        section: MapNode | None,
        version: Version,
        parameter: Callable[[Node], Any],
        diagnostics: Diagnostics,
        mappings: Any = None,
    ) -> None:
        self._mappings = mappings
        self._nodes: Mapping[str, Node] = section.entries if section else {}
        self._version = version
        self._parameter = parameter
        self._diagnostics = diagnostics
        self._decided: dict[str, bool] = {}
        self._open: list[str] = []

    def decide_all(self) -> None:
        """Decide every condition, so that each mistake is reported, used or not (as in Heat)."""
        for name, node in self._nodes.items():
            if not (isinstance(node, MapNode) or _is_boolean(node)):
                self._wrong(
                    f"the condition '{name}' must be a function or a boolean", node.position
                )
                continue
            try:
                self._named(name, node.position)
            except Undecided:
                continue

    def holds(self, node: Node) -> bool:
        """Whether the condition in ``node`` holds: a name, a boolean, or a function.

        :raises Undecided: if that cannot be known; a diagnostic says why.
        """
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return self._named(node.value, node.position)
        if isinstance(node, MapNode):
            return self._boolean(self._value(node), node)
        raise self._wrong(
            f"a condition is a name, a boolean or a function, not {kind(node)}", node.position
        )

    def _named(self, name: str, position: Position) -> bool:
        if name not in self._nodes:
            raise self._wrong(f"there is no condition '{name}'", position)
        if name in self._open:
            circle = " -> ".join([*self._open[self._open.index(name) :], name])
            raise self._wrong(f"conditions refer to each other in a circle: {circle}", position)
        if name not in self._decided:
            if len(self._open) == _DEEPEST:
                raise self._wrong(
                    f"conditions refer to each other more than {_DEEPEST} deep",
                    position,
                    "a condition may refer to one that stands before it at any depth",
                )
            self._open.append(name)
            try:
                self._decided[name] = self.holds(self._nodes[name])
            finally:
                self._open.pop()
        return self._decided[name]

    def _boolean(self, value: Any, node: Node) -> bool:
        # A get_param that stands as a condition must give a boolean (heat/engine/conditions.py
        # takes only booleans; names are looked up).
        if isinstance(value, bool):
            return value
        raise self._wrong(
            f"a condition must be true or false, and this is {value!r}", node.position
        )

    def _value(self, node: Node) -> Any:
        """What an argument of a condition function is: functions are computed, the rest is data."""
        if isinstance(node, ListNode):
            return [self._value(item) for item in node.items]
        if not isinstance(node, MapNode):
            return plain(node)
        if len(node.entries) != 1:
            return {key: self._value(item) for key, item in node.entries.items()}
        ((name, arguments),) = node.entries.items()
        span = CONDITION_FUNCTIONS.get(name)
        if span is None or self._version not in span:
            known = ", ".join(
                sorted(n for n, s in CONDITION_FUNCTIONS.items() if self._version in s)
            )
            raise self._wrong(
                f"'{name}' cannot stand in a condition", node.keys[name], f"allowed here: {known}"
            )
        return _FUNCTIONS[name](self, arguments)

    def _get_param(self, arguments: Node) -> Any:
        return self._parameter(arguments)

    def _equals(self, arguments: Node) -> bool:
        first, second = self._list(arguments, "equals", 2, 2)
        return hot.equals(self._value(first), self._value(second))

    def _contains(self, arguments: Node) -> bool:
        value, sequence = self._list(arguments, "contains", 2, 2)
        try:
            return hot.contains(self._value(value), self._value(sequence))
        except hot.FunctionError as error:
            raise self._wrong(str(error), arguments.position) from error

    def _yaql(self, arguments: Node) -> Any:
        keys = set(arguments.entries) if isinstance(arguments, MapNode) else set()
        if not isinstance(arguments, MapNode) or not {"expression"} <= keys <= _YAQL_KEYS:
            raise self._wrong("'yaql' takes {expression: ..., data: ...}", arguments.position)
        data = {k: self._value(v) for k, v in arguments.entries.items()}
        try:
            return yaql_function.evaluate(data["expression"], data.get("data", {}))
        except hot.FunctionError as error:
            raise self._wrong(str(error), arguments.position) from error

    def _not(self, arguments: Node) -> bool:
        return not self.holds(arguments)

    def _fn_not(self, arguments: Node) -> bool:
        (condition,) = self._list(arguments, "Fn::Not", 1, 1)
        return not self.holds(condition)

    def _find_in_map(self, arguments: Node) -> Any:
        steps = [self._value(item) for item in self._list(arguments, "Fn::FindInMap", 3, 3)]
        try:
            return cfn.find_in_map(self._mappings, *steps)
        except hot.FunctionError as error:
            raise self._wrong(str(error), arguments.position) from error

    def _and(self, arguments: Node) -> bool:
        # Every argument is decided, as in Heat: a mistake in the last one is found too.
        held = [self.holds(item) for item in self._list(arguments, "and", 2)]
        return all(held)

    def _or(self, arguments: Node) -> bool:
        held = [self.holds(item) for item in self._list(arguments, "or", 2)]
        return any(held)

    def _list(
        self, arguments: Node, name: str, least: int, most: int | None = None
    ) -> tuple[Node, ...]:
        count = len(arguments.items) if isinstance(arguments, ListNode) else 0
        if not isinstance(arguments, ListNode) or count < least or (most and count > most):
            amount = f"{least}" if most else f"at least {least}"
            raise self._wrong(f"'{name}' takes a list of {amount} arguments", arguments.position)
        return arguments.items

    def _wrong(self, message: str, position: Position, hint: str | None = None) -> Undecided:
        self._diagnostics.add(Code.CONDITION, message, position, hint=hint)
        return Undecided()


_FUNCTIONS: dict[str, Callable[[Conditions, Node], Any]] = {
    "get_param": Conditions._get_param,
    "equals": Conditions._equals,
    "contains": Conditions._contains,
    "not": Conditions._not,
    "and": Conditions._and,
    "or": Conditions._or,
    "yaql": Conditions._yaql,
    "Fn::And": Conditions._and,
    "Fn::Equals": Conditions._equals,
    "Fn::FindInMap": Conditions._find_in_map,
    "Fn::Not": Conditions._fn_not,
    "Fn::Or": Conditions._or,
    "Ref": Conditions._get_param,
}
_YAQL_KEYS = {"expression", "data"}

_DEEPEST = 100
"""So many conditions may be under way at a time: each takes some of Python's own stack."""


def _is_boolean(node: Node) -> bool:
    return isinstance(node, Scalar) and isinstance(node.value, bool)
