"""Which resources have a breakpoint, from hooks, options and files: all become the same thing.

Heat never tells of a hook that matches nothing, and the stack runs through. Here that is an error,
at the line that sets the hook; one that cannot fire for a reason is a warning.
"""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.translate.environment import Hook, HookRule
from wfbreak.translate.load import Loaded
from wfbreak.translate.nodes import ListNode, MapNode, plain
from wfbreak.translate.template import Template

CREATE_HOOKS = (Hook.PRE_CREATE, Hook.POST_CREATE)
"""The hooks that can stop a stack while it is created."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A request to stop. ``origin`` says who made it: a place in a file, or the command line."""

    pattern: str
    hook: Hook
    origin: Position | str
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """A stop before or after one resource, and everything that asked for it.

    One that nobody asked for is a place where the stack can be stopped (step mode).
    """

    resource: str
    hook: Hook
    armed_by: tuple[str, ...] = ()
    message: str | None = None

    @property
    def is_armed(self) -> bool:
        return bool(self.armed_by)

    @property
    def name(self) -> str:
        return f"{self.resource}:{self.hook.value}"


def from_options(options: Iterable[str], diagnostics: Diagnostics) -> list[Rule]:
    """``--break`` options: ``PATTERN`` or ``PATTERN:HOOK``; without a hook, pre-create."""
    rules = []
    hooks = {hook.value: hook for hook in Hook}
    for option in options:
        pattern, separator, hook = option.rpartition(":")
        if separator and hook in hooks:
            rules.append(Rule(pattern, hooks[hook], f"--break {option}"))
            continue
        near = difflib.get_close_matches(hook, hooks, n=1) if separator else []
        if near or not option or (separator and hook.startswith(("pre-", "post-"))):
            diagnostics.add(
                Code.BREAKPOINT_FILE,
                f"--break {option}: there is no hook '{hook}'",
                hint=f"hooks: {', '.join(hooks)}",
            )
            continue
        rules.append(Rule(option, Hook.PRE_CREATE, f"--break {option}"))
    return rules


def from_file(loaded: Loaded) -> list[Rule]:
    """The rules of a breakpoint file that fits ``schemas/breakpoints.json``."""
    rules = []
    root = loaded.root
    entries = root.entries.get("breakpoints") if isinstance(root, MapNode) else None
    for entry in entries.items if isinstance(entries, ListNode) else ():
        assert isinstance(entry, MapNode)
        hook = entry.entries.get("hook")
        hooks: Sequence[object] = [Hook.PRE_CREATE.value]
        if hook is not None:
            hooks = (
                [plain(item) for item in hook.items]
                if isinstance(hook, ListNode)
                else [plain(hook)]
            )
        message = entry.entries.get("message")
        resource = entry.entries["resource"]
        for kind in hooks:
            rules.append(
                Rule(
                    str(plain(resource)),
                    Hook(str(kind)),
                    resource.position,
                    str(plain(message)) if message is not None else None,
                )
            )
    return rules


def from_hooks(hooks: Iterable[HookRule]) -> list[Rule]:
    """The rules that an environment's hooks make."""
    return [Rule("/".join(hook.path), hook.hook, hook.position) for hook in hooks]


def arm(rules: Iterable[Rule], template: Template, diagnostics: Diagnostics) -> list[Breakpoint]:
    """The breakpoints of the resources of the stack and of all stacks in it, in their order.

    A pattern has a glob for each name on the way from the outermost stack to the resource
    (``web/*/server``), as Heat's nested hooks have (heat/engine/environment.py, ``fnmatch``);
    ``**`` stands for any number of names.
    """
    resources = {resource.name: resource for resource in template.walk()}
    disabled = [name for inner in template.templates() for name in inner.disabled]
    found: dict[tuple[str, Hook], list[Rule]] = {}
    for rule in rules:
        position = rule.origin if isinstance(rule.origin, Position) else None
        prefix = "" if position else f"{rule.origin}: "
        pattern = rule.pattern.split("/")
        matches = [name for name in resources if _matches(pattern, name.split("/"))]
        if rule.hook not in CREATE_HOOKS:
            diagnostics.add(
                Code.HOOK_CANNOT_FIRE,
                f"{prefix}the hook {rule.hook.value} on '{rule.pattern}' cannot fire while the "
                "stack is created",
                position,
            )
            continue
        live = [name for name in matches if resources[name].external_id is None]
        for name in set(matches) - set(live):
            diagnostics.add(
                Code.HOOK_CANNOT_FIRE,
                f"{prefix}'{name}' exists already (external_id): it is not created",
                position,
            )
        gone = [name for name in disabled if _matches(pattern, name.split("/"))]
        if gone and not matches:
            diagnostics.add(
                Code.HOOK_ON_DISABLED,
                f"{prefix}nothing stops at '{rule.pattern}': its condition takes "
                f"{', '.join(gone)} away",
                position,
            )
        elif not matches:
            diagnostics.add(
                Code.HOOK_MATCHES_NOTHING,
                f"{prefix}'{rule.pattern}' matches no resource, so nothing would stop there",
                position,
                hint=_near(rule.pattern, resources),
            )
        for name in live:
            found.setdefault((name, rule.hook), []).append(rule)
    return [
        _breakpoint(name, hook, found[name, hook])
        for name in resources
        for hook in CREATE_HOOKS
        if (name, hook) in found
    ]


def _matches(pattern: Sequence[str], names: Sequence[str]) -> bool:
    if not pattern or not names:
        return not pattern and not names
    if pattern[0] == "**":
        return any(_matches(pattern[1:], names[count:]) for count in range(len(names)))
    return fnmatch.fnmatchcase(names[0], pattern[0]) and _matches(pattern[1:], names[1:])


def _breakpoint(name: str, hook: Hook, rules: Sequence[Rule]) -> Breakpoint:
    armed_by = tuple(dict.fromkeys(str(rule.origin) for rule in rules))
    messages = dict.fromkeys(rule.message for rule in rules if rule.message)
    return Breakpoint(name, hook, armed_by, "; ".join(messages) or None)


def _near(pattern: str, resources: Collection[str]) -> str:
    inside = [name for name in resources if name.rpartition("/")[2] == pattern]
    near = inside[:1] or difflib.get_close_matches(pattern, resources, n=1)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"resources: {', '.join(sorted(resources)) or 'none'}"
