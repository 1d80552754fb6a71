"""Which resources have a breakpoint, from hooks, options and files: all become the same thing.

Heat never tells of a hook that matches nothing, and the stack runs through. Here that is an error,
at the line that sets the hook; one that cannot fire for a reason is a warning.
"""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.translate.dependencies import Entry, Node, Removal
from wfbreak.translate.environment import Hook
from wfbreak.translate.places import Place
from wfbreak.translate.stop_conditions import StopCondition
from wfbreak.translate.stop_rules import Limit, Rule
from wfbreak.translate.template import Family, Template


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """A stop before or after one resource, and everything that asked for it.

    One that nobody asked for is a place where the stack can be stopped (step mode). With
    ``conditions`` it stops if one of them holds when the stack comes to it. ``removes`` is the step
    at which it stands, where that is one that takes something away; if it is not ``certain`` that
    there is something to take away, it stops only if there is. ``batch`` is that of a group after
    which it stands.
    """

    resource: str
    hook: Hook
    armed_by: tuple[str, ...] = ()
    message: str | None = None
    conditions: tuple[StopCondition, ...] = ()
    limit: Limit | None = None
    removes: Removal | None = None
    certain: bool = True
    batch: Entry | None = None

    @property
    def node(self) -> Node:
        """The step of the graph at which it stands."""
        return self.removes or self.batch or self.resource

    @property
    def when(self) -> str:
        """The hook; of a batch, with its number."""
        return f"{self.hook.value}-{self.batch.batch}" if self.batch else self.hook.value

    @property
    def is_armed(self) -> bool:
        return bool(self.armed_by)

    @property
    def name(self) -> str:
        return f"{self.resource}:{self.when}"


def arm(
    rules: Iterable[Rule],
    template: Template,
    found_places: Sequence[Place],
    diagnostics: Diagnostics,
    removals: Iterable[Rule] = (),
    order: Iterable[str] = (),
) -> list[Breakpoint]:
    """The breakpoints at the places where the stack can stop, in the order of these.

    A pattern has a glob for each name on the way from the outermost stack to the resource
    (``web/*/server``), as Heat's nested hooks have (heat/engine/environment.py, ``fnmatch``);
    ``**`` stands for any number of names. ``removals`` take away what the rules set; ``order`` is
    that of the creation.
    """
    armer = _Armer(template, found_places, list(order), diagnostics)
    found: dict[tuple[str, Hook], list[Rule]] = {}
    for rule in rules:
        for place, hook in armer.stops(rule):
            found.setdefault((place.key, hook), []).append(rule)
    for rule in removals:
        here = [
            (place.key, hook) for place, hook in armer.fitting(rule) if (place.key, hook) in found
        ]
        if not here:
            diagnostics.add(
                Code.HOOK_MATCHES_NOTHING,
                f"{rule.origin}: there is no breakpoint to take away",
                hint=f"breakpoints: {', '.join(f'{n}:{h.value}' for n, h in found) or 'none'}",
            )
        for key in here:
            del found[key]
    _tell_idle_conditions(found, diagnostics)
    return [
        _breakpoint(place, hook, found[place.key, hook])
        for place in found_places
        for hook in place.hooks
        if (place.key, hook) in found
    ]


class _Armer:
    def __init__(
        self,
        template: Template,
        found_places: Sequence[Place],
        order: list[str],
        diagnostics: Diagnostics,
    ) -> None:
        self.resources = {resource.name: resource for resource in template.walk()}
        self._places = found_places
        hooks = [hook for place in found_places if not place.is_there for hook in place.hooks]
        self._actions = list(dict.fromkeys(hook.action for hook in hooks))
        self._disabled = {
            name: kind for inner in template.templates() for name, kind in inner.disabled.items()
        }
        self._rank = {name: index for index, name in enumerate(order or self.resources)}
        self._diagnostics = diagnostics

    def fitting(self, rule: Rule) -> list[tuple[Place, Hook]]:
        """The places that a rule asks for, each with the hook there; without one in the rule, that
        of what comes first for the resource."""
        found = []
        seen = set()
        for place in self._places:
            hook = place.hooks[0] if rule.hook is None else rule.hook
            if (
                place.is_there
                or hook not in place.hooks
                or not _fits(rule, place.resource, place.types)
            ):
                continue
            if rule.hook is None and place.resource in seen:
                continue
            seen.add(place.resource)
            found.append((place, hook))
        return found

    def stops(self, rule: Rule) -> list[tuple[Place, Hook]]:
        """The places that a rule stops at; a rule that can never stop is a finding."""
        position = rule.origin if isinstance(rule.origin, Position) else None
        prefix = "" if position else f"{rule.origin}: "
        live = {place.key: (place, hook) for place, hook in self.fitting(rule)}
        if rule.hook is Hook.POST_BATCH and not live:
            self._tell_no_batches(rule, prefix, position)
            return []
        if rule.hook is not None and rule.hook.action not in self._actions and self._actions:
            self._tell_other(rule, prefix, position)
            return []
        taken = [
            r.name
            for r in self.resources.values()
            if r.external_id is not None and _fits(rule, r.name, (r.type, r.written_type))
        ]
        for name in taken:
            self._diagnostics.add(
                Code.HOOK_CANNOT_FIRE,
                f"{prefix}'{name}' exists already (external_id): it is not created",
                position,
            )
        if not live and not taken:
            if any(_fits(rule, p.resource, p.types) for p in self._places if not p.is_there):
                # Something else is done there: an environment has hooks for all of a stack's life.
                if position is None:
                    self._tell_other(rule, prefix, position)
            else:
                self._tell_nothing(rule, prefix, position)
        counted = sorted(self._every(live, rule.every), key=self._rank_of)
        if live and not counted[rule.ignore :]:
            self._diagnostics.add(
                Code.HOOK_CANNOT_FIRE,
                f"{prefix}'{rule.said}' never stops: of {len(live)} matches, every "
                f"{rule.every} counts, and {rule.ignore} are ignored",
                position,
            )
        return [live[name] for name in counted[rule.ignore :]]

    def _rank_of(self, name: str) -> int:
        return self._rank.get(name, len(self._rank))

    def _tell_other(self, rule: Rule, prefix: str, position: Position | None) -> None:
        """Say that what a rule's hook is about does not happen there."""
        assert rule.hook is not None
        done = " and ".join(f"{action}d" for action in self._actions)
        what = f"the stack is {done}"
        if len(self._actions) > 1:
            here = (p for p in self._places if _fits(rule, p.resource, p.types))
            what = f"it is {next((p.hooks[0].action for p in here), 'update')}d"
        self._diagnostics.add(
            Code.HOOK_CANNOT_FIRE,
            f"{prefix}the hook {rule.hook.value} on '{rule.said}' cannot fire while {what}",
            position,
        )

    def _tell_no_batches(self, rule: Rule, prefix: str, position: Position | None) -> None:
        """Say why a stop between batches has none to stand between."""
        fitting = [r for r in self.resources.values() if _fits(rule, r.name, (r.type,))]
        groups = [r.name for r in fitting if self._is_group(r.name)]
        if not fitting:
            self._tell_nothing(rule, prefix, position)
        elif groups:
            self._diagnostics.add(
                Code.HOOK_CANNOT_FIRE,
                f"{prefix}'{groups[0]}' is dealt with at once: no batch comes after another",
                position,
                hint="batches are of a group's update_policy (batch_create, rolling_update)",
            )
        else:
            self._diagnostics.add(
                Code.HOOK_MATCHES_NOTHING,
                f"{prefix}'{fitting[0].name}' is no group, and has no batches",
                position,
            )

    def _every(self, names: Iterable[str], count: int) -> list[str]:
        """Every ``count``-th of those that have the same place in a stack or a group's members:
        ``web/0`` and ``web/1``, or ``web/0/server`` and ``web/1/server``."""
        seen: dict[str, int] = {}
        chosen = []
        for name in names:
            place = self._place(name)
            seen[place] = seen.get(place, 0) + 1
            if seen[place] % count == 0:
                chosen.append(name)
        return chosen

    def _place(self, name: str) -> str:
        """A name with ``*`` for each member of a group; in a stack, its siblings have one place."""
        steps = name.split("/")
        place = [
            "*" if self._is_group("/".join(steps[:index])) else step
            for index, step in enumerate(steps)
        ]
        return "/".join(place if "*" in place else place[:-1])

    def _is_group(self, name: str) -> bool:
        nested = self.resources[name].nested if name in self.resources else None
        return nested is not None and nested.family not in (Family.TEMPLATE, Family.STACK)

    def _tell_nothing(self, rule: Rule, prefix: str, position: Position | None) -> None:
        if gone := self._gone(rule):
            self._diagnostics.add(
                Code.HOOK_ON_DISABLED,
                f"{prefix}nothing stops at '{rule.said}': its condition takes "
                f"{', '.join(gone)} away",
                position,
            )
            return
        gone = [p.resource for p in self._places if p.removes is not None]
        inside = [name for name in gone if _is_around(rule.pattern, name)]
        if inside and rule.type == "*":
            self._diagnostics.add(
                Code.HOOK_MATCHES_NOTHING,
                f"{prefix}'{rule.said}' is a stack, whose resources go one by one",
                position,
                hint=f"stop at them: '{rule.pattern}/**/*', or '{inside[0]}'",
            )
            return
        if self._actions == [Hook.PRE_DELETE.action] or not self._places:
            self._diagnostics.add(
                Code.HOOK_CANNOT_FIRE, f"{prefix}'{rule.said}': nothing of it exists", position
            )
            return
        outer = next((name for name in _around(rule.pattern) if name in self.resources), None)
        if outer is not None and self.resources[outer].external_id is not None:
            self._diagnostics.add(
                Code.HOOK_CANNOT_FIRE,
                f"{prefix}'{outer}' exists already (external_id): nothing inside it is created",
                position,
            )
            return
        types = [resource.type for resource in self.resources.values()]
        self._diagnostics.add(
            Code.HOOK_MATCHES_NOTHING,
            f"{prefix}'{rule.said}' matches no resource, so nothing would stop there",
            position,
            hint=_near(rule.pattern, [*self.resources, *self._disabled], "resources")
            if rule.type == "*"
            else _near(rule.type, [*types, *self._disabled.values()], "types"),
        )

    def _gone(self, rule: Rule) -> list[str]:
        """The resources that conditions take away and that a rule asks for, or for what is inside
        of them."""
        pattern, around = rule.pattern.split("/"), _around(rule.pattern)
        return [
            name
            for name, kind in self._disabled.items()
            if name in around
            or (_matches(pattern, name.split("/")) and fnmatch.fnmatchcase(kind, rule.type))
        ]


def _around(pattern: str) -> list[str]:
    """The names of the stacks in which a pattern looks, as far as it says them, inmost first."""
    steps = pattern.split("/")
    return ["/".join(steps[:count]) for count in range(len(steps) - 1, 0, -1)]


def _is_around(pattern: str, name: str) -> bool:
    """Whether a pattern fits a stack that this resource is inside of."""
    steps = name.split("/")
    return any(_matches(pattern.split("/"), steps[:count]) for count in range(1, len(steps)))


def _tell_idle_conditions(
    found: Mapping[tuple[str, Hook], Sequence[Rule]], diagnostics: Diagnostics
) -> None:
    """Say which conditions decide nothing, because other rules stop there whatever they say."""
    places: dict[Position, list[Sequence[Rule]]] = {}
    for rules in found.values():
        for rule in rules:
            if rule.condition:
                places.setdefault(rule.condition.position, []).append(rules)
    for position, here in places.items():
        others = [[r.origin for r in rules if not r.condition] for rules in here]
        if all(others):
            origins = dict.fromkeys(str(origin) for some in others for origin in some)
            diagnostics.add(
                Code.CONDITION_DECIDES_NOTHING,
                f"the condition decides nothing: {', '.join(origins)} stops there whatever it says",
                position,
                hint="take one of the two away, or give both the condition",
            )


def _matches(pattern: Sequence[str], names: Sequence[str]) -> bool:
    if not pattern or not names:
        return not pattern and not names
    if pattern[0] == "**":
        return any(_matches(pattern[1:], names[count:]) for count in range(len(names)))
    return fnmatch.fnmatchcase(names[0], pattern[0]) and _matches(pattern[1:], names[1:])


def _fits(rule: Rule, name: str, types: Iterable[str]) -> bool:
    """Whether a rule asks for this resource."""
    return _matches(rule.pattern.split("/"), name.split("/")) and any(
        fnmatch.fnmatchcase(kind, rule.type) for kind in types
    )


def _breakpoint(place: Place, hook: Hook, rules: Sequence[Rule]) -> Breakpoint:
    armed_by = tuple(dict.fromkeys(str(rule.origin) for rule in rules))
    messages = dict.fromkeys(rule.message for rule in rules if rule.message)
    conditions = [rule.condition for rule in rules if rule.condition]
    if len(conditions) < len(rules):
        conditions = []  # someone wants it to stop whatever happens
    limits = [rule.limit for rule in rules if rule.limit]
    limit = min(limits, key=lambda limit: limit.seconds, default=None)
    return Breakpoint(
        place.resource,
        hook,
        armed_by,
        "; ".join(messages) or None,
        tuple(conditions),
        limit,
        place.removes,
        place.certain,
        place.batch,
    )


def _near(wanted: str, known: Iterable[str], what: str) -> str:
    names = sorted(set(known))
    inside = [name for name in names if name.rpartition("/")[2] == wanted]
    near = inside[:1] or difflib.get_close_matches(wanted, names, n=1)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"{what}: {', '.join(names) or 'none'}"
