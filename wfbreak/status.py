"""What a stopped or running stack looks like: each resource, each breakpoint, what waits for what.

The workflow's document is the source map (it says which task is which resource, from which line,
armed by whom) and the engine's tasks say how far each is. Nothing else is needed: whoever can read
the execution, from whichever machine, sees the same.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from wfbreak import live, parts, plain_yaml, secrets, tags
from wfbreak.engine import model
from wfbreak.engine.model import Execution, State, Task, Workflow
from wfbreak.translate.expressions import fetch
from wfbreak.translate.stages import Mode

_DELETE = "wfbreak.delete"
_RESOURCES = ("wfbreak.create", "wfbreak.nested", _DELETE)
_BREAKPOINT = "wfbreak.breakpoint"


class ResourceState(enum.Enum):
    """How far a resource is."""

    DONE = "done"
    RUNNING = "running"
    FAILED = "failed"
    BLOCKED = "blocked"
    """It waits for a breakpoint that has not been released."""
    WAITING = "waiting"
    """It waits for other resources only."""
    UNTOUCHED = "untouched"
    """Nothing holds it, and it waits all the same until the stack goes on (all-stop, step)."""


class BreakpointState(enum.Enum):
    """How far a breakpoint is."""

    AHEAD = "ahead"
    STOPPED = "stopped"
    HELD = "held"
    """The stack runs, and this one stays where it is: others were let go."""
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class ResourceStatus:
    """``blocked_by`` are the nearest breakpoints that hold it, by their tasks' names. ``action`` is
    what is done with it (``create``, ``update``, ``delete``), ``change`` what an update has done,
    ``task`` its task's name.
    """

    name: str
    type: str
    state: ResourceState
    source: str
    blocked_by: tuple[str, ...] = ()
    info: str | None = None
    ref: str | None = None
    action: str = "create"
    change: str | None = None
    task: str = ""


@dataclass(frozen=True, slots=True)
class BreakpointStatus:
    """``name`` is its task's, ``number`` that of its stop.

    ``is_armed`` counts what was changed since the start.
    """

    name: str
    resource: str
    hook: str
    state: BreakpointState
    source: str
    armed_by: tuple[str, ...]
    number: int
    is_armed: bool
    message: str | None = None
    condition: str | None = None
    limit: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the stack has not gone past it."""
        return self.state is not BreakpointState.RELEASED


@dataclass(frozen=True, slots=True)
class StackStatus:
    """A stack as its execution shows it."""

    execution: Execution
    resources: tuple[ResourceStatus, ...]
    breakpoints: tuple[BreakpointStatus, ...]
    mode: Mode = Mode.NON_STOP
    outputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stopped(self) -> tuple[BreakpointStatus, ...]:
        """The breakpoints at which the stack stands."""
        return tuple(b for b in self.breakpoints if b.state is BreakpointState.STOPPED)

    @property
    def name(self) -> str:
        return self.execution.workflow_name

    def count(self, state: ResourceState) -> int:
        return sum(resource.state is state for resource in self.resources)


def is_hung(execution: Execution, tasks: Iterable[Task]) -> bool:
    """Whether the execution runs and nothing in it does: a pause in its middle has lost a join.

    For a moment that is so between any two tasks: look again after some seconds.
    """
    tasks = list(tasks)
    if any(task.is_retried for task in tasks):
        return False
    states = {task.state for task in tasks}
    active = {State.IDLE, State.RUNNING, State.DELAYED}
    return execution.state is State.RUNNING and State.WAITING in states and not states & active


def build(
    execution: Execution,
    workflow: Workflow,
    tasks: Mapping[str, Task],
    results: Mapping[str, Any] | None = None,
) -> StackStatus:
    """The stack's status. ``tasks`` and ``results`` are by the tasks' names; what the execution
    has not come to is in neither."""
    body = document(workflow)["tasks"]
    needs = order(body)
    env = execution.params.get("env")
    breakpoints = {
        name: _breakpoint(name, task, tasks.get(name), env)
        for name, task in body.items()
        if task.get("action") == _BREAKPOINT
    }
    return StackStatus(
        execution,
        tuple(
            _resource(name, task, tasks.get(name), needs, breakpoints, execution, results or {})
            for name, task in body.items()
            if task.get("action") in _RESOURCES and not _is_idle(name, task, tasks)
        ),
        tuple(breakpoints.values()),
        next((mode for mode in Mode if tags.of(mode.value) in workflow.tags), Mode.NON_STOP),
        outputs(execution, workflow),
    )


@functools.lru_cache(maxsize=64)
def document(workflow: Workflow) -> dict[str, Any]:
    """The body of a workflow's document. What its tasks say in words stands in their inputs as it
    was written, also where the document fetches it from an input of its own.

    Kept for as many as somebody sees at a time (``wfbreak top``)."""
    body = as_written(workflow)
    texts = _texts(body)
    if texts:
        for task in body["tasks"].values():
            inputs = task.get("input", {})
            inputs |= {key: _as_written(value, texts) for key, value in inputs.items()}
            if "existing" in inputs:
                inputs["existing"] = _as_written_deep(inputs["existing"], texts)
    return body


def as_written(workflow: Workflow) -> dict[str, Any]:
    """The body of a workflow's document, with the tasks of its parts in their places."""
    written = plain_yaml.load(workflow.definition)
    return parts.joined(written[workflow.name], written)


def _texts(body: Mapping[str, Any]) -> dict[str, Any]:
    """The texts that stand in an input, by the expressions that fetch them."""
    return {
        fetch(name, key): text
        for item in body.get("input", ())
        if isinstance(item, Mapping)
        for name, texts in item.items()
        if isinstance(texts, Mapping)
        for key, text in texts.items()
    }


def _as_written(value: Any, texts: Mapping[str, Any]) -> Any:
    """A text, or a list of texts; properties and the like are not only words."""
    if isinstance(value, list):
        return [_as_written(item, texts) for item in value]
    return texts.get(value, value) if isinstance(value, str) else value


def _as_written_deep(value: Any, texts: Mapping[str, Any]) -> Any:
    """Data that holds no expression but those that fetch a text."""
    if isinstance(value, Mapping):
        return {key: _as_written_deep(item, texts) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_written_deep(item, texts) for item in value]
    return texts.get(value, value) if isinstance(value, str) else value


def outputs(execution: Execution, workflow: Workflow) -> dict[str, Any]:
    """The outputs of a stack that is done. Where a workflow declares none, Mistral gives all that
    its tasks have published (mistral/workflow/data_flow.py, evaluate_workflow_output)."""
    if execution.state is not State.SUCCESS:
        return {}
    declared = document(workflow).get("output", {})
    return {name: value for name, value in execution.output.items() if name in declared}


def order(body: Mapping[str, Any]) -> nx.DiGraph[str]:
    """The template's order of resources and breakpoints, from what each task says it needs.

    The on-clauses do not tell: a stop lets go of more than what its breakpoints block.
    """
    found: nx.DiGraph[str] = nx.DiGraph()
    for name, task in body.items():
        if task.get("action") in (*_RESOURCES, _BREAKPOINT):
            found.add_node(name)
            found.add_edges_from((needed, name) for needed in task["input"].get("needs", ()))
    return found


def _breakpoint(
    name: str, body: Mapping[str, Any], task: Task | None, env: Any
) -> BreakpointStatus:
    inputs = body["input"]
    armed_by = tuple(map(str, inputs["armed_by"]))
    if task is None:
        state = BreakpointState.AHEAD
    elif task.state in (State.IDLE, State.ERROR):
        state = BreakpointState.STOPPED
    elif task.state is State.RUNNING and live.holds(env, name, default=True):
        state = BreakpointState.HELD
    else:
        state = BreakpointState.RELEASED
    return BreakpointStatus(
        name,
        str(inputs["resource"]),
        str(inputs["hook"]),
        state,
        str(inputs["source"]),
        armed_by,
        int(inputs.get("stage", 0)),
        live.is_armed(env, name, bool(armed_by)),
        inputs.get("message"),
        inputs.get("condition"),
        inputs.get("limit"),
    )


def _resource(
    name: str,
    body: Mapping[str, Any],
    task: Task | None,
    needs: nx.DiGraph[str],
    breakpoints: Mapping[str, BreakpointStatus],
    execution: Execution,
    results: Mapping[str, Any],
) -> ResourceStatus:
    inputs = body["input"]
    blocked_by: tuple[str, ...] = ()
    if task is not None and task.is_retried:
        state = ResourceState.RUNNING
    elif task is None or task.state in (State.WAITING, State.IDLE) or has_not_begun(task):
        blocked_by = _holders(name, needs, breakpoints)
        if blocked_by:
            state = ResourceState.BLOCKED
        elif execution.state is State.PAUSED:
            state = ResourceState.UNTOUCHED
        else:
            state = ResourceState.WAITING
    elif task.state in (State.SUCCESS, State.SKIPPED):
        state = ResourceState.DONE
    elif task.state in (State.ERROR, State.CANCELLED):
        state = ResourceState.FAILED
    else:
        state = ResourceState.RUNNING
    result = results.get(name)
    ref = result.get("ref") if isinstance(result, Mapping) else None
    info = task.state_info if task is not None and state is ResourceState.FAILED else None
    return ResourceStatus(
        str(inputs["resource"]),
        str(inputs["type"]),
        state,
        str(inputs.get("source", "")),
        blocked_by,
        info,
        _shown(ref),
        _action(body),
        result.get("change") if isinstance(result, Mapping) else None,
        name,
    )


def _shown(ref: Any) -> str | None:
    if secrets.is_sealed(ref):
        return secrets.MASK
    return str(ref) if ref is not None else None


def _action(body: Mapping[str, Any]) -> str:
    if body["action"] == _DELETE:
        return "delete"
    return "update" if "existing" in body["input"] else "create"


def _is_idle(name: str, body: Mapping[str, Any], tasks: Mapping[str, Task]) -> bool:
    """Whether a task would take away what another has taken the place of, and has nothing to tell:
    most of them have nothing to take away."""
    task = tasks.get(name)
    return "when" in body["input"] and (task is None or task.state is not State.ERROR)


def has_not_begun(task: Task) -> bool:
    """Whether a task has failed and never had its turn."""
    return task.state is State.ERROR and model.has_not_begun(task.state_info)


def _holders(
    name: str, needs: nx.DiGraph[str], breakpoints: Mapping[str, BreakpointStatus]
) -> tuple[str, ...]:
    """The open breakpoints from which a path leads here, the nearest of each path.

    One that is not armed holds only where the stack stands at it.
    """
    found: dict[str, None] = {}
    seen = {name}
    waiting = [name]
    while waiting:
        for before in needs.predecessors(waiting.pop()):
            if before in seen:
                continue
            seen.add(before)
            stop = breakpoints.get(before)
            stands = stop is not None and stop.state is not BreakpointState.AHEAD
            if stop is not None and stop.is_open and (stop.is_armed or stands):
                found[before] = None
            else:
                waiting.append(before)
    return tuple(b for b in breakpoints if b in found)
