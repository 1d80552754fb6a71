"""Send again what an engine's end has lost: a task's start, a join's turn, an execution's end.

Each as Mistral itself sends it. All may come twice: Mistral starts a task for the first time only
while it is IDLE (mistral/engine/tasks.py, _run_new), and looks at a join or at an execution's end
anew whenever it is asked.
"""

from __future__ import annotations


def start_task(ident: str, first_run: bool = True) -> None:
    """Start a task: for the first time, so that its ``pause-before`` is heeded, or as a resume does
    with one that had stopped."""
    from mistral.rpc import clients as rpc

    # The arguments of mistral.engine.dispatcher.
    rpc.get_engine_client().start_task(
        wf_spec=None,
        task_ex_id=ident,
        first_run=first_run,
        waiting=False,
        triggered_by=None,
        rerun=False,
        reset=False,
    )


def let_go(ident: str) -> None:
    """Start a task that had stopped."""
    start_task(ident, first_run=False)


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
