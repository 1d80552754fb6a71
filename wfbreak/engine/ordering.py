"""Have Mistral's clients list and draw a stack's tasks in an order that reads.

Mistral lists tasks by the second in which they were made; those of one second follow by their ids,
which are random. And what draws a graph of them goes by what each was triggered by, which Mistral
leaves out of a workflow's first tasks.
"""

from __future__ import annotations

import functools
import types
from typing import Any

from wfbreak import tags


@functools.cache
def install() -> None:
    """Have this process's engine do so."""
    say_that_nothing_came_before()
    number_tasks_in_their_order()


def say_that_nothing_came_before() -> None:
    """Of a stack's first tasks. CloudFlow draws its lines from what each task was triggered by, and
    fails if a task has notes of policies (all of a stack's have) and none of that."""
    from mistral.engine.tasks import Task

    create = Task._create_task_execution

    def create_task_execution(task: Any, *args: Any, **named: Any) -> None:
        create(task, *args, **named)
        joins = getattr(task.task_spec, "get_join", lambda: None)()
        if not task.triggered_by and not joins and tags.STACK in task.wf_spec.get_tags():
            task.task_ex.runtime_context["triggered_by"] = []

    Task._create_task_execution = create_task_execution


def number_tasks_in_their_order() -> None:
    """With ids that grow with time (RFC 9562's version 7)."""
    from mistral.engine import tasks
    from uuid6 import uuid7

    own = types.ModuleType(tasks.utils.__name__)
    vars(own).update(vars(tasks.utils), generate_unicode_uuid=lambda: str(uuid7()))
    tasks.utils = own  # this module makes no other ids
