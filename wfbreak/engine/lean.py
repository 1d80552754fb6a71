"""Mistral 23's engine without the work that grows with the size of a task's workflow.

Each of these was found by a profile of stacks of 100 to 1,000 resources, and takes away only work:
what the engine does, and when, is the same (docs/speed.md has the figures of each).

* The dispatcher sends the whole workflow's specification with the message that starts a task, where
  nothing reads it.
* A task's inbound tasks are found by looking at all tasks, once for each task: a million looks when
  a workflow of a thousand begins.
* After each task all joins of the workflow are fetched from the database, to find those that it may
  set going, and all that comes after it is walked through.

An embedded engine has them from its start, an engine of a cluster by :mod:`.provider`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

_INBOUND, _KEPT = "_wfbreak_inbound", "_wfbreak_joins_after"
"""The attributes of a specification that keep what :func:`_inbound` and :func:`_joins_after` have
found."""


@functools.cache
def install() -> None:
    """Have this process's engine do less."""
    start_tasks_without_specification()
    find_inbound_tasks_once()
    find_joins_behind()


def start_tasks_without_specification() -> None:
    """The first of the three above."""
    from mistral.rpc import clients

    class LeanEngineClient(clients.EngineClient):  # type: ignore[misc]  # the library has no types
        def start_task(self, *args: Any, wf_spec: Any = None, **params: Any) -> Any:  # noqa: ARG002
            return super().start_task(*args, **params)

    # Mistral makes its client when it is first wanted, and anew after the API has started.
    with clients._ENGINE_CLIENT_LOCK:
        clients.EngineClient = LeanEngineClient
        clients._ENGINE_CLIENT = None


def find_inbound_tasks_once() -> None:
    """The second."""
    from mistral.lang.v2.workflows import DirectWorkflowSpec

    DirectWorkflowSpec.find_inbound_task_specs = _inbound


def find_joins_behind() -> None:
    """The third."""
    from mistral.workflow.direct_workflow import DirectWorkflowController

    DirectWorkflowController.find_indirectly_affected_task_executions = _affected


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
