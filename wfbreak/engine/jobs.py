"""Jobs that the engine does later by itself: kept in its database, done whoever is there.

Mistral's own scheduler (mistral/scheduler/base.py) has them; one of its engines calls the function
when the time has come, after a restart too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def schedule(function: Callable[..., None], seconds: int, key: str, **arguments: Any) -> bool:
    """Have ``function`` called with the arguments (plain data) after some seconds; whether there
    was none waiting.

    There is one job of a ``key`` at a time. Call it in a transaction of the engine's.
    """
    from mistral.db.v2 import api as db
    from mistral.scheduler import base

    if db.get_scheduled_jobs_count(key=key, captured_at={"eq": None}):
        return False
    base.get_system_scheduler().schedule(
        base.SchedulerJob(
            run_after=seconds,
            func_name=f"{function.__module__}.{function.__qualname__}",
            func_args=arguments,
            key=key,
        )
    )
    return True


def is_any_about(task: str) -> bool:
    """Whether a job waits or runs that Mistral has scheduled for a task. In a transaction."""
    from mistral.db.v2 import api as db

    return any((job.func_args or {}).get("task_ex_id") == task for job in db.get_scheduled_jobs())


def with_execution(execution: str, act: Callable[[Any], None]) -> None:
    """Call ``act`` with an execution as the engine has it, in a transaction; if it is there.

    While the database is away it is tried again: Mistral's scheduler does a job once, and what a
    job would schedule as the next one is lost with it. So ``act`` may be called more than once.
    """
    from mistral.db import utils
    from mistral.db.v2 import api as db
    from mistral.engine import post_tx_queue

    @utils.retry_on_db_error  # type: ignore[untyped-decorator]
    @post_tx_queue.run  # type: ignore[untyped-decorator]
    def run() -> None:
        with db.transaction():
            found = db.load_workflow_execution(execution)
            if found is not None:
                act(found)

    run()
