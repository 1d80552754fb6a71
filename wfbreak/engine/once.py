"""A task has one result, however often its action was run.

On a cluster a task may be run twice at a time: two engines miss the same heartbeat, a job of the
scheduler's is done again because the database was away at its end. Then two actions of it end
well, Mistral makes a list of their results (mistral/workflow/data_flow.py,
get_task_execution_result), and every expression that reads the task fails, the whole execution with
it. wfbreak's actions may run twice, and give the same; so one result counts, and what still runs
beside it is heard no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any


def keep_one(actions: Iterable[Any]) -> None:
    """Of a task that has ended, keep the result of one action: the first that ended well, for what
    comes after may have read it; else the last. In a transaction of the engine's."""
    from mistral.workflow import states

    found = sorted(actions, key=lambda action: action.created_at)
    accepted = [action for action in found if action.accepted]
    good = [action for action in accepted if action.state == states.SUCCESS]
    kept = good[0] if good else next(reversed(accepted), None)
    for action in found:
        if action is kept:
            continue
        if action.accepted:
            action.accepted = False
        elif action.is_sync and not states.is_completed(action.state):
            # Mistral refuses the result of an action that has ended.
            action.state = states.CANCELLED


def forget_tries(task: str) -> None:
    """Drop the tries of a task for which engines wait already: another is about to be scheduled.
    In a transaction of the engine's."""
    from mistral.db.v2 import api as db

    for job in db.get_scheduled_jobs(captured_at=None):
        if (job.func_args or {}).get("task_ex_id") != task:
            continue
        # It is taken as engines take it, so that only one does (default_scheduler.py).
        now = {"captured_at": datetime.now(UTC).replace(tzinfo=None)}
        _, taken = db.update_scheduled_job(job.id, now, query_filter={"captured_at": None})
        if taken:
            db.delete_scheduled_job(job.id)
