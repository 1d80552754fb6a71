"""Joins of an embedded engine: looked at when their turn may have come, and without a job.

After each task Mistral writes a job for every join behind it, takes it up, locks the join with a
row of a table, finds that other tasks are still missing, and deletes row and job: six transactions
for one that is needed. It must, since another engine may end another of the join's tasks in the
same moment. An embedded engine is alone with its database, and Mistral runs one transaction at a
time on SQLite; so the task that ends last sees that it is the last. What a kill takes between that
task's end and its join's beginning is found at the next start (:mod:`wfbreak.engine.recovery`).

To see that it is not the last takes a look at one task: one that the join waits for, and that was
not over when it was looked at before. As long as every task lets go of all that comes after it, as
those do that end well, a join cannot have become impossible, and only those right after the task
can have got their turn. That is known of the tasks that this process has seen; of all else every
join behind a task is looked at, as Mistral does.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Collection, Iterator
from typing import Any, Final

_WATCHED: Final = "_wfbreak_watched"
"""The attribute of a specification that keeps a task for each join that has been looked at."""


def install() -> None:
    """Have this process's engine do so. Only for an engine that has its SQLite file alone."""
    from mistral.db.v2 import api as db
    from mistral.engine import task_handler

    task_handler._check_affected_tasks = _look_at_joins
    db.named_lock = _unlocked


def _look_at_joins(task: Any) -> None:
    """In the transaction in which a task ends: have the joins run whose turn has come."""
    from mistral.engine import post_tx_queue, task_handler
    from mistral.lang import parser
    from mistral.workflow import base, states

    if not task.is_completed() or states.is_completed(task.task_ex.workflow_execution.state):
        return
    execution = task.task_ex.workflow_execution
    specification = parser.get_workflow_spec_by_execution_id(execution.id)
    controller = base.get_controller(execution, specification)
    for join in _due(controller, task.task_ex):
        # Bare: its decorators are for jobs, and would end the queue that it now runs in.
        refresh = inspect.unwrap(task_handler._refresh_task_state)
        post_tx_queue.register_operation(refresh, [join.id])


def _due(controller: Any, task: Any) -> Iterator[Any]:
    """The joins whose turn has come with a task's end, or that can have none any more."""
    from mistral.workflow import states

    specification, name = controller.wf_spec, task.name
    # By executions; none where a task has not let go of all that comes after it.
    watched: dict[str, dict[str, str] | None] = specification.__dict__.setdefault(_WATCHED, {})
    ours = watched.setdefault(controller.wf_ex.id, {})
    tasks = specification.get_tasks()
    after = {n for n in specification.find_outbound_task_names(name) if tasks[n] is not None}
    if ours is None or not after <= {following for following, _ in task.next_tasks or ()}:
        watched[controller.wf_ex.id] = None
        yield from _due_of_all(controller, task)
        return
    joins = {following for following in after if tasks[following].get_join()}
    if not joins:
        return
    asked = joins | {ours[join] for join in joins if join in ours}
    found = controller._get_task_executions(fields=("id", "name", "state"), name={"in": asked})
    over = {each.name for each in found if states.is_completed(each.state)}
    for join in found:
        if join.name not in joins:
            continue
        known = ours.get(join.name)
        if known is not None and known != name and known not in over:
            continue
        if controller.get_logical_task_state(join).state != states.WAITING:
            yield join
        elif watch := _open(controller, join.name, {name, known}):
            ours[join.name] = watch


def _due_of_all(controller: Any, task: Any) -> Iterator[Any]:
    """The same, of all joins behind the task."""
    from mistral.workflow import states

    for join in controller.find_indirectly_affected_task_executions(task.name):
        if controller.get_logical_task_state(join).state != states.WAITING:
            yield join


def _open(controller: Any, join: str, over: Collection[str | None]) -> str | None:
    """A task that a join waits for: the last of them, for it is likely to be the last to end. If
    it was that before, the engine is asked."""
    from mistral.workflow import states

    specification = controller.wf_spec
    inbound = specification.find_inbound_task_specs(specification.get_tasks()[join])
    names = [task.get_name() for task in inbound]
    if None not in over:
        found = controller._get_task_executions(fields=("name", "state"), name={"in": names})
        over = {each.name for each in found if states.is_completed(each.state)}
    return next((name for name in reversed(names) if name not in over), None)


@contextlib.contextmanager
def _unlocked(name: str) -> Iterator[None]:  # noqa: ARG001
    yield
