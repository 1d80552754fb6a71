"""Mistral 23's engine without work that comes to nothing, much of which grows with the workflow.

Each measure was found by a profile of stacks of 100 to 1,000 resources, and takes away only work:
what the engine does, and when, is the same (docs/speed.md has the figures). An embedded engine has
them from its start, an engine of a cluster by :mod:`.provider`; what only an embedded engine can
leave out is in :mod:`.alone`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, Final

_OWN_ACTIONS, _DATA = "wfbreak.", "wfbreak_data"

_INBOUND, _KEPT = "_wfbreak_inbound", "_wfbreak_joins_after"
"""The attributes of a specification that keep what :func:`_inbound` and :func:`_joins_after` have
found."""


@functools.cache
def install() -> None:
    """Have this process's engine do less."""
    for step in STEPS:
        step()


def start_tasks_without_specification() -> None:
    """Without the whole workflow's specification in the message, where nothing reads it."""
    from mistral.rpc import clients

    class LeanEngineClient(clients.EngineClient):  # type: ignore[misc]  # the library has no types
        def start_task(self, *args: Any, wf_spec: Any = None, **params: Any) -> Any:  # noqa: ARG002
            return super().start_task(*args, **params)

    _use(LeanEngineClient)


def _use(client: type[Any]) -> None:
    from mistral.rpc import clients

    # Mistral makes its client when it is first wanted, and anew after the API has started.
    with clients._ENGINE_CLIENT_LOCK:
        clients.EngineClient = client
        clients._ENGINE_CLIENT = None


def find_inbound_tasks_once() -> None:
    """Not by looking at all tasks for each task: a million looks when a workflow of a thousand
    begins."""
    from mistral.lang.v2.workflows import DirectWorkflowSpec

    DirectWorkflowSpec.find_inbound_task_specs = _inbound


def find_joins_behind() -> None:
    """After each task Mistral fetches all joins of the workflow, to find those that it may set
    going, and walks through all that comes after it."""
    from mistral.workflow.direct_workflow import DirectWorkflowController

    DirectWorkflowController.find_indirectly_affected_task_executions = _affected


def start_no_waiting_joins() -> None:
    """Each task that leads to a join sends it a start, which does nothing: a join that waits is
    started when its turn has come."""
    from mistral.rpc import clients

    class PatientEngineClient(clients.EngineClient):  # type: ignore[misc]
        def start_task(self, *args: Any, **params: Any) -> Any:
            # Only those for the first time: a join that somebody runs again is started by it.
            if params.get("waiting") and params.get("first_run"):
                return None
            return super().start_task(*args, **params)

    _use(PatientEngineClient)


def ask_right_before_a_join() -> None:
    """Whether a join's turn has come is asked of all tasks up to four steps before it, though of
    those that are not right before it only a few are ever looked at."""
    from mistral.workflow.direct_workflow import DirectWorkflowController

    DirectWorkflowController._find_all_parent_task_names = _names_right_before


def find_own_actions_first() -> None:
    """An action's name is looked for in three tables, where one of wfbreak's never is, before
    Mistral looks among the actions that are installed. So nobody's own action can take the place of
    one of wfbreak's either."""
    from mistral.actions.legacy import LegacyActionProvider
    from mistral_lib.actions import CompositeActionProvider

    every = CompositeActionProvider.find

    def find(provider: Any, name: str, namespace: str | None = None) -> Any:
        if name.startswith(_OWN_ACTIONS):
            for each in provider._delegates:
                if isinstance(each, LegacyActionProvider) and (found := each.find(name, namespace)):
                    return found
        return every(provider, name, namespace)

    CompositeActionProvider.find = find


def read_data_together() -> None:
    """Of an execution its input, its context and its parameters are fetched one by one."""
    from mistral.db.v2.sqlalchemy import models

    # What is read later is read with all that is in the same group.
    for name in ("input", "context", "params"):
        column = models.WorkflowExecution.__mapper__.attrs[name]
        column.group = column.strategy.group = _DATA


def write_changed_contexts() -> None:
    """What a task has from those before it is written anew at its start and its end, where it is
    the same as before."""
    from mistral.engine.tasks import Task

    Task._update_inbound_context = _update_context


def compile_statements_once() -> None:
    """Statements with Mistral's larger JSON types are compiled each time, and SQLAlchemy warns of
    it on the terminal of whoever has the engine: that they may be kept is said of the smaller one,
    and holds for no subclass."""
    from mistral.db.sqlalchemy import types

    for kind in (types.JsonEncodedMediumText, types.JsonEncodedLongText):
        kind.cache_ok = True


STEPS: Final = (
    start_tasks_without_specification,
    find_inbound_tasks_once,
    find_joins_behind,
    start_no_waiting_joins,
    ask_right_before_a_join,
    find_own_actions_first,
    read_data_together,
    write_changed_contexts,
    compile_statements_once,
)


def _update_context(task: Any) -> None:
    """Mistral's own, but for the condition: to SQLAlchemy an update with the same is a change."""
    from mistral.workflow import base
    from mistral_lib import utils

    task.ctx = base.get_controller(task.wf_ex, task.wf_spec).get_task_inbound_context(
        task.task_spec, triggered_by=task._get_triggered_by_ids()
    )
    known = task.task_ex.in_context
    # As the database has it: 1 and True are the same to Python alone.
    if known is not None and utils.to_json_str({**known, **task.ctx}) != utils.to_json_str(known):
        utils.update_dict(known, task.ctx)


def _names_right_before(controller: Any, task: Any, depth: int = 1) -> set[str]:  # noqa: ARG001
    """The tasks that are fetched to find out whether a join's turn has come. Where Mistral looks at
    one further away (``_possible_route``) it fetches it then."""
    names = {each.get_name() for each in controller.wf_spec.find_inbound_task_specs(task)}
    return names or {task.get_name()}


def _inbound(specification: Any, task: Any) -> list[Any]:
    """The tasks that lead to a task, in the workflow's order."""
    # Not in Mistral's own cache: that may hold what its own function has found for some tasks.
    found: dict[str, list[Any]] = specification.__dict__.setdefault(_INBOUND, {})
    if not found:
        tasks = specification.get_tasks()
        into: dict[str, list[Any]] = {each.get_name(): [] for each in tasks}
        for each in tasks:
            for name in specification.find_outbound_task_names(each.get_name()):
                if name in into:
                    into[name].append(each)
        found.update(into)
    return list(found[task.get_name()])


def _affected(controller: Any, name: str) -> set[Any]:
    """The joins that have begun to wait and that a task's end may set going: the next on each path
    after it. A join that has not begun to wait is passed: what it leads to may have."""
    specification = controller.wf_spec
    found: set[Any] = set()
    passed = {name}
    wanted = _joins_after(specification, passed) - passed
    while wanted:
        waiting = controller._get_task_executions(fields=("id", "name"), name={"in": wanted})
        found.update(waiting)
        passed |= wanted
        absent = wanted - {execution.name for execution in waiting}
        wanted = _joins_after(specification, absent) - passed
    return found


def _joins_after(specification: Any, names: Iterable[str]) -> set[str]:
    """The next join on each path from these tasks on. The specification keeps what is found."""
    kept: dict[str, set[str]] = specification.__dict__.setdefault(_KEPT, {})
    return set().union(*(kept.get(n) or kept.setdefault(n, _walk(specification, n)) for n in names))


def _walk(specification: Any, name: str) -> set[str]:
    tasks = specification.get_tasks()
    if not any(task.get_join() for task in tasks):
        return set()
    joins: set[str] = set()
    seen: set[str] = set()
    todo = set(specification.find_outbound_task_names(name))
    while todo:
        following = todo.pop()
        seen.add(following)
        task = tasks[following]
        if task is None:
            continue  # a command of the engine's
        if task.get_join():
            joins.add(following)
        else:
            todo.update(specification.find_outbound_task_names(following) - seen)
    return joins
