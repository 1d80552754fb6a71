"""Let one engine at a time decide what becomes of a task."""

from __future__ import annotations

from typing import Any


def lock(task: Any, *others: Any) -> None:
    """Lock a task's row until the transaction's end, and read it and the others anew.

    On SQLite Mistral runs one transaction at a time (mistral/db/sqlalchemy/base.py): there nothing
    is to be done.
    """
    from mistral.db.v2.sqlalchemy import models
    from sqlalchemy import orm, select

    session = orm.object_session(task)
    assert session is not None
    if session.get_bind().dialect.name == "sqlite":
        return
    session.flush()
    row = select(models.TaskExecution.id).where(models.TaskExecution.id == task.id)
    session.execute(row.with_for_update())
    for each in (task, *others):
        session.expire(each)
