"""The certificate of a translation: each construct that is used, and whether it means the same.

A walk over the files themselves (the template, those nested in it, environments, breakpoints), not
over what the translator made of them: what it overlooks would be overlooked here too. Verdicts come
from ``constructs``, refusals from the diagnostics of the translation.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.hot import custom_constraints
from wfbreak.translate import cfn, load, opening, registry, schema
from wfbreak.translate.constructs import APPROXIMATED, CUSTOM_CONSTRAINT, NOTES, UNKNOWN_TYPE
from wfbreak.translate.load import Source
from wfbreak.translate.nodes import ListNode, MapNode, Node, Scalar, plain
from wfbreak.translate.parameters import PSEUDO
from wfbreak.translate.versions import CONDITION_FUNCTIONS, FUNCTIONS, Version
from wfbreak.types.schema import OF_OPENSTACK, find

_AWS = frozenset({"AWS::StackId", "AWS::StackName", "AWS::Region"})
_CHAIN = "OS::Heat::ResourceChain"
_DEFINITIONS = ("resource_def", "resource")
"""The properties of groups that define their members."""


class Verdict(enum.Enum):
    EXACT = "exact"
    APPROXIMATED = "approximated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """A construct in its place. ``note`` says how it is approximated or why it is refused."""

    verdict: Verdict
    construct: str
    position: Position | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """All constructs of a translation, file by file."""

    entries: tuple[Entry, ...]

    def of(self, verdict: Verdict) -> list[Entry]:
        """The entries with this verdict."""
        return [entry for entry in self.entries if entry.verdict is verdict]


def certify(
    diagnostics: Diagnostics, environments: Iterable[str], break_files: Iterable[str]
) -> Certificate:
    """The certificate of the translation that ``diagnostics`` are of.

    Its files are those whose text the diagnostics hold; what is neither among ``environments`` nor
    among ``break_files`` is a template.
    """
    environments, break_files = set(environments), set(break_files)
    entries: list[Entry] = []
    for name, text in diagnostics.texts.items():
        loaded = load.load(Source(name, text), Diagnostics())
        if loaded is None or not isinstance(loaded.root, MapNode):
            continue
        if name in environments:
            entries += _environment(loaded.root)
        elif name in break_files:
            entries += _breakpoints(loaded.root)
        else:
            version = opening.version_of(loaded, Diagnostics())
            if version is None:
                continue
            if version in cfn.FORMATS.values() and schema.validate(loaded, "cfn", Diagnostics()):
                loaded = cfn.as_hot(loaded)
            assert isinstance(loaded.root, MapNode)
            entries += _Template(loaded.root, version).entries()
    entries += [
        Entry(Verdict.REFUSED, finding.code.title, finding.position, finding.message)
        for finding in diagnostics.errors
        if finding.code is not Code.STRICT
    ]
    return Certificate(tuple(entries))


def _entry(construct: str, position: Position) -> Entry:
    if construct in APPROXIMATED:
        return Entry(Verdict.APPROXIMATED, construct, position, APPROXIMATED[construct])
    return Entry(Verdict.EXACT, construct, position, NOTES.get(construct))


def _items(node: Node | None) -> Iterator[tuple[str, Node, Position]]:
    if isinstance(node, MapNode):
        for key, item in node.entries.items():
            yield key, item, node.keys[key]


class _Template:
    """The constructs of one template, with HOT's names for its sections."""

    def __init__(self, root: MapNode, version: Version) -> None:
        self._root = root
        self._functions = {name for name, span in FUNCTIONS.items() if version in span}
        self._tests = {name for name, span in CONDITION_FUNCTIONS.items() if version in span}

    def entries(self) -> Iterator[Entry]:
        for key, node, position in _items(self._root):
            yield _entry(f"section:{key}", position)
            if key == "parameters":
                for _, declared, _ in _items(node):
                    yield from self._parameter(declared)
            elif key == "conditions":
                yield from self._value(node, self._tests)
            elif key == "resources":
                for _, resource, _ in _items(node):
                    yield from self._resource(resource)
            elif key == "outputs":
                for _, output, _ in _items(node):
                    yield from self._resource(output)

    def _parameter(self, declared: Node) -> Iterator[Entry]:
        for key, node, position in _items(declared):
            if key == "type":
                yield _entry(f"parameter type:{plain(node)}", position)
            elif key != "constraints":
                yield _entry(f"parameter key:{key}", position)
            elif isinstance(node, ListNode):
                for constraint in node.items:
                    yield from self._constraint(constraint)

    def _constraint(self, constraint: Node) -> Iterator[Entry]:
        for key, node, position in _items(constraint):
            if key == "custom_constraint" and not custom_constraints.is_known(plain(node)):
                construct = f"constraint:{key} {plain(node)}"
                yield Entry(Verdict.APPROXIMATED, construct, position, CUSTOM_CONSTRAINT)
            elif key != "description":
                yield _entry(f"constraint:{key}", position)

    def _resource(self, resource: Node) -> Iterator[Entry]:
        entries = resource.entries if isinstance(resource, MapNode) else {}
        kind = plain(entries["type"]) if "type" in entries else None
        for key, node, position in _items(resource):
            if key == "type":
                yield from _type(str(kind), entries, position)
            elif key in ("properties", "metadata", "value", "external_id"):
                yield from self._value(node, self._functions)
            elif key == "condition":
                yield _entry("key:condition", position)
                yield from self._value(node, self._tests)
            elif key != "description":
                yield _entry(f"key:{key}", position)
                yield from self._value(node, self._functions)

    def _value(self, node: Node, functions: set[str]) -> Iterator[Entry]:
        if isinstance(node, ListNode):
            for item in node.items:
                yield from self._value(item, functions)
        for key, item, position in _items(node):
            if key in _DEFINITIONS and isinstance(item, MapNode) and "type" in item.entries:
                kind = item.entries["type"]
                yield from _type(str(plain(kind)), item.entries, kind.position)
            if isinstance(node, MapNode) and len(node.entries) == 1 and key in functions:
                yield from self._function(key, item, position)
            is_condition = key in ("if", "Fn::If") and isinstance(item, ListNode) and item.items
            if is_condition and isinstance(item, ListNode):
                yield from self._value(item.items[0], self._tests)
                for branch in item.items[1:]:
                    yield from self._value(branch, functions)
            else:
                yield from self._value(item, functions)

    def _function(self, name: str, arguments: Node, position: Position) -> Iterator[Entry]:
        first = arguments.items[0] if isinstance(arguments, ListNode) and arguments.items else None
        written = plain(first) if first is not None else plain(arguments)
        if name in ("get_param", "Ref") and written in PSEUDO | _AWS:
            yield _entry(f"parameter:{written}", position)
        whole = isinstance(arguments, ListNode) and len(arguments.items) == 1
        yield _entry(
            "function:get_attr of all attributes"
            if name == "get_attr" and whole
            else f"function:{name}",
            position,
        )


def _type(kind: str, entries: dict[str, Node], position: Position) -> Iterator[Entry]:
    properties = entries.get("properties")
    given = properties.entries if isinstance(properties, MapNode) else {}
    if kind == "OS::Heat::Stack" and "context" in given:
        yield _entry("type:OS::Heat::Stack with a context", position)
        return
    if _is_unknown(kind, position):
        yield Entry(Verdict.EXACT, f"type:{kind}", position, UNKNOWN_TYPE)
    else:
        yield _entry(f"type:{kind}", position)
    concurrent = given.get("concurrent")
    if kind == _CHAIN and isinstance(concurrent, Scalar) and concurrent.value:
        yield _entry("property:concurrent of OS::Heat::ResourceChain", concurrent.position)


def _is_unknown(kind: str, position: Position) -> bool:
    if not kind.startswith(OF_OPENSTACK):
        return False
    return find(registry.resolve((), kind, position, "").type) is None


def _environment(root: MapNode) -> Iterator[Entry]:
    for key, node, position in _items(root):
        yield _entry(f"section:{key}", position)
        if key == "resource_registry":
            yield from _registry(node)


def _registry(registry: Node) -> Iterator[Entry]:
    for key, node, position in _items(registry):
        if key == "resources":
            yield from _registry_of_resources(node)
        elif key.endswith("*") and str(plain(node)).endswith("*"):
            yield _entry("registry:pattern for many types", position)
        elif key.endswith("*"):
            yield _entry("registry:pattern for one type", position)
        else:
            yield _entry("registry:type", position)


def _registry_of_resources(node: Node) -> Iterator[Entry]:
    for key, item, position in _items(node):
        if key == "hooks":
            hooks = item.items if isinstance(item, ListNode) else (item,)
            for hook in hooks:
                yield _entry(f"hook:{plain(hook)}", hook.position)
        elif key == "restricted_actions":
            yield _entry("registry:restricted_actions", position)
        elif isinstance(item, MapNode):
            yield from _registry_of_resources(item)
        else:
            yield _entry("registry:type of one resource", position)


def _breakpoints(root: MapNode) -> Iterator[Entry]:
    listed = root.entries.get("breakpoints")
    for item in listed.items if isinstance(listed, ListNode) else ():
        yield _entry("breakpoint", item.position)
