"""Send again what an engine's end has lost: a task's start or next try, a join's turn, an
execution's end.

Each as Mistral itself sends it. All may come twice: Mistral starts a task for the first time only
while it is IDLE (mistral/engine/tasks.py, _run_new), and looks at a join or at an execution's end
anew whenever it is asked.
"""

from __future__ import annotations

from typing import Any


def start_task(ident: str, first_run: bool = True, again: bool = False) -> None:
    """Start a task: for the first time, so that its ``pause-before`` is heeded, or as a resume does
    with one that had stopped, or as one that somebody runs ``again``."""
    from mistral.rpc import clients as rpc

    # The arguments of mistral.engine.dispatcher.
    rpc.get_engine_client().start_task(
        wf_spec=None,
        task_ex_id=ident,
        first_run=first_run,
        waiting=False,
        triggered_by=None,
        rerun=again,
        reset=again,
    )


def let_go(ident: str) -> None:
    """Start a task that had stopped."""
    start_task(ident, first_run=False)


def run_again(ident: str) -> None:
    """Start a task that somebody runs again."""
    start_task(ident, first_run=False, again=True)


def try_again(task: Any) -> None:
    """Schedule the next try of a task, as Mistral's policy does (RetryPolicy). In a transaction."""
    from mistral.engine import policies, task_handler
    from mistral.scheduler import base
    from mistral.workflow import states

    if task.state == states.WAITING:  # a join
        task_handler._schedule_refresh_task_state(task.id)
        return
    base.get_system_scheduler().schedule(
        base.SchedulerJob(
            run_after=0,
            func_name=policies._CONTINUE_TASK_PATH,
            func_args={"task_ex_id": task.id},
        )
    )


def tell_end(part: Any) -> None:
    """Have the task that runs a part of a stack hear that it has ended. In a transaction."""
    from mistral.engine import task_handler

    task_handler.schedule_on_action_complete(part)


def look_again(ident: str) -> None:
    """Have a join look at its inbound tasks."""
    from mistral.db.v2 import api as db
    from mistral.engine import task_handler

    with db.transaction():
        task_handler._schedule_refresh_task_state(ident)


def complete(ident: str) -> None:
    """Have an execution look whether it has ended."""
    from mistral.db.v2 import api as db
    from mistral.engine import post_tx_queue, workflow_handler

    @post_tx_queue.run  # type: ignore[untyped-decorator]
    def check() -> None:
        with db.transaction():
            if db.get_task_executions_count(workflow_execution_id=ident):
                workflow_handler.check_and_complete(ident)

    check()
