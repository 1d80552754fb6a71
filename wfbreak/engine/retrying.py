"""Run a task again as long as what it failed of may pass: the engine's ``retry`` asks here.

Mistral's policy counts its tries in the task's own ``runtime_context`` and starts at 0 when someone
runs a failed task again (mistral/engine/policies.py, RetryPolicy); how long has been waited follows
from that number, also for a join, whose ``started_at`` every try sets anew.
"""

from __future__ import annotations

from typing import Any

from wfbreak import again
from wfbreak.engine import behalf, healing, lean, once, results


def wfbreak_delay(context: Any) -> int:
    """The seconds before the task at hand is tried again: for ``delay`` of a retry policy, which
    the engine computes anew after each try."""
    return again.delay(tries(_at_hand(context)))


def wfbreak_again(context: Any) -> bool:
    """Whether the task at hand is worth another try: for ``continue-on`` of a retry policy, which
    the engine computes whenever a task ends. So here its execution is looked after, too, a try of
    the engine's own becomes one of the project's, and what ran twice is made one."""
    from mistral.workflow import data_flow

    lean.install()
    results.install()
    task = _at_hand(context)
    behalf.adopt(task.project_id)
    healing.watch(task.workflow_execution_id)
    once.keep_one(task.executions)
    result = data_flow.get_task_execution_result(task)
    is_due = again.is_due(result, tries(task))
    if is_due and again.read(result) is again.Again.LOST:
        once.forget_tries(task.id)
    return is_due


def _at_hand(context: Any) -> Any:
    """The task that an expression is about, as the transaction has it: it need not ask for it."""
    from mistral.db.sqlalchemy import base
    from mistral.db.v2 import api as db
    from mistral.db.v2.sqlalchemy import models

    ident = context["__task_execution"]["id"]

    @base.session_aware()  # type: ignore[untyped-decorator]
    def find(session: Any) -> Any:
        return session.get(models.TaskExecution, ident)

    return find() or db.get_task_execution(ident)


def tries(task: Any) -> int:
    """How often the retry policy has had a task tried, since someone ran it."""
    policy = (task.runtime_context or {}).get("retry_task_policy") or {}
    return int(policy.get("retry_no", 0))
