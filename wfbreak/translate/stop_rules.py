"""Requests to stop, as people write them: hooks of an environment, options, files of breakpoints.

All become rules. Where these stop a stack is told by :mod:`wfbreak.translate.breakpoints`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.translate import stop_conditions
from wfbreak.translate.environment import Hook, HookRule
from wfbreak.translate.load import Loaded
from wfbreak.translate.nodes import ListNode, MapNode, plain
from wfbreak.translate.stop_conditions import StopCondition
from wfbreak.translate.template import Template

_TYPE = "type:"
"""How a pattern of the command line begins that goes by types."""

_ANY = "**/*"


@dataclass(frozen=True, slots=True)
class Limit:
    """How many seconds a breakpoint may stop the stack; then it goes on, or fails (``aborts``)."""

    seconds: int
    aborts: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A request to stop. ``origin`` says who made it: a place in a file, or the command line.

    ``pattern`` goes by names, ``type`` by types; both must fit. Of the members of one stack that
    fit, only ``every`` n-th counts; of what is left, the first ``ignore`` are passed, in the order
    in which the stack is created. Without a ``hook`` it is before whatever is done.
    """

    pattern: str
    hook: Hook | None
    origin: Position | str
    message: str | None = None
    type: str = "*"
    every: int = 1
    ignore: int = 0
    condition: StopCondition | None = None
    limit: Limit | None = None

    @property
    def said(self) -> str:
        """What it asks for, in words."""
        return self.pattern if self.type == "*" else f"{_TYPE}{self.type}"


def from_options(
    options: Iterable[str], diagnostics: Diagnostics, flag: str = "--break"
) -> list[Rule]:
    """``PATTERN`` or ``type:PATTERN``, and ``:HOOK`` after it; without one, before what is done.

    ``--no-break`` has the same form (``flag``).
    """
    rules = []
    for option in options:
        pattern, hook = _hook_of(option, flag, diagnostics)
        if not pattern:
            continue
        by_type = pattern.startswith(_TYPE)
        name = _ANY if by_type else pattern
        kind = pattern.removeprefix(_TYPE) if by_type else "*"
        rules.append(Rule(name, hook, f"{flag} {option}", type=kind))
    return rules


def _hook_of(option: str, flag: str, diagnostics: Diagnostics) -> tuple[str, Hook | None]:
    """An option's pattern and hook; the pattern is empty where the option is badly written."""
    hooks = {hook.value: hook for hook in Hook}
    pattern, separator, hook = option.rpartition(":")
    if separator and hook in hooks:
        return pattern, hooks[hook]
    near = difflib.get_close_matches(hook, hooks, n=1) if separator else []
    if near or option in ("", _TYPE) or (separator and hook.startswith(("pre-", "post-"))):
        diagnostics.add(
            Code.BREAKPOINT_FILE,
            f"{flag} {option}: there is no hook '{hook}'",
            hint=f"hooks: {', '.join(hooks)}",
        )
        return "", None
    return option, None


def from_file(loaded: Loaded, template: Template, diagnostics: Diagnostics) -> list[Rule]:
    """The rules of a breakpoint file that fits ``schemas/breakpoints.json``."""
    rules = []
    root = loaded.root
    entries = root.entries.get("breakpoints") if isinstance(root, MapNode) else None
    for entry in entries.items if isinstance(entries, ListNode) else ():
        assert isinstance(entry, MapNode)
        hook = entry.entries.get("hook")
        hooks: Sequence[object] = [None]
        if hook is not None:
            hooks = (
                [plain(item) for item in hook.items]
                if isinstance(hook, ListNode)
                else [plain(hook)]
            )
        said = {key: plain(node) for key, node in entry.entries.items()}
        message = said.get("message")
        condition = None
        if text := said.get("condition"):
            where = entry.entries["condition"].position
            condition = stop_conditions.read(str(text), where, template, diagnostics)
        limit = None
        if seconds := said.get("limit"):
            limit = Limit(int(str(seconds)), said.get("then") == "abort")
        rules += [
            Rule(
                str(said.get("resource", _ANY)),
                Hook(str(kind)) if kind is not None else None,
                (entry.entries.get("resource") or entry.entries["type"]).position,
                str(message) if message is not None else None,
                str(said.get("type", "*")),
                int(str(said.get("every", 1))),
                int(str(said.get("ignore", 0))),
                condition,
                limit,
            )
            for kind in hooks
        ]
    return rules


def from_hooks(hooks: Iterable[HookRule]) -> list[Rule]:
    """The rules that an environment's hooks make."""
    return [Rule("/".join(hook.path), hook.hook, hook.position) for hook in hooks]
