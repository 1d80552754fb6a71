"""One result for whoever reads a task that was run twice.

:mod:`wfbreak.engine.once` keeps one when a task ends. But of two engines that end it in the same
moment neither sees what the other has written; then Mistral hands on a list of both results
(mistral/workflow/data_flow.py, get_task_execution_result), and the expressions of all that depends
on it fail. Only a task with ``with-items`` has a list of results; of wfbreak's tasks none has.
"""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def install() -> None:
    """Have this process's engine hand on one result of a task: that of the first action."""
    from mistral.lang import parser
    from mistral.workflow import data_flow

    every = data_flow.get_task_execution_result

    def one(task: Any) -> Any:
        found = every(task)
        if not isinstance(found, list) or len(found) < 2:
            return found
        accepted = [each for each in task.executions if each.accepted]
        if len(accepted) < 2 or parser.get_task_spec(task.spec).get_with_items():
            return found
        return min(accepted, key=lambda each: each.created_at).output["result"]

    data_flow.get_task_execution_result = one


def one_of(result: Any) -> Any:
    """Likewise for whoever asks the API, which has it from Mistral's own function. No action of
    wfbreak's returns a list."""
    return next(iter(result), None) if isinstance(result, list) else result
