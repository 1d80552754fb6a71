"""In whose name the engine tries a task again.

A job of Mistral's scheduler keeps the context in which it was scheduled, token included, and is
done in it. A try after a missed heartbeat is scheduled by the engine itself, in nobody's name
(mistral/services/action_heartbeat_checker.py): the action then comes without a token, and an
executor whose Mistral has Keystone does nothing for nobody. As long as an execution has no
application credential of its own, such a try needs the token of whoever started or resumed it,
which the job that looks after the execution still has (:mod:`.healing`).
"""

from __future__ import annotations

from collections.abc import Collection


def lend(tasks: Collection[str]) -> None:
    """Let the tries that wait for these tasks' turn be made in the name of the caller at hand,
    where they are in nobody's. In a transaction of the engine's."""
    from mistral import context
    from mistral.db.v2 import api as db

    if not tasks or not context.has_ctx() or not context.ctx().auth_token:
        return
    ours = context.RpcContextSerializer().serialize_context(context.ctx())
    waiting = {"captured_at": None}
    for job in db.get_scheduled_jobs(**waiting):
        is_meant = (job.func_args or {}).get("task_ex_id") in tasks
        if is_meant and not (job.auth_ctx or {}).get("auth_token"):
            db.update_scheduled_job(job.id, {"auth_ctx": ours}, query_filter=waiting)
