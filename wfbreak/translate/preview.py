"""What each stop will find: before anything runs, from the plan alone.

The same four words as a stack's status has at its stop: *done* exists, *held* are the breakpoints
at which the stack stands, *blocked* waits for a breakpoint, *untouched* waits for nothing but that
the stack goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import networkx as nx

from wfbreak.translate.breakpoints import Breakpoint
from wfbreak.translate.stages import Mode, Plan


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: its number, and names of resources; ``held`` are names of breakpoints.

    ``conditions`` are those of held breakpoints that hold only if they are true, by their names.
    """

    number: int
    held: tuple[str, ...]
    done: tuple[str, ...]
    blocked: tuple[str, ...]
    untouched: tuple[str, ...]
    conditions: Mapping[str, str]


def preview(plan: Plan) -> list[Stop]:
    """The stops of a stack that is only resumed, in their order; in step mode, one step a time."""
    return list(_stops(plan))


def _stops(plan: Plan) -> Iterator[Stop]:
    resources = [step for step in plan.interval if isinstance(step, str)]
    for number, stage in enumerate(plan.stages, 1):
        held = [stop for stop in stage if stop.is_armed or _is_place(plan, stop)]
        if not held:
            continue
        done = set(plan.created_before(number))
        later = (stop for stage in plan.stages[number:] for stop in stage if stop.is_armed)
        behind = {name for stop in (*held, *later) for name in nx.descendants(plan.order, stop)}
        blocked = [name for name in resources if name in behind and name not in done]
        yield Stop(
            number,
            tuple(stop.name for stop in held),
            tuple(name for name in resources if name in done),
            tuple(blocked),
            tuple(name for name in resources if name not in done and name not in behind),
            {
                stop.name: " or ".join(dict.fromkeys(c.text for c in stop.conditions))
                for stop in held
                if stop.conditions and not _is_place(plan, stop)
            },
        )


def _is_place(plan: Plan, stop: Breakpoint) -> bool:
    """Whether a step ends here."""
    return plan.mode is Mode.STEP and stop.hook.is_before
