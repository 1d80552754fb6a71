"""Pass 3: read what the template says.

Conditions are decided, functions read and folded, types mapped by the environment's registry.
Mistakes are collected; a resource that cannot be read is left out, so that the others are read.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.hot import functions as hot
from wfbreak.translate.conditions import Conditions, Undecided
from wfbreak.translate.environment import Environment, TypeRule
from wfbreak.translate.load import Loaded
from wfbreak.translate.nodes import ListNode, MapNode, Node, Scalar, plain
from wfbreak.translate.parameters import (
    PSEUDO,
    STACK_NAME,
    Declaration,
    Parameter,
    declare,
    resolve,
)
from wfbreak.translate.parse import Parser, Refused, Scope
from wfbreak.translate.template import (
    DeletionPolicy,
    Dependency,
    Output,
    Resource,
    Template,
)
from wfbreak.translate.values import Literal, MapValue, Value
from wfbreak.translate.versions import CONDITIONS_SINCE, NAMES, Version

_NESTED_TYPES = frozenset(
    {
        "OS::Heat::Stack",
        "OS::Heat::ResourceGroup",
        "OS::Heat::ResourceChain",
        "OS::Heat::AutoScalingGroup",
        "OS::Heat::InstanceGroup",
        "AWS::AutoScaling::AutoScalingGroup",
        "AWS::CloudFormation::Stack",
    }
)
_FILE_ENDINGS = (".yaml", ".template")
_LATER_KEYS = ("condition", "external_id")


def version_of(loaded: Loaded, diagnostics: Diagnostics) -> Version | None:
    """The template's HOT version; ``None``, with a diagnostic, if it is none that Heat has."""
    root = loaded.root
    if not isinstance(root, MapNode):
        diagnostics.add(Code.NOT_HOT, "a template is a map", root.position)
        return None
    node = root.entries.get("heat_template_version")
    if node is None:
        for key in ("AWSTemplateFormatVersion", "HeatTemplateFormatVersion"):
            if key in root.entries:
                diagnostics.add(
                    Code.UNSUPPORTED_FORMAT,
                    "CloudFormation templates are not supported yet",
                    root.keys[key],
                )
                return None
        diagnostics.add(
            Code.NOT_HOT,
            f"{loaded.source.name} is not a template: it has no heat_template_version",
            root.position,
            hint=f"a template begins with 'heat_template_version: {max(Version)}'",
        )
        return None
    text = str(plain(node))
    if text not in NAMES:
        near = difflib.get_close_matches(text, NAMES, n=1)
        diagnostics.add(
            Code.UNKNOWN_VERSION,
            f"there is no template version '{text}'",
            node.position,
            hint=(f"did you mean '{near[0]}'? " if near else "") + f"known: {', '.join(NAMES)}",
        )
        return None
    return NAMES[text]


def declarations(loaded: Loaded, diagnostics: Diagnostics) -> dict[str, Declaration]:
    """The parameters that the template declares: what the environment pass needs of it."""
    return declare(_section(loaded, "parameters"), diagnostics)


def build(
    loaded: Loaded,
    version: Version,
    declared: Mapping[str, Declaration],
    environment: Environment,
    stack_name: str,
    diagnostics: Diagnostics,
) -> Template:
    """The template's model. Look at ``diagnostics`` for what could not be read."""
    parameters = resolve(declared, environment, diagnostics)
    return _Builder(loaded, version, parameters, environment, stack_name, diagnostics).build()


def _section(loaded: Loaded, name: str) -> MapNode | None:
    node = loaded.root.entries.get(name) if isinstance(loaded.root, MapNode) else None
    return node if isinstance(node, MapNode) else None


class _Builder:
    def __init__(
        self,
        loaded: Loaded,
        version: Version,
        parameters: Mapping[str, Parameter],
        environment: Environment,
        stack_name: str,
        diagnostics: Diagnostics,
    ) -> None:
        self._loaded = loaded
        self._version = version
        self._parameters = parameters
        self._environment = environment
        self._stack_name = stack_name
        self._diagnostics = diagnostics
        self._conditions = Conditions(
            _section(loaded, "conditions"), version, self._condition_parameter, diagnostics
        )

    def build(self) -> Template:
        self._check_version_of_sections()
        self._conditions.decide_all()
        nodes = _section(self._loaded, "resources")
        enabled = {
            name: self._enabled(node) for name, node in (nodes.entries if nodes else {}).items()
        }
        parser = Parser(
            Scope(
                self._version,
                self._stack_name,
                Path(self._loaded.source.name).parent,
                self._parameters,
                enabled,
                self._conditions.holds,
            ),
            self._diagnostics,
        )
        resources = {}
        for name in (name for name, is_enabled in enabled.items() if is_enabled):
            assert nodes is not None
            node = nodes.entries[name]
            assert isinstance(node, MapNode)
            resource = self._resource(name, nodes.keys[name], node, parser, enabled)
            if resource is not None:
                resources[name] = resource
        description = self._loaded.root
        assert isinstance(description, MapNode)
        text = description.entries.get("description")
        return Template(
            name=self._stack_name,
            version=self._version,
            source=self._loaded.source.name,
            description=_text(text),
            parameters=self._parameters,
            resources=resources,
            disabled={
                name: nodes.keys[name] for name, is_enabled in enabled.items() if not is_enabled
            }
            if nodes
            else {},
            outputs=self._outputs(parser),
        )

    def _check_version_of_sections(self) -> None:
        root = self._loaded.root
        assert isinstance(root, MapNode)
        if self._version < CONDITIONS_SINCE and "conditions" in root.entries:
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
        if name == STACK_NAME:
            return self._stack_name
        parameter = self._parameters.get(name)
        if parameter is None or name in PSEUDO:
            self._diagnostics.add(
                Code.CONDITION,
                f"a condition cannot read the parameter '{written}'",
                arguments.position,
            )
            raise Undecided
        if not parameter.has_value:
            self._diagnostics.add(
                Code.PARAMETER_MISSING,
                f"a condition needs the value of the parameter '{name}': it decides which "
                "resources there are",
                arguments.position,
                hint=f"give it with -P {name}=VALUE or in an environment",
            )
            raise Undecided
        return hot.get_param(parameter.value, *[plain(item) for item in items[1:]])

    def _enabled(self, node: Node) -> bool:
        assert isinstance(node, MapNode)
        condition = node.entries.get("condition")
        if condition is None or (isinstance(condition, Scalar) and condition.value is None):
            return True
        try:
            return self._conditions.holds(condition)
        except Undecided:
            # Its diagnostic is an error already; reading on finds the rest.
            return True

    def _resource(
        self,
        name: str,
        position: Position,
        node: MapNode,
        parser: Parser,
        enabled: Mapping[str, bool],
    ) -> Resource | None:
        if self._version < CONDITIONS_SINCE:
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
        written = str(plain(node.entries["type"]))
        kind = self._type(written, name)
        if kind in _NESTED_TYPES or kind.endswith(_FILE_ENDINGS):
            what = "a nested template" if kind.endswith(_FILE_ENDINGS) else kind
            self._diagnostics.add(
                Code.UNSUPPORTED_RESOURCE,
                f"the resource '{name}' is {what}, which is not supported yet",
                node.entries["type"].position,
                hint="its resources can stand in this template themselves",
            )
            return None
        properties = self._value(parser, node, "properties")
        metadata = self._value(parser, node, "metadata")
        external = node.entries.get("external_id")
        external_id = parser.value(external) if external is not None else None
        policy = self._deletion_policy(node.entries.get("deletion_policy"), name, parser)
        depends_on = tuple(self._depends_on(node, name, enabled))
        if external is not None and depends_on:
            self._diagnostics.add(
                Code.RESOURCE_DEFINITION,
                f"'{name}' exists already (external_id) and cannot depend on anything",
                node.keys["depends_on"],
            )
        if properties is None or metadata is None or policy is None:
            return None
        return Resource(
            name=name,
            type=kind,
            written_type=written,
            position=position,
            properties=properties,
            metadata=metadata,
            depends_on=tuple(d for d in depends_on if enabled[d.resource]),
            deletion_policy=DeletionPolicy.RETAIN if external_id is not None else policy,
            external_id=external_id,
            description=_text(node.entries.get("description")),
        )

    def _value(self, parser: Parser, node: MapNode, key: str) -> Value | None:
        item = node.entries.get(key)
        if item is None or (isinstance(item, Scalar) and item.value is None):
            return MapValue({}, node.position)
        return parser.value(item)

    def _deletion_policy(
        self, node: Node | None, name: str, parser: Parser
    ) -> DeletionPolicy | None:
        if node is None:
            return DeletionPolicy.DELETE
        try:
            value = parser.known(node, f"the deletion policy of '{name}'")
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

    def _depends_on(
        self, node: MapNode, name: str, enabled: Mapping[str, bool]
    ) -> list[Dependency]:
        item = node.entries.get("depends_on")
        items = item.items if isinstance(item, ListNode) else (item,)
        found = []
        for entry in items:
            if not isinstance(entry, Scalar) or entry.value is None:
                continue
            target = str(entry.value)
            if target not in enabled:
                near = difflib.get_close_matches(target, enabled, n=1)
                self._diagnostics.add(
                    Code.UNKNOWN_REFERENCE,
                    f"'{name}' depends on a resource '{target}', and there is none",
                    entry.position,
                    hint=f"did you mean '{near[0]}'?" if near else None,
                )
                continue
            found.append(Dependency(target, entry.position))
        return found

    def _type(self, written: str, name: str) -> str:
        kind = written
        for _ in range(10):  # a registry that maps in a circle would go on for ever
            mapped = _mapped(self._environment.types, kind, name)
            if mapped is None or mapped == kind:
                return kind
            kind = mapped
        return kind

    def _outputs(self, parser: Parser) -> dict[str, Output]:
        section = _section(self._loaded, "outputs")
        outputs = {}
        for name, node in (section.entries if section else {}).items():
            assert isinstance(node, MapNode)
            value: Value | None
            if self._enabled(node):
                value = parser.output(node.entries["value"])
            else:
                # Such an output is there, and null (heat/engine/template_common.py).
                value = Literal(None, node.position)
            if value is not None and section is not None:
                description = _text(node.entries.get("description"))
                outputs[name] = Output(name, value, section.keys[name], description)
        return outputs


def _text(node: Node | None) -> str | None:
    if not isinstance(node, Scalar) or node.value is None:
        return None
    return str(node.value)


def _mapped(rules: tuple[TypeRule, ...], kind: str, name: str) -> str | None:
    """What the registry makes of a type, for this resource: its own entries before the others,
    exact names before patterns (heat/engine/environment.py)."""
    for own in (name, None):
        here = [rule for rule in rules if rule.resource == own and rule.target is not None]
        for rule in here:
            if rule.source == kind:
                return rule.target
        for rule in here:
            prefix = rule.source.removesuffix("*")
            if rule.source.endswith("*") and kind.startswith(prefix) and kind != rule.target:
                assert rule.target is not None
                if rule.target.endswith("*"):
                    return rule.target[:-1] + kind[len(prefix) :]
                return rule.target
    return None
