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

_HEATS_OWN = tuple(
    TypeRule(None, source, target, Position("etc/heat/environment.d/default.yaml", 0, 0))
    for source, target in (
        ("OS::Quantum*", "OS::Neutron*"),
        ("OS::Metering::Alarm", "OS::Aodh::Alarm"),
        ("OS::Ceilometer::Alarm", "OS::Aodh::Alarm"),
        ("OS::Ceilometer::CombinationAlarm", "OS::Aodh::CombinationAlarm"),
        ("OS::Ceilometer::GnocchiResourcesAlarm", "OS::Aodh::GnocchiResourcesAlarm"),
        (
            "OS::Ceilometer::GnocchiAggregationByMetricsAlarm",
            "OS::Aodh::GnocchiAggregationByMetricsAlarm",
        ),
        (
            "OS::Ceilometer::GnocchiAggregationByResourcesAlarm",
            "OS::Aodh::GnocchiAggregationByResourcesAlarm",
        ),
    )
)
"""What Heat itself maps unless an environment says otherwise."""


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
        used = _rule(rules, kind, name) or _rule(_HEATS_OWN, kind, name)
        if used is None or used[1] == kind:
            break
        rule, kind = used
    if not kind.endswith(FILE_ENDINGS):
        return Target(kind, None, rule)
    if rule is None:
        return Target(kind, beside(position.file, kind), None)
    base = beside(rule.position.file, f"{rule.base.rstrip('/')}/") if rule.base else None
    return Target(kind, beside(f"{base}/" if base else rule.position.file, kind), rule)


def beside(file: str, name: str) -> str:
    """The path of a file that ``file`` calls ``name``; a URL stays as it is."""
    name = name.removeprefix("file://")
    if "://" in name:
        return name
    return os.path.normpath(os.path.join(os.path.dirname(file), name))


def _rule(rules: Sequence[TypeRule], kind: str, name: str) -> tuple[TypeRule, str] | None:
    """The rule for a type and what it makes of it.

    The resource's own rules count before the others; among those, a pattern for a single type
    before an exact name, which sorts after it (heat/engine/environment.py, ``ResourceInfo``).
    A pattern for many types comes last: Heat passes over it where the type that it makes does not
    exist, which is not known here.
    """
    own = [rule for rule in rules if rule.resource == name and rule.target]
    every = [rule for rule in rules if rule.resource is None and rule.target]
    patterns = [r for r in every if r.source.endswith("*") and kind.startswith(r.source[:-1])]
    single = [r for r in patterns if not str(r.target).endswith("*") and r.target != kind]
    exact = [rule for rule in every if rule.source == kind]
    for rule in (*(r for r in own if r.source == kind), *single, *exact):
        return rule, str(rule.target)
    for rule in patterns:
        if rule not in single and rule.target != kind:
            return rule, str(rule.target)[:-1] + kind[len(rule.source) - 1 :]
    return None
