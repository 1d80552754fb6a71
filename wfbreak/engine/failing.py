"""Whether something of an execution has failed, for those that then do not begin."""

from __future__ import annotations

from typing import Any

from wfbreak.engine import belonging
from wfbreak.engine.model import has_not_begun
from wfbreak.engine.retrying import tries


def wfbreak_goes(context: Any) -> bool:
    """Whether the task at hand may go on: nothing of its stack has failed by itself, or it has
    begun and is tried again, for which its input is computed anew. What had no turn because of a
    failure does not count as failed: when that is tried again, so is this."""
    from mistral.db.v2 import api as db
    from mistral.workflow import states

    if tries(db.get_task_execution(context["__task_execution"]["id"])):
        return True
    stack = belonging.stack_of(db.get_workflow_execution(context["__execution"]["id"]))
    failed = belonging.tasks_of(stack, state=states.ERROR)
    return all(has_not_begun(task.state_info) for task in failed)
