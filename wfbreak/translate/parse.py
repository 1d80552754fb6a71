"""Read the functions in a template's values, and fold what is already known.

A map with one key that names a function of the template's version is a call (heat/engine/
template.py); anything else is data. ``if`` is a macro: only the branch that is taken is read.
A call whose arguments are all known is computed here with Heat's result; the rest waits for the
engine.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.hot import functions as hot
from wfbreak.translate import functions
from wfbreak.translate.conditions import Undecided
from wfbreak.translate.nodes import ListNode, MapNode, Node, Plain, Scalar
from wfbreak.translate.parameters import (
    AWS_REGION,
    PROJECT_ID,
    PSEUDO,
    REGION,
    STACK_ID,
    STACK_NAME,
    Parameter,
)
from wfbreak.translate.template import Definition
from wfbreak.translate.values import (
    AttributeRef,
    ListValue,
    Literal,
    MapValue,
    ParameterRef,
    ResourceRef,
    Unknown,
    Value,
    from_plain,
    known,
)
from wfbreak.translate.versions import FUNCTIONS, Version


@functools.cache
def _near(name: str, functions: tuple[str, ...]) -> str | None:
    """The function that a name is near to. Most maps of one key are data, again and again with the
    same key."""
    near = difflib.get_close_matches(name, functions, n=1, cutoff=0.85)
    return near[0] if near else None


class Refused(Exception):
    """A value cannot be read; the diagnostic that says why has been given."""


class _Nothing(Exception):
    """An ``if`` of two arguments whose condition is false: the enclosing item is not there."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a template's values may refer to. ``resources`` says of each whether it is enabled.

    ``path`` is the resource that the template is the inside of (empty for the outermost),
    ``facade`` its definition; ``mappings`` is what ``Fn::FindInMap`` looks into.
    """

    version: Version
    stack_name: str
    folder: Path
    parameters: Mapping[str, Parameter]
    resources: Mapping[str, bool]
    holds: Callable[[Node], bool]
    path: str = ""
    facade: Definition | None = None
    mappings: Plain = None


class Parser:
    """Reads the values of one template; mistakes become diagnostics."""

    def __init__(self, scope: Scope, diagnostics: Diagnostics) -> None:
        self._scope = scope
        self._diagnostics = diagnostics
        self._in_output = False
        self._names = {name for name, span in FUNCTIONS.items() if scope.version in span}
        self._distinct = tuple(sorted(name for name in self._names if "_" in name))

    def value(self, node: Node) -> Value | None:
        """The value in ``node``; ``None``, with a diagnostic, if it cannot be read.

        Each bad item of a list or map is reported, not only the first.
        """
        try:
            return self._read(node)
        except _Nothing:
            return Literal(None, node.position)
        except (Refused, Undecided):
            return None

    def output(self, node: Node) -> Value | None:
        """The value in ``node``, which is an output's: :meth:`value`, but more lenient."""
        self._in_output = True
        try:
            return self.value(node)
        finally:
            self._in_output = False

    def known(self, node: Node, what: str) -> Any:
        """The plain value in ``node``, which must be known now. ``what`` names it in a message.

        :raises Refused: if it is not, or cannot be read.
        """
        try:
            return known(self._read(node))
        except Unknown as unknown:
            raise self.undecided(unknown, what, node.position) from unknown
        except (_Nothing, Undecided) as error:
            raise Refused from error

    def undecided(self, unknown: Unknown, what: str, position: Position) -> Refused:
        reference = unknown.reference
        if isinstance(reference, ParameterRef):
            self._diagnostics.add(
                Code.PARAMETER_MISSING,
                f"{what} needs the value of the parameter '{reference.name}' to be translated",
                reference.position,
                hint=f"give it with -P {reference.name}=VALUE or in an environment"
                if not reference.scope
                else f"it comes from a property of '{reference.scope}'",
            )
        else:
            self._diagnostics.add(
                Code.FUNCTION_ARGUMENTS,
                f"{what} cannot depend on the resource '{reference.resource}', "
                "which exists only when the workflow runs",
                position,
            )
        return Refused()

    def _read(self, node: Node) -> Value:
        if isinstance(node, Scalar):
            return Literal(node.value, node.position)
        if isinstance(node, ListNode):
            return self._list(node)
        if len(node.entries) == 1:
            ((name, arguments),) = node.entries.items()
            if name in self._names:
                return self._function(name, arguments, node)
            self._suspect(name, node)
        return self._map(node)

    def _list(self, node: ListNode) -> ListValue:
        items: list[Value] = []
        failed = False
        for item in node.items:
            try:
                items.append(self._read(item))
            except _Nothing:
                continue
            except (Refused, Undecided):
                failed = True
        if failed:
            raise Refused
        return ListValue(tuple(items), node.position)

    def _map(self, node: MapNode) -> MapValue:
        entries: dict[str, Value] = {}
        failed = False
        for key, item in node.entries.items():
            try:
                entries[key] = self._read(item)
            except _Nothing:
                continue
            except (Refused, Undecided):
                failed = True
        if failed:
            raise Refused
        return MapValue(entries, node.position, node.keys)

    def _suspect(self, name: str, node: MapNode) -> None:
        """Heat takes a map with an unknown name as data; where nobody can mean that, say so."""
        position = node.keys[name]
        if name in FUNCTIONS:
            if "_" in name or name.startswith("Fn::") or name == "Ref":
                raise self._wrong(
                    Code.FUNCTION_NOT_IN_VERSION,
                    f"'{name}' is not a function of the version {self._scope.version}",
                    position,
                    f"it is of {FUNCTIONS[name]}",
                )
            return
        near = _near(name, self._distinct)
        if name.startswith("Fn::") or (near and name[0] == near[0]):
            hint = f"did you mean '{near}'?" if near else None
            raise self._wrong(
                Code.UNKNOWN_FUNCTION, f"there is no function '{name}'", position, hint
            )

    def _function(self, name: str, arguments: Node, node: MapNode) -> Value:
        position = node.keys[name]
        if name in ("if", "Fn::If"):
            return self._if(arguments, position)
        if name in functions.FUNCTIONS:
            return self._compute(name, self._read(arguments), position)
        return _READERS[name](self, self._read(arguments), position)

    def _if(self, arguments: Node, position: Position) -> Value:
        counts = (2, 3) if self._scope.version >= Version.V2021_04_16 else (3,)
        if not isinstance(arguments, ListNode) or len(arguments.items) not in counts:
            raise self._wrong(
                Code.FUNCTION_ARGUMENTS,
                "'if' takes [condition, value if true, value if false]",
                position,
            )
        condition, then, *otherwise = arguments.items
        if self._scope.holds(condition):
            return self._read(then)
        if not otherwise:
            raise _Nothing
        return self._read(otherwise[0])

    def _compute(self, name: str, arguments: Value, position: Position) -> Value:
        if name == "Fn::FindInMap" and isinstance(arguments, ListValue):
            if len(arguments.items) != 3:
                raise self._wrong(
                    Code.FUNCTION_ARGUMENTS, f"'{name}' takes [mapping, key, field]", position
                )
            mappings = from_plain(self._scope.mappings, position)
            arguments = ListValue((mappings, *arguments.items), arguments.position)
        try:
            call = replace(functions.call(name, arguments, self._scope.version), position=position)
        except functions.ArgumentError as error:
            raise self._wrong(Code.FUNCTION_ARGUMENTS, f"'{name}': {error}", position) from error
        try:
            plain = [known(argument) for argument in call.arguments]
        except Unknown:
            return call
        try:
            return from_plain(functions.FUNCTIONS[call.function].compute(*plain), position)
        except hot.FunctionError as error:
            raise self._wrong(Code.FUNCTION_ARGUMENTS, str(error), position) from error

    def _get_param(self, arguments: Value, position: Position) -> Value:
        name, path = self._name_and_path("get_param", "parameter", arguments, position)
        if name in PSEUDO:
            return self._pseudo(name, position)
        parameter = self._scope.parameters.get(name)
        if parameter is None:
            near = difflib.get_close_matches(name, self._scope.parameters, n=1)
            raise self._wrong(
                Code.UNKNOWN_REFERENCE,
                f"there is no parameter '{name}'",
                position,
                f"did you mean '{near[0]}'?" if near else None,
            )
        if not parameter.is_known:
            return ParameterRef(name, path, position, self._scope.path)
        try:
            steps = [known(step) for step in path]
        except Unknown as unknown:
            raise self.undecided(unknown, "the path of 'get_param'", position) from unknown
        return from_plain(hot.get_param(parameter.value, *steps), position)

    def _pseudo(self, name: str, position: Position) -> Value:
        if name == PROJECT_ID:
            return ParameterRef(name, (), position)
        if name == STACK_ID or (name == STACK_NAME and self._scope.path):
            # A nested stack's name has, as in Heat, a part that is made when it is.
            return ParameterRef(name, (), position, self._scope.path)
        if name == STACK_NAME:
            return Literal(self._scope.stack_name, position)
        if name == AWS_REGION:
            return Literal("ap-southeast-1", position)  # heat/engine/cfn/parameters.py's default
        assert name == REGION
        raise self._wrong(
            Code.UNSUPPORTED_FUNCTION,
            f"the pseudo parameter '{REGION}' is not supported",
            position,
            "the executor's credentials decide the region: make it a parameter",
        )

    def _get_resource(self, arguments: Value, position: Position) -> Value:
        try:
            name = known(arguments)
        except Unknown as unknown:
            raise self.undecided(unknown, "the name in 'get_resource'", position) from unknown
        if self._in_output and self._scope.resources.get(str(name)) is False:
            # Heat creates the stack and shows the output without a value (heat/engine/output.py).
            self._diagnostics.add(
                Code.OUTPUT_WITHOUT_VALUE,
                f"this output names the resource '{name}', which its condition takes away",
                position,
                hint="put the same condition on the output",
            )
            return Literal(None, position)
        return ResourceRef(self._resource("get_resource", name, position), position)

    def _get_attr(self, arguments: Value, position: Position) -> Value:
        name, path = self._name_and_path("get_attr", "resource", arguments, position, text=False)
        resource = self._resource("get_attr", name, position)
        if not path:
            if self._scope.version < Version.V2015_10_15:
                raise self._wrong(
                    Code.FUNCTION_ARGUMENTS,
                    "'get_attr' takes [resource, attribute, path...]",
                    position,
                    f"all attributes at once are of {Version.V2015_10_15} and later",
                )
            return AttributeRef(resource, None, (), position)
        return AttributeRef(resource, path[0], path[1:], position)

    def _resource(self, function: str, name: Any, position: Position) -> str:
        enabled = self._scope.resources.get(name) if isinstance(name, str) else None
        if enabled is None:
            near = difflib.get_close_matches(str(name), self._scope.resources, n=1)
            raise self._wrong(
                Code.UNKNOWN_REFERENCE,
                f"'{function}' names a resource '{name}', and there is none",
                position,
                f"did you mean '{near[0]}'?" if near else None,
            )
        if not enabled:
            raise self._wrong(
                Code.DISABLED_REFERENCE,
                f"'{function}' names the resource '{name}', which its condition takes away",
                position,
                "put the reference behind an 'if' on the same condition",
            )
        return f"{self._scope.path}/{name}" if self._scope.path else str(name)

    def _name_and_path(
        self, function: str, noun: str, arguments: Value, position: Position, *, text: bool = True
    ) -> tuple[str, tuple[Value, ...]]:
        items: tuple[Value, ...] = ()
        if isinstance(arguments, ListValue):
            items = arguments.items
        elif text:
            items = (arguments,)
        if not items:
            form = f"[{noun}, path...]" if text else f"[{noun}, attribute, path...]"
            raise self._wrong(Code.FUNCTION_ARGUMENTS, f"'{function}' takes {form}", position)
        try:
            name = known(items[0])
        except Unknown as unknown:
            raise self.undecided(unknown, f"the {noun} of '{function}'", position) from unknown
        if not isinstance(name, str):
            raise self._wrong(
                Code.FUNCTION_ARGUMENTS, f"'{function}': the {noun}'s name must be text", position
            )
        return name, items[1:]

    def _ref(self, arguments: Value, position: Position) -> Value:
        """``Ref``: a resource, or else a parameter."""
        name = arguments.value if isinstance(arguments, Literal) else None
        if isinstance(name, str) and name in self._scope.resources:
            return self._get_resource(arguments, position)
        if name in _AWS_PSEUDO and self._scope.version < Version.V2013_05_23:
            return self._get_param(Literal(_AWS_PSEUDO[str(name)], position), position)
        return self._get_param(arguments, position)

    def _get_att(self, arguments: Value, position: Position) -> Value:
        if not isinstance(arguments, ListValue) or len(arguments.items) != 2:
            raise self._wrong(
                Code.FUNCTION_ARGUMENTS, "'Fn::GetAtt' takes [resource, attribute]", position
            )
        return self._get_attr(arguments, position)

    def _get_azs(self, _arguments: Value, position: Position) -> Value:
        # Heat asks the cloud; while translating there is none, and "nova" is what Heat takes then.
        return from_plain(["nova"], position)

    def _resource_facade(self, arguments: Value, position: Position) -> Value:
        facade = self._scope.facade
        name = arguments.value if isinstance(arguments, Literal) else None
        if name not in _FACADE:
            raise self._wrong(
                Code.FUNCTION_ARGUMENTS,
                f"'resource_facade' takes one of: {', '.join(sorted(_FACADE))}",
                position,
            )
        if facade is None:
            raise self._wrong(
                Code.UNKNOWN_REFERENCE,
                "this template is not the type of a resource, so there is no facade",
                position,
                "it can be translated as the type of a resource in another template",
            )
        match _FACADE[str(name)]:
            case "metadata":
                return facade.metadata
            case "deletion_policy":
                return Literal(facade.deletion_policy.value, position)
            case _:
                return facade.update_policy or MapValue({}, position)

    def _get_file(self, arguments: Value, position: Position) -> Value:
        try:
            name = known(arguments)
        except Unknown as unknown:
            raise self.undecided(unknown, "the name in 'get_file'", position) from unknown
        if not isinstance(name, str) or not name:
            raise self._wrong(
                Code.FUNCTION_ARGUMENTS, "'get_file' takes a file's name or URL", position
            )
        path = name.removeprefix("file://")
        if "://" in path:
            raise self._wrong(
                Code.UNREADABLE,
                f"'get_file' names {name}, and wfbreak fetches nothing from the network",
                position,
                "save it beside the template and name the file",
            )
        try:
            text = (self._scope.folder / path).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise self._wrong(
                Code.UNREADABLE, f"'get_file': {name} is not UTF-8 text", position
            ) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise self._wrong(
                Code.UNREADABLE, f"'get_file': cannot read {name}: {reason}", position
            ) from error
        return Literal(text, position, str(self._scope.folder / path))

    def _wrong(
        self, code: Code, message: str, position: Position, hint: str | None = None
    ) -> Refused:
        self._diagnostics.add(code, message, position, hint=hint)
        return Refused()


_AWS_PSEUDO = {
    "AWS::StackId": STACK_ID,
    "AWS::StackName": STACK_NAME,
    "AWS::Region": AWS_REGION,
}
"""CloudFormation's names of the parameters that every stack has (heat/engine/cfn/parameters.py)."""

_FACADE = {
    "metadata": "metadata",
    "deletion_policy": "deletion_policy",
    "update_policy": "update_policy",
    "Metadata": "metadata",
    "DeletionPolicy": "deletion_policy",
    "UpdatePolicy": "update_policy",
}

_READERS: dict[str, Callable[[Parser, Value, Position], Value]] = {
    "Fn::GetAZs": Parser._get_azs,
    "Fn::GetAtt": Parser._get_att,
    "Fn::ResourceFacade": Parser._resource_facade,
    "Ref": Parser._ref,
    "resource_facade": Parser._resource_facade,
    "get_attr": Parser._get_attr,
    "get_file": Parser._get_file,
    "get_param": Parser._get_param,
    "get_resource": Parser._get_resource,
}
