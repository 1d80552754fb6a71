"""Pass 2: environment files, merged as Heat merges them on the server.

The rules are those of heat/common/environment_util.py: files in order; a parameter's value is
replaced whole unless a strategy says otherwise, and a parameter's strategy must be the same in
every file that sets it; any other section is merged one level deep, so that a second file's
``resource_registry.resources`` replaces the first's, hooks included. Where that surprises people,
a warning says so.
"""

from __future__ import annotations

import enum
import fnmatch
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.hot.parameters import ParameterSchema, ParameterType
from wfbreak.translate.load import Loaded
from wfbreak.translate.nodes import ListNode, MapNode, Node, Plain, Scalar, plain

_NOT_TYPES = frozenset({"base_url", "hooks", "restricted_actions"})
"""What may stand beside type mappings below a resource's name in the registry."""


class Hook(enum.Enum):
    """Where a stack can be stopped, by Heat's names (heat/engine/environment.py) and one more."""

    PRE_CREATE = "pre-create"
    PRE_UPDATE = "pre-update"
    PRE_DELETE = "pre-delete"
    POST_CREATE = "post-create"
    POST_UPDATE = "post-update"
    POST_DELETE = "post-delete"
    POST_BATCH = "post-batch"
    """Not of Heat's: between two batches of a group's members."""

    @property
    def is_before(self) -> bool:
        """Whether it comes before what is done, not after."""
        return self.value.startswith("pre-")

    @property
    def action(self) -> str:
        """What is done there: ``create``, ``update``, ``delete`` or ``batch``."""
        return self.value.partition("-")[2]


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter's value as someone gave it. No position: it came from the command line."""

    value: Plain
    position: Position | None


@dataclass(frozen=True, slots=True)
class HookRule:
    """Hooks on the resources that match ``path``: patterns from the outermost stack inwards."""

    path: tuple[str, ...]
    hook: Hook
    position: Position


@dataclass(frozen=True, slots=True)
class TypeRule:
    """``source`` stands for ``target`` (null: unmapped), for one resource name or for all.

    ``base`` is the registry's ``base_url``: where a file's name begins, if not beside the
    environment.
    """

    resource: str | None
    source: str
    target: str | None
    position: Position
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """``resources`` is what the registry says of single resources, nested stacks inwards;
    ``secrets`` are the parameters whose values lie in a key manager, each with its secret's id."""

    parameters: Mapping[str, Given] = field(default_factory=dict)
    parameter_defaults: Mapping[str, Given] = field(default_factory=dict)
    hooks: tuple[HookRule, ...] = ()
    types: tuple[TypeRule, ...] = ()
    encrypted: frozenset[str] = frozenset()
    resources: MapNode | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)

    def inside(self, resource: str, used: TypeRule | None = None) -> Environment:
        """The environment of the stack inside ``resource``.

        What the registry says of single resources is narrowed to what it says below this one's
        name; ``used``, the rule that made it a stack, counts no more, so that a template may
        stand for a type and use the type itself (heat/engine/environment.py,
        get_child_environment).
        """
        entries: dict[str, Node] = {}
        keys: dict[str, Position] = {}
        here = self.resources.entries if self.resources else {}
        matching = [node for name, node in here.items() if fnmatch.fnmatchcase(resource, name)]
        for node in (*matching, here.get(resource)):
            if isinstance(node, MapNode):
                entries |= node.entries
                keys |= node.keys
        position = self.resources.position if self.resources else Position("", 0, 0)
        resources = MapNode(entries, keys, position)
        types = tuple(rule for rule in self.types if rule.resource is None and rule != used)
        return replace(
            self,
            parameters={},
            secrets={},
            hooks=(),
            types=(*_types_of_resources(resources), *types),
            resources=resources,
        )

    def restricted(self, name: str) -> tuple[str, ...]:
        """What must not be done to the resource with this whole name: ``update``, ``replace``
        (heat/engine/environment.py, get_rsrc_restricted_actions)."""
        nodes = [self.resources] if self.resources is not None else []
        for step in name.split("/"):
            nodes = [
                entry
                for node in nodes
                for key, entry in node.entries.items()
                if isinstance(entry, MapNode) and fnmatch.fnmatchcase(step, key)
            ]
        said: set[str] = set()
        for node in nodes:
            value = node.entries.get("restricted_actions")
            items = value.items if isinstance(value, ListNode) else (value,) if value else ()
            said.update(str(plain(item)) for item in items)
        return tuple(sorted(said))


def merge(
    files: Sequence[Loaded],
    options: Mapping[str, Plain],
    schemata: Mapping[str, ParameterSchema],
    diagnostics: Diagnostics,
) -> Environment:
    """One environment of several files and the command line's ``options`` (``-P``).

    ``schemata`` are the template's parameters: how two values merge depends on the type.
    """
    merger = _Merger(schemata, diagnostics)
    parameters: dict[str, Given] = {name: Given(value, None) for name, value in options.items()}
    defaults: dict[str, Given] = {}
    registry: dict[str, tuple[Node, Position]] = {}
    encrypted: set[str] = set()
    for loaded in files:
        if not isinstance(loaded.root, MapNode):
            continue
        sections = loaded.root.entries
        strategies = _strategies(sections.get("parameter_merge_strategies"))
        if values := _map(sections.get("parameters")):
            merger.warn_options(options, values)
            parameters = merger.parameters(parameters, values, strategies)
        if values := _map(sections.get("parameter_defaults")):
            defaults = merger.parameters(defaults, values, strategies)
        if entries := _map(sections.get("resource_registry")):
            merger.registry(registry, entries)
        names = sections.get("encrypted_param_names")
        if isinstance(names, ListNode):
            encrypted |= {str(name) for name in map(plain, names.items)}
        if sections.get("event_sinks") is not None:
            diagnostics.add(
                Code.IGNORED,
                "event_sinks are not used: the engine's own notifier tells of events",
                loaded.root.keys["event_sinks"],
            )
    hooks = tuple(_hooks(registry))
    merger.tell_lost_hooks(hooks)
    return Environment(
        parameters,
        defaults,
        hooks,
        tuple(_types(registry)),
        frozenset(encrypted),
        _map(registry["resources"][0]) if "resources" in registry else None,
    )


def _map(node: Node | None) -> MapNode | None:
    return node if isinstance(node, MapNode) and node.entries else None


def _strategies(node: Node | None) -> dict[str, str]:
    return (
        {str(k): str(v.value) for k, v in node.entries.items() if isinstance(v, Scalar)}
        if (isinstance(node, MapNode))
        else {}
    )


class _Merger:
    def __init__(self, schemata: Mapping[str, ParameterSchema], diagnostics: Diagnostics) -> None:
        self._schemata = schemata
        self._diagnostics = diagnostics
        self._strategies: dict[str, tuple[str, str]] = {}
        self._replaced: list[tuple[HookRule, Position]] = []

    def warn_options(self, options: Mapping[str, Plain], values: MapNode) -> None:
        for name in values.entries:
            if name in options:
                self._diagnostics.add(
                    Code.ENVIRONMENT_BEATS_OPTION,
                    f"this value of '{name}' is used, not the one on the command line",
                    values.keys[name],
                    hint="Heat merges environment files over -P: take the line out, or put the "
                    "value in a later environment file",
                )

    def parameters(
        self, old: dict[str, Given], new: MapNode, strategies: Mapping[str, str]
    ) -> dict[str, Given]:
        merged = dict(old)
        for name, node in new.entries.items():
            given = Given(plain(node), new.keys[name])
            schema = self._schemata.get(name)
            if not old:
                merged[name] = given
            if schema is None or given.value is None:
                continue
            strategy = self._strategy(name, new.keys[name], strategies)
            if strategy is None or not old:
                continue
            before = old.get(name)
            if strategy == "overwrite":
                merged[name] = given
                continue
            try:
                value = _merged(
                    before.value if before else None,
                    given.value,
                    schema.type,
                    strategy == "deep_merge",
                )
            except (TypeError, ValueError):
                self._diagnostics.add(
                    Code.MERGE_STRATEGY,
                    f"this value of '{name}' cannot be merged with the one before it",
                    new.keys[name],
                )
                continue
            merged[name] = Given(value, new.keys[name])
        return merged

    def _strategy(self, name: str, position: Position, strategies: Mapping[str, str]) -> str | None:
        """The parameter's strategy, or ``None`` if an earlier file had another (an error)."""
        default = strategies.get("default", "overwrite")
        before = self._strategies.get(name)
        strategy = strategies.get(name, before[0] if before else default)
        if before is None:
            self._strategies[name] = (strategy, position.file)
        elif before[0] != strategy:
            self._diagnostics.add(
                Code.MERGE_STRATEGY,
                f"'{name}' has the merge strategy '{strategy}' here, '{before[0]}' in {before[1]}",
                position,
                hint="give it the same strategy in every file that sets it",
            )
            return None
        return strategy

    def registry(self, registry: dict[str, tuple[Node, Position]], new: MapNode) -> None:
        """Merge one level deep: the keys of the later file replace those of the earlier."""
        before = registry.get("resources")
        later = new.entries.get("resources")
        if before is not None and isinstance(later, MapNode):
            assert isinstance(before[0], MapNode)
            lost = sorted(set(before[0].entries) - set(later.entries))
            if lost:
                self._diagnostics.add(
                    Code.REGISTRY_REPLACED,
                    f"this 'resources' replaces the one at {before[1]}: what that says of "
                    f"{', '.join(lost)} is lost, its hooks too",
                    new.keys["resources"],
                    hint="Heat does the same: put all entries under 'resources' of the last file",
                )
            position = new.keys["resources"]
            self._replaced += [(rule, position) for rule in _hooks_below((), before[0])]
        for key, node in new.entries.items():
            if plain(node) is not None:
                registry[key] = (node, new.keys[key])

    def tell_lost_hooks(self, kept: Iterable[HookRule]) -> None:
        """Say which hooks no later file repeats, of those that one has replaced."""
        stop = {(rule.path, rule.hook) for rule in kept}
        for rule, position in self._replaced:
            if (rule.path, rule.hook) not in stop:
                self._diagnostics.add(
                    Code.HOOK_REPLACED,
                    f"the hook {rule.hook.value} on '{'/'.join(rule.path)}' is lost: 'resources' "
                    f"at {position} replaces it",
                    rule.position,
                    hint="Heat does the same: repeat the hook there",
                )


def _merged(old: Any, new: Any, kind: ParameterType, deep: bool) -> Plain:
    """Two values of one parameter in one, by type.

    :raises ValueError, TypeError: if they cannot be.
    """
    result: Plain
    if kind is not ParameterType.JSON and not isinstance(new, (str, list)):
        # Numbers and booleans do not: Heat asks for a sequence first (parse_param).
        raise TypeError("only text, lists and maps merge")
    if old is None and kind in (ParameterType.STRING, ParameterType.LIST, ParameterType.JSON):
        result = _json(new) if kind is ParameterType.JSON else new
    elif kind is ParameterType.JSON:
        result = _merged_maps(_json(old), _json(new), deep)
    elif kind is ParameterType.LIST:
        result = [*old, *new] if isinstance(old, list) and isinstance(new, list) else f"{old},{new}"
        if isinstance(old, list) != isinstance(new, list):
            raise TypeError("a list and text with commas do not merge")
    elif kind is ParameterType.STRING:
        result = "".join([old, new])
    elif kind is ParameterType.NUMBER:
        result = old + new
    else:
        raise TypeError(f"values of the type {kind.value} do not merge")
    return result


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _merged_maps(old: Any, new: Any, deep: bool) -> Any:
    if not isinstance(old, dict) or not isinstance(new, dict):
        raise TypeError("only maps merge")
    merged = dict(old)
    for key, value in new.items():
        if value is None:
            continue
        before = merged.get(key)
        if not deep or not before:
            merged[key] = value
        elif isinstance(value, dict):
            merged[key] = _merged_maps(before, value, deep)
        elif isinstance(value, list):
            merged[key] = [*before, *value]
        elif isinstance(value, str):
            merged[key] = "".join([before, value])
        else:
            merged[key] = value
    return merged


def _hooks(registry: Mapping[str, tuple[Node, Position]]) -> Iterator[HookRule]:
    resources = registry.get("resources")
    if resources is not None and isinstance(resources[0], MapNode):
        yield from _hooks_below((), resources[0])


def _hooks_below(path: tuple[str, ...], node: MapNode) -> Iterator[HookRule]:
    for key, value in node.entries.items():
        if key == "hooks" and path:
            items = value.items if isinstance(value, ListNode) else (value,)
            for item in items:
                yield HookRule(path, Hook(str(plain(item))), item.position)
        elif isinstance(value, MapNode):
            yield from _hooks_below((*path, key), value)


def _types(registry: Mapping[str, tuple[Node, Position]]) -> Iterator[TypeRule]:
    base = _base(registry["base_url"][0]) if "base_url" in registry else None
    for key, (node, position) in registry.items():
        if key == "resources" and isinstance(node, MapNode):
            yield from _types_of_resources(node, base)
        elif isinstance(node, Scalar) and key != "base_url":
            yield TypeRule(None, key, _text(node), position, base)


def _types_of_resources(resources: MapNode, base: str | None = None) -> Iterator[TypeRule]:
    for name, entry in resources.entries.items():
        if isinstance(entry, MapNode):
            own = entry.entries.get("base_url")
            here = _base(own) if own is not None else base
            for source, target in entry.entries.items():
                if isinstance(target, Scalar) and source not in _NOT_TYPES:
                    yield TypeRule(name, source, _text(target), entry.keys[source], here)


def _base(node: Node) -> str | None:
    return _text(node) if isinstance(node, Scalar) else None


def _text(node: Scalar) -> str | None:
    return None if node.value is None else str(node.value)
