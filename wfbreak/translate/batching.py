"""In which batches a group's members are made, and changed in an update: the group's policies.

Heat (heat/scaling/rolling_update.py, ``_replace`` of the groups) updates a group's stack once for
each batch, and takes away what was replaced before the next. Where ``min_in_service`` is more than
the members that a batch leaves alone, Heat makes the group larger for a time; here the batches are
made smaller, down to one member.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from wfbreak.translate.membership import Membership

Batches = tuple[tuple[str, ...], ...]

_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?\Z")

_MOST_SECONDS = 3600
"""The longest pause of an ``InstanceGroup`` (instance_group.py, ``validate``)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How many members a batch has at most, how many are to be left alone meanwhile, and the
    seconds between two batches."""

    size: int
    in_service: int = 0
    pause: float = 0.0

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError("a batch has at least one member")
        if self.in_service < 0:
            raise ValueError("there are no less than 0 members in service")
        if self.pause < 0:
            raise ValueError("a pause is not negative")


@dataclass(frozen=True, slots=True)
class Words:
    """How a policy is written: the ``keys`` for the size, the members in service and the pause,
    what each is where it is left out, and how many ``seconds`` a pause is."""

    keys: tuple[str, str, str]
    defaults: tuple[object, object, object]
    seconds: Callable[[Any], float]


def _of_duration(text: object) -> float:
    """The seconds of an ISO 8601 duration as Heat reads it (heat/common/timeutils.py).

    :raises ValueError: if it is none, or too long.
    """
    found = _DURATION.match(str(text))
    if found is None:
        raise ValueError(f"'{text}' is no duration as PT1H30M10S is")
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    total = 3600 * hours + 60 * minutes + rest
    if total > _MOST_SECONDS:
        raise ValueError("a pause is of an hour at most")
    return float(total)


IN_HOT = Words(("max_batch_size", "min_in_service", "pause_time"), (1, 0, 0), float)
IN_CLOUDFORMATION = Words(
    ("MaxBatchSize", "MinInstancesInService", "PauseTime"), (1, 0, "PT0S"), _of_duration
)


def of_creation(names: Sequence[str], policy: Policy) -> Batches:
    """The members in the batches in which they are made."""
    starts = range(0, len(names), policy.size)
    return tuple(tuple(names[start : start + policy.size]) for start in starts)


def of_update(names: Sequence[str], past: Membership, policy: Policy) -> Batches:
    """The members of a ``ResourceGroup`` in the batches in which they are dealt with: first what is
    new, then what changes, the highest numbers first."""
    new = [name for name in names if name not in past.names]
    there = [name for name in names if name in past.names]
    order = [*new, *reversed(there)]
    return _cut(order, set(past.names), policy, min(len(names), len(past.names)))


def of_scaled(names: Sequence[str], past: Membership, policy: Policy) -> Batches:
    """Those of a scaling group: first what changes, the oldest first, then all that is new."""
    new = tuple(name for name in names if name not in past.names)
    there = [name for name in names if name in past.names]
    return (*_cut(there, set(past.names), policy, len(there)), *((new,) if new else ()))


def _cut(waiting: Sequence[str], serving: set[str], policy: Policy, most: int) -> Batches:
    """Batches in this order, each as large as may be while enough members are left alone. Those
    that leave the group are ``serving``, too: they go last."""
    floor = min(policy.in_service, most)
    batches: list[tuple[str, ...]] = []
    while waiting:
        batch: list[str] = []
        for name in waiting[: policy.size]:
            if batch and name in serving and len(serving - {*batch, name}) < floor:
                break
            batch.append(name)
        serving = serving | set(batch)
        waiting = waiting[len(batch) :]
        batches.append(tuple(batch))
    return tuple(batches)
