"""What a reader asks first: what does it wait for, since when, who set it, what exists, what comes.

In whole sentences, of the facts alone, so that the page answers them without its pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wfbreak import wording
from wfbreak.course import next_stop, stages_of
from wfbreak.engine.model import State
from wfbreak.graph.collapsing import pattern
from wfbreak.report.facts import Facts
from wfbreak.report.times import iso, length, pauses
from wfbreak.status import (
    BreakpointState,
    BreakpointStatus,
    ResourceState,
    ResourceStatus,
    document,
)
from wfbreak.translate.stages import Mode


@dataclass(frozen=True, slots=True)
class Answer:
    """``is_command`` if the answer is what to type."""

    question: str
    answer: str
    is_command: bool = False


def answers(facts: Facts) -> list[Answer]:
    """The questions and their answers, as the stack stands."""
    state = facts.execution.state
    found = [
        Answer("What is it waiting for?", _waiting(facts)),
        Answer("Since when?", _since(facts)),
        Answer("Who set it?", _set_by(facts)),
        Answer("What exists?", _exists(facts)),
    ]
    if state is State.PAUSED or _is_aborted(facts):
        found.append(Answer("What will happen when I resume?", _resumed(facts)))
        found.append(Answer("How do I resume it?", f"wfbreak resume {facts.execution.id}", True))
    elif not state.is_final:
        found.append(Answer("What comes next?", _resumed(facts)))
    elif state is State.ERROR:
        found.append(Answer("What can I do?", _mended(facts)))
    return found


def blocked_by(facts: Facts, stop: BreakpointStatus) -> list[ResourceStatus]:
    """The resources that come behind a breakpoint and wait for it, or have waited."""
    import networkx as nx

    from wfbreak.status import order

    graph = order(document(facts.workflow)["tasks"])
    behind = nx.descendants(graph, stop.name) if stop.name in graph else set()
    return [resource for resource in facts.status.resources if resource.task in behind]


def _stood_at(facts: Facts) -> list[BreakpointStatus]:
    standing = (BreakpointState.STOPPED, BreakpointState.HELD)
    return [stop for stop in facts.status.breakpoints if stop.state in standing]


def _is_aborted(facts: Facts) -> bool:
    """Whether the stack failed at a breakpoint, as it shall in the mode abort."""
    return facts.execution.state is State.ERROR and bool(facts.status.stopped)


def _waiting(facts: Facts) -> str:
    state, stops = facts.execution.state, _stood_at(facts)
    if stops and (state is State.PAUSED or _is_aborted(facts)):
        said = "; ".join(
            f"{stop.name}, {wording.place(stop.resource, stop.hook, stop.message)}"
            for stop in stops
        )
        return f"For somebody to resume it. It stands at {said}."
    if state is State.PAUSED:
        return "For somebody to resume it. It was paused by hand and stands at no breakpoint."
    if state is State.ERROR:
        failed = [r for r in facts.status.resources if r.state is ResourceState.FAILED]
        said = "; ".join(f"{r.name} has failed: {_line(r.info)}" for r in failed[: wording.NAMES])
        return f"For nothing: it has failed. {said or _line(facts.execution.state_info)}"
    if state.is_final:
        why = f": {_line(facts.execution.state_info)}" if state is State.CANCELLED else ""
        return f"For nothing: it has ended ({state.value}){why}."
    running = _named(facts, ResourceState.RUNNING)
    held = f" Held meanwhile: {', '.join(stop.name for stop in stops)}." if stops else ""
    return f"For its resources: {running or 'the next one is about to begin'}.{held}"


def _since(facts: Facts) -> str:
    standing = [pause for pause in pauses(facts.trail) if pause.end is None]
    state = facts.execution.state
    if state is State.PAUSED and standing:
        start = standing[-1].start
        return f"{iso(start)}, for {length(start, facts.now)} when this was written."
    if state.is_final and facts.execution.updated_at:
        ended = facts.execution.updated_at
        return (
            f"It ended at {iso(ended)}, {length(facts.execution.created_at, ended)} after it began."
        )
    return f"It began at {iso(facts.execution.created_at)}."


def _set_by(facts: Facts) -> str:
    begun = next((event for event in facts.trail if event.who), None)
    who = "Nobody's name is kept."
    if begun is not None:
        why = f", because: {begun.why}" if begun.why else ""
        who = f"The stack was started ({begun.event}) by {begun.who} at {begun.at[:19]}Z{why}."
    stops = _stood_at(facts) or [b for b in facts.status.breakpoints if b.armed_by]
    said = []
    for stop in stops[: wording.NAMES]:
        by = ", ".join(stop.armed_by)
        said.append(f"{stop.name} was set by {by}." if by else f"{stop.name} is where a step ends.")
    changed = [e for e in facts.trail if e.event == "break"]
    said += [f"Breakpoints were changed by {e.who} at {e.at[:19]}Z: {e.details}." for e in changed]
    return " ".join([*said, who])


def _exists(facts: Facts) -> str:
    resources = facts.status.resources
    made = [r for r in resources if r.state is ResourceState.DONE and r.action != "delete"]
    gone = [r for r in resources if r.state is ResourceState.DONE and r.action == "delete"]
    kept = [r for r in resources if r.state is not ResourceState.DONE and r.action == "delete"]
    old = [r for r in resources if r.state is not ResourceState.DONE and r.action == "update"]
    to_be = [r for r in resources if r.action != "delete"]
    if not to_be:
        there = f"{len(kept)} of {len(kept) + len(gone)} resources, which are to be deleted"
        return f"{there}: {_list(kept) or 'none'}. Deleted: {_list(gone) or 'none'}."
    said = [f"{len(made)} of {len(to_be)} resources: {_list(made) or 'none'}."]
    if old:
        said.append(f"As they were before: {_list(old)}.")
    if kept:
        said.append(f"Not yet deleted: {_list(kept)}.")
    if gone:
        said.append(f"Deleted: {_list(gone)}.")
    return " ".join(said)


def _resumed(facts: Facts) -> str:
    """What follows a ``wfbreak resume``, which goes on past the ends of steps."""
    tasks = document(facts.workflow)["tasks"]
    stages, stops = stages_of(tasks), {stop.name: stop for stop in facts.status.breakpoints}
    reached = [s.number for s in stops.values() if s.state is not BreakpointState.AHEAD]
    number, names = next_stop(tasks, facts.execution.params.get("env"), max(reached, default=0))
    todo = [r for r in facts.status.resources if r.state is not ResourceState.DONE]
    now = [r for r in todo if number is None or stages[r.task] < number]
    said = []
    if now:
        now.sort(key=lambda resource: stages[resource.task])
        said.append(f"{wording.dealt_with([r.action for r in now])}: {_list(now)}.")
    else:
        said.append("No resource is dealt with before that.")
    if number is None:
        said.append("Then the stack is done: there is no breakpoint ahead.")
    else:
        here = [stops[name] for name in names]
        places = "; ".join(
            f"{s.name}, {wording.place(s.resource, s.hook)}"
            + (f", if {s.condition}" if s.condition else "")
            for s in here
        )
        left = len(todo) - len(now)
        word = "may stop" if all(stop.condition for stop in here) else "stops"
        rest = f"{wording.resources(left)} still to come" if left else "then nothing is left to do"
        said.append(f"Then it {word} at {places}; {rest}.")
    if facts.status.mode is Mode.STEP:
        said.append("wfbreak step goes on by one resource.")
    return " ".join(said)


def _mended(facts: Facts) -> str:
    ident = facts.execution.id
    failed = [r.name for r in facts.status.resources if r.state is ResourceState.FAILED]
    skip = f"Take it as done: wfbreak skip {ident} {failed[0]}. " if failed else ""
    return (
        f"Run what has failed again: wfbreak retry {ident}. {skip}Go back to what was before: "
        f"wfbreak rollback {ident}. Or mend the template: wfbreak update {facts.status.name} "
        "TEMPLATE."
    )


def _named(facts: Facts, state: ResourceState) -> str:
    return _list([r for r in facts.status.resources if r.state is state])


def _list(resources: Sequence[ResourceStatus]) -> str:
    names = [r.name for r in resources]
    return wording.named(_patterns(names) if len(names) > wording.NAMES else names)


def _patterns(names: Sequence[str]) -> list[str]:
    """Names, of which those that differ in their numbers only are told as one, with how many."""
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(pattern(name), []).append(name)
    return [
        f"{each} ({len(those)})" if len(those) > 1 else those[0] for each, those in alike.items()
    ]


def _line(text: str | None) -> str:
    return (text or "").strip().split("\n", 1)[0]
