"""What a type's name stands for: itself, another type, or a template in a file.

The environment's ``resource_registry`` maps names, and a name that ends as a template's file does
is one (heat/engine/environment.py, ResourceRegistry). A file is looked for beside the file that
names it, as python-heatclient does.
"""

from __future__ import annotations

import os.path
from collections.abc import Sequence
from dataclasses import dataclass

from wfbreak.diagnostics import Position
from wfbreak.translate.environment import TypeRule

FILE_ENDINGS = (".yaml", ".template")


@dataclass(frozen=True, slots=True)
class Target:
    """``file`` is the path of the template that the type is, or its URL. ``rule`` mapped it."""

    type: str
    file: str | None = None
    rule: TypeRule | None = None


def resolve(rules: Sequence[TypeRule], written: str, position: Position, name: str) -> Target:
    """What the type ``written`` at ``position`` is, for the resource called ``name``."""
    kind, rule = written, None
    for _ in range(10):  # a registry that maps in a circle would go on for ever
        if kind.endswith(FILE_ENDINGS):
            break
        used = _rule(rules, kind, name)
        if used is None or used[1] == kind:
            break
        rule, kind = used
    if not kind.endswith(FILE_ENDINGS):
        return Target(kind, None, rule)
    return Target(kind, beside(rule.position.file if rule else position.file, kind), rule)


def beside(file: str, name: str) -> str:
    """The path of a file that ``file`` calls ``name``; a URL stays as it is."""
    name = name.removeprefix("file://")
    if "://" in name:
        return name
    return os.path.normpath(os.path.join(os.path.dirname(file), name))


def _rule(rules: Sequence[TypeRule], kind: str, name: str) -> tuple[TypeRule, str] | None:
    """The rule for a type and what it makes of it: the resource's own rules before the others,
    exact names before patterns (heat/engine/environment.py)."""
    for own in (name, None):
        here = [rule for rule in rules if rule.resource == own and rule.target]
        for rule in here:
            if rule.source == kind:
                return rule, str(rule.target)
        for rule in here:
            prefix = rule.source.removesuffix("*")
            if rule.source.endswith("*") and kind.startswith(prefix) and kind != rule.target:
                target = str(rule.target)
                if target.endswith("*"):
                    return rule, target[:-1] + kind[len(prefix) :]
                return rule, target
    return None
