"""Which provider makes a resource: chosen for a run, by patterns of types.

A rule is ``PATTERN=PROVIDER``, as the option ``--provider`` has it; of several that fit a type the
last one counts, so that an exception stands after its rule.
"""

from __future__ import annotations

import enum
import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass


class Provider(enum.Enum):
    """Who makes resources."""

    REHEARSE = "rehearse"
    """Nobody: ids and attributes are made up."""
    OPENSTACK = "openstack"
    """The cloud's services."""
    HEAT = "heat"
    """The cloud's Heat, as a stack of that one resource."""

    @property
    def is_real(self) -> bool:
        """Whether it talks to a cloud."""
        return self is not Provider.REHEARSE


@dataclass(frozen=True, slots=True)
class Rule:
    """``pattern`` is a glob on a resource's type, as the environment maps it."""

    pattern: str
    provider: Provider


def parse(text: str) -> Rule:
    """``PATTERN=PROVIDER``, or ``PROVIDER`` alone for every type.

    :raises ValueError: if it is neither; the text says what is known.
    """
    pattern, separator, name = text.rpartition("=")
    try:
        provider = Provider(name)
    except ValueError:
        known = ", ".join(provider.value for provider in Provider)
        raise ValueError(f"there is no provider '{name}': {known}") from None
    if separator and not pattern:
        raise ValueError("a pattern of types stands before the '='")
    return Rule(pattern or "*", provider)


def choose(kind: str, rules: Iterable[Rule]) -> Provider:
    """The provider of a type; ``REHEARSE`` unless a rule says otherwise."""
    chosen = Provider.REHEARSE
    for rule in rules:
        if fnmatch.fnmatchcase(kind, rule.pattern):
            chosen = rule.provider
    return chosen
