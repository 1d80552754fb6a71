"""What each stop will find: before anything runs, from the plan alone.

The same four words as a stack's status has at its stop: *done* exists, *held* are the breakpoints
at which the stack stands, *blocked* waits for a breakpoint, *untouched* waits for nothing but that
the stack goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import networkx as nx

from wfbreak.translate.breakpoints import Breakpoint
from wfbreak.translate.environment import Hook
from wfbreak.translate.stages import Mode, Plan


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: its number, and names of resources; ``held`` are names of breakpoints.

    ``condition`` is empty where the stack stops there whatever happens.
    """

    number: int
    held: tuple[str, ...]
    done: tuple[str, ...]
    blocked: tuple[str, ...]
    untouched: tuple[str, ...]
    condition: str = ""


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
            _condition(plan, held),
        )


def _is_place(plan: Plan, stop: Breakpoint) -> bool:
    """Whether a step ends here."""
    return plan.mode is Mode.STEP and stop.hook is Hook.PRE_CREATE


def _condition(plan: Plan, held: list[Breakpoint]) -> str:
    if any(not stop.conditions or _is_place(plan, stop) for stop in held):
        return ""
    return " or ".join(dict.fromkeys(c.text for stop in held for c in stop.conditions))
