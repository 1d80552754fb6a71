"""What a transaction of an embedded engine has read already, or is about to need, is read once.

A transaction of Mistral's is about one action, its task and its execution. It reads each of them
alone, then their larger columns one by one, asks for what it has by its id again, and changes a
state by an UPDATE of its own after which it reads the row anew: two statements in three. That is
for engines that change the same rows side by side. An embedded engine is alone with its database,
and runs one transaction at a time (mistral/db/sqlalchemy/base.py, tx_lock): what a transaction has
read stays true until it changes it itself.
"""

from __future__ import annotations

import functools
from typing import Any

_WITH_THE_TASK = ("params", "input", "context")
"""The columns of an execution that every task's start and end looks at."""


@functools.cache
def install() -> None:
    """Have this process's engine read less. Only for one that has its database alone."""
    look_up_what_is_there()
    find_the_task_before()
    match_in_memory()


def look_up_what_is_there() -> None:
    """By its id: what the transaction has; else it, its task and its execution in one statement."""
    from mistral.db.sqlalchemy import base
    from mistral.db.v2.sqlalchemy import api, models
    from sqlalchemy import inspect, orm

    own = api._get_db_object_by_id
    orm.configure_mappers()
    execution = orm.joinedload(models.TaskExecution.workflow_execution).options(
        *(orm.undefer(getattr(models.WorkflowExecution, name)) for name in _WITH_THE_TASK)
    )
    spec = orm.undefer(models.TaskExecution.spec)
    task = orm.joinedload(models.ActionExecution.task_execution).options(spec, execution)
    together = {
        models.WorkflowExecution: (),
        models.TaskExecution: (spec, execution),
        models.ActionExecution: (task, orm.undefer(models.ActionExecution.output)),
    }

    def by_id(model: Any, id: str, insecure: bool = False, columns: Any = ()) -> Any:
        session = base._get_thread_local_session()
        if columns or session is None or model not in together:
            return own(model, id, insecure, columns)
        with session.no_autoflush:  # no other row's change is of any account here
            found = session.get(model, id, options=together[model])
            if isinstance(found, models.ActionExecution) and found.task_execution:
                # Its end looks at all of them, when something has changed that would be written.
                _ = found.task_execution.action_executions
        if found is None or not _may_see(found, insecure):
            return None
        if (
            isinstance(found, models.TaskExecution)
            and found.updated_at is None
            and "action_executions" in inspect(found).unloaded
        ):
            # Nothing has been done with it since it was created: it has had no action.
            orm.attributes.set_committed_value(found, "action_executions", [])
        return found

    api._get_db_object_by_id = by_id


def find_the_task_before() -> None:
    """The one task that has led to another: by its id, which is known."""
    from mistral.db.sqlalchemy import base
    from mistral.db.v2.sqlalchemy import models
    from mistral.workflow import states
    from mistral.workflow.direct_workflow import DirectWorkflowController

    own = DirectWorkflowController._get_upstream_task_executions
    ended = (states.SUCCESS, states.ERROR, states.CANCELLED)

    def upstream(controller: Any, task: Any, triggered_by: Any = None) -> Any:
        if task.get_join() or not triggered_by or len(triggered_by) != 1:
            return own(controller, task, triggered_by)
        names = [each.get_name() for each in controller.wf_spec.find_inbound_task_specs(task)]
        if not names:
            return []
        session = base._get_thread_local_session()
        if session is None:
            return own(controller, task, triggered_by)
        with session.no_autoflush:
            found = session.get(models.TaskExecution, triggered_by[0])
        if (
            found is not None
            and _may_see(found)
            and found.workflow_execution_id == controller.wf_ex.id
            and found.name == names[0]  # Mistral takes the first
            and found.state in ended
            and found.processed
        ):
            return [found]
        return []

    DirectWorkflowController._get_upstream_task_executions = upstream


def match_in_memory() -> None:
    """A state is changed if it is what it was read as: in the object that the transaction has."""
    from mistral.db.sqlalchemy import base
    from mistral.db.v2.sqlalchemy import api
    from sqlalchemy import inspect, orm

    own = api.update_on_match

    def match(id: str, specimen: Any, values: dict[str, Any], attempts: int) -> Any:
        session = base._get_thread_local_session()
        key = orm.util.identity_key(type(specimen), id)
        found = session.identity_map.get(key) if session is not None else None
        expected = dict(inspect(specimen).dict)
        expected.pop("_sa_instance_state", None)
        if found is None or inspect(found).unloaded & set(expected):
            return own(id, specimen, values, attempts)
        if any(getattr(found, name) != value for name, value in expected.items()):
            return None
        for name, value in values.items():
            setattr(found, name, value)
        return found

    api.update_on_match = match
    # Both have the session forget what it has, to read it anew: also what is not written yet.
    api.acquire_lock = _after_writing(api.acquire_lock)
    api.expire_all = _after_writing(api.expire_all)


def _after_writing(forget: Any) -> Any:
    from mistral.db.sqlalchemy import base

    @functools.wraps(forget)
    def write_first(*args: Any, **options: Any) -> Any:
        session = base._get_thread_local_session()
        if session is not None:
            session.flush()
        return forget(*args, **options)

    return write_first


def _may_see(found: Any, insecure: bool = False) -> bool:
    """As mistral/db/v2/sqlalchemy/api.py has it."""
    from mistral import context
    from mistral.services import security

    if insecure or (context.has_ctx() and context.ctx().is_admin):
        return True
    return bool(found.scope == "public" or found.project_id == security.get_project_id())
