"""Joins of an embedded engine: looked at when their turn may have come, and without a job.

After each task Mistral writes a job for every join behind it, takes it up, locks the join with a
row of a table, finds that other tasks are still missing, and deletes row and job: six transactions
for one that is needed. It must, since another engine may end another of the join's tasks in the
same moment. An embedded engine is alone with its database, and Mistral runs one transaction at a
time on SQLite; so the task that ends last sees that it is the last. What a kill takes between that
task's end and its join's beginning is found at the next start (:mod:`wfbreak.engine.recovery`).
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator
from typing import Any


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
    for join in controller.find_indirectly_affected_task_executions(task.task_ex.name):
        if controller.get_logical_task_state(join).state != states.WAITING:
            # Bare: its decorators are for jobs, and would end the queue that it now runs in.
            refresh = inspect.unwrap(task_handler._refresh_task_state)
            post_tx_queue.register_operation(refresh, [join.id])


@contextlib.contextmanager
def _unlocked(name: str) -> Iterator[None]:  # noqa: ARG001
    yield
