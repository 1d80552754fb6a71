"""What single operations of an engine cost, by how much is in flight.

Run in a process of its own that is configured as an engine and does nothing else, while the
cluster's engines stand still: ``python -m benchmarks.probes CONFIG POSTMASTER EXECUTION...``. What
it writes is taken back. The figures come out as JSON.
"""

from __future__ import annotations

import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from benchmarks.figures import Probe
from benchmarks.usage import spent

JOBS = (0, 1_000, 10_000, 50_000)
"""Of the scheduler's that wait."""

_AT_LEAST = 1.0
"""Seconds for which an operation is repeated: the database's CPU is counted in hundredths."""

_COPY = """
    INSERT INTO scheduled_jobs_v2 (created_at, id, run_after, func_name, func_args,
        func_arg_serializers, auth_ctx, execute_at, key)
    SELECT now(), gen_random_uuid()::text, run_after, func_name, func_args, func_arg_serializers,
        auth_ctx, now() + interval '1 day', key
    FROM (SELECT * FROM scheduled_jobs_v2 WHERE func_name LIKE '%%_continue_task' LIMIT 1) AS one,
        generate_series(1, {})
"""


_TOKEN = "t" * 200
_CONTEXT = json.dumps({"auth_token": _TOKEN})
_IN_SOMEBODYS_NAME = "UPDATE scheduled_jobs_v2 SET auth_ctx = :context"
"""As with Keystone: each job has the token of whoever has started its stack."""


class _TakeBack(Exception):
    """Ends a transaction."""


def _measure(name: str, size: int, postmaster: int, act: Callable[[], object]) -> Probe:
    act()  # what is done once is done
    database, own, began, times = spent([postmaster]), time.process_time(), time.monotonic(), 0
    while time.monotonic() - began < _AT_LEAST:
        act()
        times += 1
    engine = (time.process_time() - own) / times
    return Probe(name, size, engine, (spent([postmaster]) - database) / times)


def _look(execution: str) -> int:
    """One of the looks of :mod:`wfbreak.engine.healing`; how many tasks are open."""
    from mistral.db.v2 import api as db
    from mistral.workflow import states

    from wfbreak.engine import healing

    size = 0
    try:
        with db.transaction():
            found = db.load_workflow_execution(execution)
            healing._look(found)
            size = sum(not states.is_completed(task.state) for task in found.task_executions)
            raise _TakeBack
    except _TakeBack:
        return size


def _fill(jobs: int) -> int:
    """Have so many jobs wait at least; how many do."""
    import sqlalchemy as sa
    from mistral.db.sqlalchemy import base

    with base.get_engine().begin() as connection:
        there = connection.execute(sa.text("SELECT count(*) FROM scheduled_jobs_v2")).scalar()
        connection.execute(sa.text(_COPY.format(max(0, jobs - int(there or 0)))))
        connection.execute(sa.text(_IN_SOMEBODYS_NAME), {"context": _CONTEXT})
    with base.get_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE scheduled_jobs_v2"))
        return int(connection.execute(sa.text("SELECT count(*) FROM scheduled_jobs_v2")).scalar())


def _jobs(postmaster: int, execution: str) -> list[Probe]:
    from mistral import context
    from mistral.db.v2 import api as db
    from mistral.scheduler import base
    from mistral_lib import utils

    found = []
    # None is due then, as in a cluster whose engines are in time.
    before_all = utils.utc_now_sec() - timedelta(days=1)
    for jobs in JOBS:
        size = _fill(jobs)

        def count() -> object:
            return db.get_scheduled_jobs_count(key="nobody's", captured_at={"eq": None})

        def due() -> object:
            with db.transaction():
                return db.get_scheduled_jobs_to_start(before_all, None)

        def look() -> object:
            return _look(execution)

        found.append(_measure("a job of a key is looked for", size, postmaster, count))
        found.append(_measure("the scheduler looks for jobs", size, postmaster, due))
        context.ctx().auth_token = _TOKEN
        found.append(_measure("a look with a token", size, postmaster, look))
        context.ctx().auth_token = None
    found.append(_kept(base.get_system_scheduler()))
    return found


def _kept(scheduler: Any) -> Probe:
    """What the jobs cost that an engine keeps in its memory: one look for a key that is not there,
    and bytes, each job of them."""
    from mistral.db.v2 import api as db

    tracemalloc.start()
    with db.transaction():
        before = tracemalloc.get_traced_memory()[0]
        jobs = db.get_scheduled_jobs(captured_at=None)
        for job in jobs:
            scheduler.in_memory_jobs[job.id] = job
    size = (tracemalloc.get_traced_memory()[0] - before) / len(jobs)
    tracemalloc.stop()
    own, times = time.process_time(), 20
    for _ in range(times):
        with scheduler._cond:
            kept = list(scheduler.in_memory_jobs.values())
        any(job.key == "nobody's" for job in kept)
    engine = (time.process_time() - own) / times
    return Probe("jobs in memory", len(jobs), engine, 0.0, size)


def main() -> None:
    config, postmaster, *executions = sys.argv[1:]
    from mistral import config as mistral_config
    from mistral import context
    from mistral.db.v2 import api as db

    mistral_config.parse_args(["--config-file", config])
    db.setup_db()
    context.set_ctx(context.MistralContext(is_admin=True))
    pid = int(postmaster)
    found = []
    for execution in executions:
        size = _look(execution)
        found.append(_measure("a look after a stack", size, pid, lambda e=execution: _look(e)))  # type: ignore[misc]
    found += _jobs(pid, executions[1])
    print(json.dumps([asdict(probe) for probe in found]))


if __name__ == "__main__":
    main()
