"""Whether something of an execution has failed, for those that then do not begin."""

from __future__ import annotations

from typing import Any

from wfbreak.engine.model import has_not_begun


def wfbreak_goes(context: Any) -> bool:
    """Whether nothing of the execution at hand has failed by itself. What had no turn because of a
    failure does not count: when that is tried again, so is this."""
    from mistral.db.v2 import api as db
    from mistral.workflow import states

    execution = context["__execution"]["id"]
    failed = db.get_task_executions(workflow_execution_id=execution, state=states.ERROR)
    return all(has_not_begun(task.state_info) for task in failed)
