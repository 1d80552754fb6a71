"""In whose name the engine tries a task again.

A job of Mistral's scheduler has the context in which it was scheduled, token included. A try after
a missed heartbeat is scheduled by the engine itself, in nobody's name
(mistral/services/action_heartbeat_checker.py): the action then comes without a token, and an
executor whose Mistral has Keystone does nothing for nobody. As long as an execution has no
application credential of its own, such a try needs the token of whoever started or resumed it,
which the job that looks after the execution still has (:mod:`.healing`). And what the engine
creates after such a try would belong to no project: whoever started the stack would not see it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime


def adopt(project: str | None) -> None:
    """What the engine does of its own accord from here on, it does for this project. It stays the
    administrator who may look at everything."""
    from mistral import context

    if context.has_ctx() and context.ctx().is_admin and context.ctx().project_id is None:
        context.ctx().project_id = project


def lend(tasks: Collection[str]) -> None:
    """Have the tries for which these tasks wait made at once and in the name of the caller at hand,
    where they are in nobody's. In a transaction of the engine's."""
    from mistral import context
    from mistral.db.v2 import api as db
    from mistral.scheduler import base

    if not tasks or not context.has_ctx() or not context.ctx().auth_token:
        return
    waiting = {"captured_at": None}
    for job in db.get_scheduled_jobs(**waiting):
        is_meant = (job.func_args or {}).get("task_ex_id") in tasks
        if not is_meant or (job.auth_ctx or {}).get("auth_token"):
            continue
        # An engine that has scheduled a job keeps its context in memory: so another takes its
        # place. It is taken as engines take it, so that only one does (default_scheduler.py).
        now = {"captured_at": datetime.now(UTC).replace(tzinfo=None)}
        _, taken = db.update_scheduled_job(job.id, now, query_filter=waiting)
        if taken:
            again = base.SchedulerJob(
                func_name=job.func_name, func_args=dict(job.func_args), key=job.key, run_after=0
            )
            db.delete_scheduled_job(job.id)
            base.get_system_scheduler().schedule(again)
