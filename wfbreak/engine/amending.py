"""Change an execution's env at any moment of its life.

Mistral's API merges an env into that of an execution that stands, and refuses while it runs
(mistral/services/workflows.py, update_workflow_execution_env). Yet the env is read from the
database wherever an expression needs it, so a change takes effect at the next decision all the
same. Where the API refuses, the engine is asked by a workflow of one task.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from wfbreak.engine import telling
from wfbreak.engine.asking import ask
from wfbreak.engine.client import EngineClient, EngineRefused
from wfbreak.engine.model import Execution, State


def amend(client: EngineClient, execution: Execution, env: Mapping[str, Any]) -> Execution:
    """Merge ``env`` into the execution's, whether it runs or stands; the execution after it.

    :raises EngineRefused: if it has ended.
    """
    if execution.state is State.ERROR:
        return client.amend(execution, env)
    # Where it stands, it says what will come: that may be otherwise now.
    inputs = {"execution": execution.id, "env": json.dumps(dict(env))}
    if not ask(client, "amend", inputs)["amended"]:
        raise EngineRefused(f"the execution {execution.id} has ended meanwhile")
    return client.execution(execution.id)


def wfbreak_amend(context: Any, execution: Any, env: Any) -> bool:  # noqa: ARG001  # the engine's
    """Merge an env (JSON) into that of an execution; false if it has ended. Only of executions
    that the caller may see: Mistral's database goes by projects."""
    from mistral.db.v2 import api as db
    from mistral.db.v2.sqlalchemy import models
    from mistral.workflow import states
    from mistral_lib import utils

    ident = db.get_workflow_execution(str(execution)).id
    found = db.acquire_lock(models.WorkflowExecution, ident)
    if found.state in (states.SUCCESS, states.CANCELLED):
        return False
    # Merged in a copy: the database is told of a change by comparing with what was there.
    params = copy.deepcopy(dict(found.params))
    params["env"] = utils.merge_dicts(params.get("env") or {}, json.loads(str(env)))
    found.params = params
    telling.tell_again(found)
    return True
