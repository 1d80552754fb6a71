"""Pass 3: read what the template says, and the templates that are nested in it.

Conditions are decided, functions read and folded, types mapped by the environment's registry.
Mistakes are collected; a resource that cannot be read is left out, so that the others are read.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wfbreak.diagnostics import Code, Diagnostics, InputError, Position
from wfbreak.existing import Stock
from wfbreak.hot import functions as hot
from wfbreak.translate import cfn, load, membership, nested_attributes
from wfbreak.translate.conditions import Conditions, Undecided
from wfbreak.translate.environment import Environment
from wfbreak.translate.group_properties import Surroundings
from wfbreak.translate.limits import HEATS, Limits
from wfbreak.translate.load import Source
from wfbreak.translate.membership import Membership
from wfbreak.translate.nested_attributes import NoAttribute
from wfbreak.translate.nesting import Inside, Level, Nesting, TooMuch
from wfbreak.translate.nodes import ListNode, MapNode, Node, Scalar, plain
from wfbreak.translate.opening import Opened, open_template, section
from wfbreak.translate.parameters import (
    PROJECT_ID,
    PSEUDO,
    STACK_ID,
    STACK_NAME,
    Parameter,
    resolve,
    resolve_nested,
)
from wfbreak.translate.parse import Parser, Refused, Scope
from wfbreak.translate.template import (
    Definition,
    DeletionPolicy,
    Dependency,
    Output,
    Resource,
    Template,
)
from wfbreak.translate.values import (
    AttributeRef,
    Literal,
    MapValue,
    ParameterRef,
    ResourceRef,
    Value,
)
from wfbreak.translate.versions import CONDITIONS_SINCE, has_conditions

_LATER_KEYS = ("condition", "external_id")


def build(
    opened: Opened,
    environment: Environment,
    stack_name: str,
    diagnostics: Diagnostics,
    stock: Stock | None = None,
    limits: Limits = HEATS,
) -> Template:
    """The template's model. Look at ``diagnostics`` for what could not be read. What exists
    (``stock``) decides which members groups have."""
    parameters = resolve(opened.declared, environment, diagnostics)
    stack = _Stack(stack_name, diagnostics, stock, limits)
    try:
        return _Builder(opened, parameters, Level(environment), stack).build()
    except TooMuch as error:
        raise InputError(diagnostics) from error


class _Stack:
    """What the templates of one stack share: the files read once, the count of the resources."""

    def __init__(
        self, name: str, diagnostics: Diagnostics, stock: Stock | None, limits: Limits
    ) -> None:
        self.name = name
        self.diagnostics = diagnostics
        self.nesting = Nesting(name, self._nested, diagnostics, limits.resources)
        self._opened: dict[str, Opened | None] = {}
        self._stock = stock
        self._limits = limits

    def membership(self, group: str) -> Membership | None:
        return membership.find(self._stock, group)

    def _nested(self, inside: Inside, properties: MapValue, level: Level) -> Template | None:
        opened = self._open(inside)
        if opened is None:
            return None
        parameters = resolve_nested(
            opened.declared, properties, level.environment, inside.position, self.diagnostics
        )
        return _Builder(opened, parameters, level, self).build()

    def _open(self, inside: Inside) -> Opened | None:
        if inside.file not in self._opened:
            if inside.text is not None:
                source: Source | None = Source(inside.file, inside.text)
            else:
                source = load.read(inside.file, self.diagnostics, inside.position)
            self._opened[inside.file] = (
                open_template(source, self.diagnostics, self._limits) if source else None
            )
        return self._opened[inside.file]


class _Builder:
    def __init__(
        self, opened: Opened, parameters: Mapping[str, Parameter], level: Level, stack: _Stack
    ) -> None:
        self._loaded = opened.loaded
        self._version = opened.version
        self._parameters = parameters
        self._level = level
        self._stack = stack
        self._diagnostics = stack.diagnostics
        mappings = section(opened.loaded, cfn.MAPPINGS)
        self._mappings = plain(mappings) if mappings else {}
        self._conditions = Conditions(
            section(opened.loaded, "conditions"),
            opened.version,
            self._condition_parameter,
            stack.diagnostics,
            self._mappings,
        )
        self._nodes = section(opened.loaded, "resources") or MapNode(
            {}, {}, opened.loaded.root.position
        )
        self._resources: dict[str, Resource | None] = {}

    def build(self) -> Template:
        self._check_version_of_sections()
        self._conditions.decide_all()
        self._enabled = {name: self._is_enabled(node) for name, node in self._nodes.entries.items()}
        self._parser = Parser(
            Scope(
                self._version,
                self._stack.name,
                Path(self._loaded.source.name).parent,
                self._parameters,
                self._enabled,
                self._conditions.holds,
                self._level.path,
                self._level.owner,
                self._mappings,
            ),
            self._diagnostics,
        )
        built = {name: self._built(name) for name, enabled in self._enabled.items() if enabled}
        root = self._loaded.root
        assert isinstance(root, MapNode)
        return Template(
            name=self._stack.name,
            version=self._version,
            source=self._loaded.source.name,
            description=_text(root.entries.get("description")),
            parameters=self._parameters,
            resources={
                resource.name: resource for resource in built.values() if resource is not None
            },
            disabled={
                self._level.full(name): _type(self._nodes.entries[name])
                for name, enabled in self._enabled.items()
                if not enabled
            },
            outputs=self._outputs(),
            path=self._level.path,
        )

    def _built(self, name: str) -> Resource | None:
        """The resource called so in this template, which another one may need first."""
        if name not in self._resources:
            self._resources[name] = None  # as long as it is being made, it is nothing to others
            node = self._nodes.entries[name]
            assert isinstance(node, MapNode)
            definition = self._definition(name, self._nodes.keys[name], node)
            if definition is not None:
                around = Surroundings(self._neighbour, self._structure, self._stack.membership)
                self._resources[name] = self._stack.nesting.resource(
                    definition, self._level, around
                )
        return self._resources[name]

    def _neighbour(self, full: str) -> Resource | None:
        return self._built(full.rpartition("/")[2])

    def _structure(self, value: Value) -> Value:
        """A group's attribute as what it is made of; any other value as it is."""
        if isinstance(value, AttributeRef):
            resource = self._neighbour(value.resource)
            if resource is not None and resource.nested is not None:
                try:
                    exposed = nested_attributes.expose(resource, resource.nested, value)
                except NoAttribute:
                    return value  # reported where all attributes are
                return value if exposed.rest else exposed.value
        return value

    def _check_version_of_sections(self) -> None:
        root = self._loaded.root
        assert isinstance(root, MapNode)
        if not has_conditions(self._version) and "conditions" in root.entries:
            self._too_new("conditions", root.keys["conditions"])

    def _too_new(self, key: str, position: Position) -> None:
        self._diagnostics.add(
            Code.FUNCTION_NOT_IN_VERSION,
            f"'{key}' is not of the version {self._version}",
            position,
            hint=f"it is of {CONDITIONS_SINCE} and later",
        )

    def _condition_parameter(self, arguments: Node) -> Any:
        """``get_param`` in a condition: its value must be known now, hidden or not."""
        items = arguments.items if isinstance(arguments, ListNode) else (arguments,)
        written = plain(items[0]) if items else None
        name = written if isinstance(written, str) else ""
        if name == STACK_NAME and not self._level.path:
            return self._stack.name
        parameter = self._parameters.get(name)
        if parameter is None or name in PSEUDO:
            self._diagnostics.add(
                Code.CONDITION,
                f"a condition cannot read the parameter '{written}'",
                arguments.position,
            )
            raise Undecided
        given = parameter.given
        if len(items) == 1 and _is_id(given):
            return _Id(lambda: self._undecided_condition(name, arguments.position))
        if parameter.secret is not None:
            self._diagnostics.add(
                Code.PARAMETER_SECRET,
                f"a condition needs the value of the parameter '{name}' now, and it lies in a key "
                "manager",
                arguments.position,
                hint="only what makes a resource fetches it: give the value itself",
            )
            raise Undecided
        if not parameter.has_value:
            raise self._undecided_condition(name, arguments.position)
        return hot.get_param(parameter.value, *[plain(item) for item in items[1:]])

    def _undecided_condition(self, name: str, position: Position) -> Undecided:
        self._diagnostics.add(
            Code.PARAMETER_MISSING,
            f"a condition needs the value of the parameter '{name}': it decides which "
            "resources there are",
            position,
            hint=f"give it with -P {name}=VALUE or in an environment"
            if not self._level.path
            else f"it comes from a property of '{self._level.path}'",
        )
        return Undecided()

    def _is_enabled(self, node: Node) -> bool:
        assert isinstance(node, MapNode)
        condition = node.entries.get("condition")
        if condition is None or (isinstance(condition, Scalar) and condition.value is None):
            return True
        try:
            return self._conditions.holds(condition)
        except Undecided:
            # Its diagnostic is an error already; reading on finds the rest.
            return True

    def _definition(self, name: str, position: Position, node: MapNode) -> Definition | None:
        if not has_conditions(self._version):
            for key in _LATER_KEYS:
                if key in node.entries:
                    self._too_new(key, node.keys[key])
        if "/" in name or len(name) > 255:
            self._diagnostics.add(
                Code.RESOURCE_DEFINITION,
                "a resource's name has at most 255 characters and no '/'",
                position,
            )
            return None
        properties = self._value(node, "properties")
        metadata = self._value(node, "metadata")
        external = node.entries.get("external_id")
        external_id = self._parser.value(external) if external is not None else None
        policy = self._deletion_policy(node.entries.get("deletion_policy"), name)
        depends_on = tuple(self._depends_on(node, name))
        if external is not None and depends_on:
            self._diagnostics.add(
                Code.RESOURCE_DEFINITION,
                f"'{name}' exists already (external_id) and cannot depend on anything",
                node.keys["depends_on"],
            )
        if properties is None or metadata is None or policy is None:
            return None
        return Definition(
            name=self._level.full(name),
            type=str(plain(node.entries["type"])),
            type_position=node.entries["type"].position,
            position=position,
            properties=properties,
            metadata=metadata,
            depends_on=depends_on,
            deletion_policy=policy,
            update_policy=self._value(node, "update_policy"),
            external_id=external_id,
            description=_text(node.entries.get("description")),
        )

    def _value(self, node: MapNode, key: str) -> Value | None:
        item = node.entries.get(key)
        if item is None or (isinstance(item, Scalar) and item.value is None):
            return MapValue({}, node.position)
        return self._parser.value(item)

    def _deletion_policy(self, node: Node | None, name: str) -> DeletionPolicy | None:
        if node is None:
            return DeletionPolicy.DELETE
        try:
            value = self._parser.known(node, f"the deletion policy of '{name}'")
        except Refused:
            return None
        if value is None:
            return DeletionPolicy.DELETE
        for policy in DeletionPolicy:
            # The lower-case spellings are of 2016-10-14 and later (heat/engine/hot/template.py).
            lower = self._version >= CONDITIONS_SINCE and value == policy.value.lower()
            if value == policy.value or lower:
                return policy
        self._diagnostics.add(
            Code.RESOURCE_DEFINITION,
            f"there is no deletion policy '{value}'",
            node.position,
            hint=f"known: {', '.join(policy.value for policy in DeletionPolicy)}",
        )
        return None

    def _depends_on(self, node: MapNode, name: str) -> list[Dependency]:
        item = node.entries.get("depends_on")
        items = item.items if isinstance(item, ListNode) else (item,)
        found = []
        for entry in items:
            if not isinstance(entry, Scalar) or entry.value is None:
                continue
            target = str(entry.value)
            if target not in self._enabled:
                near = difflib.get_close_matches(target, self._enabled, n=1)
                self._diagnostics.add(
                    Code.UNKNOWN_REFERENCE,
                    f"'{name}' depends on a resource '{target}', and there is none",
                    entry.position,
                    hint=f"did you mean '{near[0]}'?" if near else None,
                )
                continue
            if self._enabled[target]:
                found.append(Dependency(self._level.full(target), entry.position))
        return found

    def _outputs(self) -> dict[str, Output]:
        written = section(self._loaded, "outputs")
        outputs = {}
        for name, node in (written.entries if written else {}).items():
            assert isinstance(node, MapNode)
            value: Value | None
            if self._is_enabled(node):
                value = self._parser.output(node.entries["value"])
            else:
                # Such an output is there, and null (heat/engine/template_common.py).
                value = Literal(None, node.position)
            if value is not None and written is not None:
                description = _text(node.entries.get("description"))
                outputs[name] = Output(name, value, written.keys[name], description)
        return outputs


class _Id:
    """An id that exists only at run time, in a condition: it is text and not empty.

    That decides the comparison that templates make of it (``equals: [{get_param: id}, ""]``);
    whether it is some other text is what ``undecided`` reports.
    """

    def __init__(self, undecided: Callable[[], Undecided]) -> None:
        self._undecided = undecided

    __hash__ = None  # type: ignore[assignment]  # equality is not an identity here

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str) or not other:
            return False
        raise self._undecided()


def _is_id(value: Value | None) -> bool:
    return isinstance(value, ResourceRef) or (
        isinstance(value, ParameterRef) and value.name in (STACK_ID, PROJECT_ID)
    )


def _type(node: Node) -> str:
    """A resource's type as it is written."""
    return (_text(node.entries.get("type")) if isinstance(node, MapNode) else None) or ""


def _text(node: Node | None) -> str | None:
    if not isinstance(node, Scalar) or node.value is None:
        return None
    return str(node.value)
