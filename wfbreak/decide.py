"""What a person can decide where a stack stands: whom to let go, how far, what to arm.

Each decision is checked against the stack's status and becomes what the engine is told: wfbreak's
part of the execution's env (:mod:`wfbreak.live`). What cannot be had is refused with the reason.
"""

from __future__ import annotations

import difflib
import fnmatch
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from wfbreak import live, secrets, signals
from wfbreak.again import NOT_BEGUN
from wfbreak.diagnostics import ExitStatus, WfbreakError
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State, Task
from wfbreak.signals import Signal
from wfbreak.status import (
    BreakpointState,
    BreakpointStatus,
    ResourceState,
    ResourceStatus,
    StackStatus,
)
from wfbreak.translate.stages import Mode

_DELETE = "delete"


def _is_before(stop: BreakpointStatus) -> bool:
    """Whether it is a stop before something is done."""
    return stop.hook.startswith("pre-")


class DecisionRefused(WfbreakError):
    """What was asked cannot be had here; the text says why, and how it can."""

    exit_status = ExitStatus.BAD_INPUT


@dataclass(frozen=True, slots=True)
class Decision:
    """What the engine is told, and what happens by it, for the audit trail.

    ``said`` is wfbreak's part of the env, ``changes`` are properties by resources and paths,
    ``again`` the failed tasks that are run again, ``skipped`` what is taken as done then, by the
    names of actions, as :data:`wfbreak.live.SKIPPED` has it.
    """

    said: Mapping[str, Any]
    released: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    again: tuple[str, ...] = ()
    skipped: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def resume(status: StackStatus, names: Sequence[str] = (), until: str | None = None) -> Decision:
    """Let the stack go on: all breakpoints at which it stands, or those of ``names`` alone.

    :raises DecisionRefused: if it does not stand, not there, or ``until`` cannot be a stop.
    """
    stopped = _stand(status)
    released = tuple(_chosen(status, names)) if names else stopped
    held = tuple(name for name in stopped if name not in released)
    if until is None:
        # Only a step stops at what is not armed.
        said = live.decide(stopped=stopped, released=released, run_to=live.END)
        return Decision(said, released, held)
    if held:
        raise DecisionRefused(
            "--until lets the whole stack go on: it does not go together with names of breakpoints"
        )
    target = _target(status, until)
    said = live.decide(
        stopped=stopped,
        released=released,
        # Even where its condition does not hold.
        armed={target.name: True} if target.condition or not target.is_armed else None,
        until=target.number,
        run_to=live.END,
    )
    passed = [
        b.name
        for b in status.breakpoints
        if b.state is BreakpointState.AHEAD and b.is_armed and b.number < target.number
    ]
    return Decision(said, released, held, {"until": target.name, "passed": passed})


def step(status: StackStatus, count: int = 1) -> Decision:
    """Let ``count`` resources be created, then stop again.

    :raises DecisionRefused: if the stack is not in step mode, or does not stand.
    """
    if status.mode is not Mode.STEP:
        raise DecisionRefused(
            f"the stack runs in {status.mode.value} mode, in which resources are created at the "
            "same time: start it with --mode step to go one by one"
        )
    if count < 1:
        raise DecisionRefused(f"{count} steps lead nowhere: at least 1")
    stopped = _stand(status)
    places = [b.number for b in status.breakpoints if b.is_open and _is_before(b)]
    run_to = places[count] if count < len(places) else live.END
    said = live.decide(stopped=stopped, released=stopped, run_to=run_to)
    return Decision(said, stopped, (), {"steps": count})


def signal(status: StackStatus, handle: str, sent: Signal) -> Decision:
    """Bring a signal to the handle that the resource of this name is.

    :raises DecisionRefused: if it is none, is not there yet, or the stack has ended.
    """
    handles = {each.name: each for each in status.resources if each.type in signals.HANDLES}
    if handle not in handles:
        names = ", ".join(handles) or "none"
        raise DecisionRefused(
            f"'{handle}' is no handle of a wait condition in this stack (there are: {names})"
        )
    if status.execution.state in (State.SUCCESS, State.CANCELLED):
        raise DecisionRefused(
            f"the execution {status.execution.id} has ended: {status.execution.state.value}"
        )
    found = handles[handle]
    if found.ref is None:
        raise DecisionRefused(f"'{handle}' is {found.state.value}: nothing can be sent to it yet")
    facts = {"handle": handle, "status": sent.status.value}
    if sent.id is not None:
        facts["id"] = sent.id
    return Decision(signals.sending(found.ref, sent)[live.KEY], facts=facts)


def retry(status: StackStatus, names: Sequence[str] = ()) -> Decision:
    """Run what has failed again, or those of ``names`` alone.

    :raises DecisionRefused: if nothing has failed, or not that, or the stack goes on or is over.
    """
    chosen = _failed(status, names)
    tasks = tuple(r.task for r in chosen)
    return Decision({}, facts={"retried": list(tasks)}, again=tasks)


def skip(status: StackStatus, names: Sequence[str], ident: str | None) -> Decision:
    """Take what has failed as done; ``ident`` is the id of what exists in its place, if anything.

    :raises DecisionRefused: as :func:`retry`, or if several things cannot have one id.
    """
    chosen = _failed(status, names)
    if ident is not None and (len(chosen) > 1 or chosen[0].action == _DELETE):
        raise DecisionRefused("--id is of one resource that was to be made")
    tasks = tuple(r.task for r in chosen)
    facts: dict[str, Any] = {"skipped": list(tasks)}
    if ident is not None:
        facts["id"] = ident
    skipped: dict[str, dict[str, Any]] = {}
    for r in chosen:
        action, name = ("delete", r.task) if r.action == _DELETE else ("create", r.name)
        skipped.setdefault(f"wfbreak.{action}", {})[name] = {"id": ident}
    return Decision({}, facts=facts, again=tasks, skipped=skipped)


def _failed(status: StackStatus, names: Sequence[str]) -> list[ResourceStatus]:
    """What has failed, by resources' or tasks' names; all of it without names."""
    execution = status.execution
    failed = [r for r in status.resources if r.state is ResourceState.FAILED]
    if execution.state is not State.ERROR:
        raise DecisionRefused(
            f"the execution {execution.id} is {execution.state.value}"
            + (": what has failed waits until it has come to its end" if failed else "")
        )
    if not failed:
        raise DecisionRefused(f"nothing of the execution {execution.id} has failed by itself")
    chosen = []
    for name in names or [r.task for r in failed]:
        here = [r for r in failed if name in (r.task, r.name)]
        if not here:
            known = ", ".join(r.task for r in failed)
            raise DecisionRefused(f"'{name}' has not failed (failed: {known})")
        chosen += [r for r in here if r not in chosen]
    return chosen


def arm(status: StackStatus, patterns: Sequence[str], armed: bool) -> Decision:
    """Arm or disarm breakpoints that the stack has not reached.

    :raises DecisionRefused: if there are none, or the stack has ended.
    """
    if status.execution.state.is_final and not status.stopped:
        raise DecisionRefused(
            f"the execution {status.execution.id} has ended: {status.execution.state.value}"
        )
    chosen: dict[str, bool] = {}
    for pattern in patterns:
        ahead = [b for b in _matching(status, pattern) if b.state is BreakpointState.AHEAD]
        if not ahead:
            raise _nothing(status, pattern, armed)
        chosen |= {b.name: armed for b in ahead}
    return Decision({live.ARMED: chosen}, facts={"armed" if armed else "disarmed": list(chosen)})


def reached_meanwhile(decision: Decision, after: StackStatus) -> list[BreakpointStatus]:
    """Those of the breakpoints armed or disarmed that a running stack came to at that moment: the
    change may have been too late for them. ``after`` is the status after the change."""
    changed = decision.said[live.ARMED]
    return [
        b for b in after.breakpoints if b.name in changed and b.state is not BreakpointState.AHEAD
    ]


def change(
    status: StackStatus,
    properties: Callable[[str], Mapping[str, Any] | None],
    options: Iterable[str],
    seal: Callable[[Any], Mapping[str, str]],
) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """The changes that ``RESOURCE.PATH=VALUE`` options ask for, and the same for people.

    ``properties`` gives those that a resource will be created with. A value is read as YAML; one
    that takes the place of a secret is sealed by ``seal``.

    :raises DecisionRefused: if there is no such resource or property, or it has been created.
    """
    changes: dict[str, dict[str, Any]] = {}
    shown: dict[str, Any] = {}
    for option in options:
        place, separator, text = option.partition("=")
        resource = _resource_of(status, place)
        path = place[len(resource.name) + 1 :] if resource else ""
        if not separator or resource is None or not path:
            names = ", ".join(r.name for r in status.resources)
            raise DecisionRefused(f"--set takes RESOURCE.PROPERTY=VALUE; resources: {names}")
        if resource.state in (ResourceState.DONE, ResourceState.RUNNING):
            raise DecisionRefused(
                f"'{resource.name}' is {resource.state.value}: too late to change"
            )
        found = properties(resource.name)
        if found is None:
            raise DecisionRefused(
                f"'{resource.name}' is not created as such: change what is inside of it"
            )
        first = path.split(".")[0]
        near = difflib.get_close_matches(first, found, n=1) if first not in found else []
        if near:
            raise DecisionRefused(f"--set {place}: did you mean '{near[0]}'?")
        value = _read(text)
        try:
            live.changed(secrets.mask(found), {path: value})  # what is sealed has no inside
        except live.ChangeError as error:
            raise DecisionRefused(f"--set {place}: {error}") from None
        secret = secrets.holds_sealed(_at(found, path))
        changes.setdefault(resource.name, {})[path] = seal(value) if secret else value
        shown[place] = secrets.MASK if secret else value
    return changes, shown


def _resource_of(status: StackStatus, place: str) -> ResourceStatus | None:
    """The resource with the longest name that the place begins with."""
    fitting = [r for r in status.resources if place.startswith(f"{r.name}.")]
    return max(fitting, key=lambda r: len(r.name), default=None)


def _at(data: Any, path: str) -> Any:
    for key in path.split("."):
        if secrets.is_sealed(data):
            break
        if isinstance(data, Mapping):
            data = data.get(key)
        elif isinstance(data, (list, tuple)) and key.isdigit() and int(key) < len(data):
            data = data[int(key)]
        else:
            return None
    return data


def _read(text: str) -> Any:
    try:
        value = yaml.safe_load(text)
        json.dumps(value, allow_nan=False)
    except (yaml.YAMLError, TypeError, ValueError):
        return text  # a date, as in a template, is text
    return value


def carry_out(
    client: EngineClient, status: StackStatus, decision: Decision, env: Mapping[str, Any]
) -> Execution:
    """Let a stack go on as decided: by a resume, or where it has failed by running tasks again; in
    abort mode its breakpoints, which are failed tasks, are skipped."""
    execution = status.execution
    if execution.state is State.PAUSED:
        return client.resume(execution, env)
    client.amend(execution, env)
    failed = [task for task in client.tasks(execution.id) if task.state is State.ERROR]
    _at_once(client, execution, client.skip, [t for t in failed if t.name in decision.released])
    again = [t for t in failed if t.name in decision.again]
    # First what has failed: what was not begun because of it asks whether something has.
    not_begun = [t for t in failed if t not in again and NOT_BEGUN in (t.state_info or "")]
    _at_once(client, execution, client.rerun, again + not_begun if again else [])
    return client.execution(execution.id)


def _at_once(
    client: EngineClient,
    execution: Execution,
    step: Callable[[Task, Mapping[str, Any]], None],
    tasks: Sequence[Task],
) -> None:
    """Have the engine do this with all the tasks in one step: what ends between two steps may take
    the others for failed for good. An engine that has only just started may do it with one alone.
    """
    while tasks:
        step(tasks[0], live.doing_at_once(task.name for task in tasks))
        left = live.at_once(client.execution(execution.id).params.get("env"))
        tasks = [task for task in tasks[1:] if task.name in left]


def _stand(status: StackStatus) -> tuple[str, ...]:
    state = status.execution.state
    stopped = tuple(b.name for b in status.stopped)
    if state is State.PAUSED or (state is State.ERROR and stopped):
        return stopped
    raise DecisionRefused(f"the execution {status.execution.id} is {state.value}, not PAUSED")


def _matching(status: StackStatus, text: str) -> list[BreakpointStatus]:
    """By RESOURCE:HOOK, by the task's name, or by the resource's alone; patterns, too."""
    return [
        b
        for b in status.breakpoints
        if any(
            text == name or fnmatch.fnmatchcase(name, text)
            for name in (b.name, b.resource, f"{b.resource}:{b.hook}")
        )
    ]


def _chosen(status: StackStatus, names: Iterable[str]) -> Iterable[str]:
    for text in names:
        found = _matching(status, text)
        stopped = [b.name for b in found if b.state is BreakpointState.STOPPED]
        if stopped:
            yield from stopped
            continue
        places = ", ".join(b.name for b in status.stopped) or "no breakpoint"
        if found:
            raise DecisionRefused(
                f"the stack does not stand at {found[0].name} ({found[0].state.value}): it stands "
                f"at {places}. What comes after a breakpoint that is held is reached when all "
                "of its stop are let go"
            )
        raise DecisionRefused(f"there is no breakpoint '{text}': the stack stands at {places}")


def _target(status: StackStatus, until: str) -> BreakpointStatus:
    found = _matching(status, until)
    ahead = [b for b in found if b.state is BreakpointState.AHEAD]
    exact = [b for b in ahead if until == b.name or _is_before(b)]
    if exact or ahead:
        return (exact or ahead)[0]
    if found:
        raise DecisionRefused(f"the stack is at {found[0].name} or past it already")
    raise _nothing(status, until, True)


def _nothing(status: StackStatus, text: str, armed: bool) -> DecisionRefused:
    if _matching(status, text):
        return DecisionRefused(f"'{text}' has been reached: nothing ahead can be changed there")
    resource = text.removesuffix(f":{text.rpartition(':')[2]}") if ":" in text else text
    names = [r.name for r in status.resources]
    if armed and status.mode is not Mode.STEP and (resource in names or text in names):
        return DecisionRefused(
            f"'{text}' is no breakpoint of this execution, and in {status.mode.value} mode its "
            "stops are laid out when it is translated: start the stack with --mode step to arm "
            f"any of them, or with --break {text}"
        )
    known = [b.name for b in status.breakpoints]
    near = difflib.get_close_matches(text, [*known, *names], n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known) or 'none'}"
    return DecisionRefused(f"there is no breakpoint '{text}': {hint}")
