"""What each measure against the embedded engine's cost brings, one by one.

The same layered stack is run on a fresh engine without any of them, with each added to those
before, and then with options of Mistral's and SQLite's that were tried and left alone. Figures are
CPU seconds a resource, of the whole process, and SQL statements a resource, which are nearly the
same at every run; the ratio is the last CPU to the first: 1.0 means a cost in a straight line.

    python -m benchmarks.tuning [--rows FIRST-LAST] [SIZE...]

A row takes a fresh process; without the measures a stack of 300 takes minutes. ``--rows`` are those
of which the table is made, the first is 0.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wfbreak.engine import beats, embedded, joining, lean, retrying

SIZES = (30, 100, 300)
_POLL = 1.0

Step = Callable[[], None]


@dataclass(frozen=True)
class Measure:
    """Something that is done before the engine starts."""

    title: str
    step: Step


def _quick_sqlite() -> None:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def begin(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    event.listen(Engine, "connect", begin)


def _option(section: str, line: str) -> Step:
    def step() -> None:
        embedded._CONFIG += f"\n[{section}]\n{line}\n"

    return step


def _switch_often() -> None:
    sys.setswitchinterval(0.0005)


_DUE, _AT_HAND = joining._due, retrying._at_hand
_JOINING, _BEATS = joining.install, beats.install


def _without() -> None:
    """Take away what is no step of the engine's start."""

    def asked(context: Any) -> Any:
        from mistral.db.v2 import api as db

        return db.get_task_execution(context["__task_execution"]["id"])

    lean.install = joining.install = beats.install = lambda: None  # type: ignore[assignment]
    joining._due, retrying._at_hand = joining._due_of_all, asked


def _few_looks() -> None:
    joining._due = _DUE


def _at_hand() -> None:
    retrying._at_hand = _AT_HAND


TAKEN = (
    Measure(
        "tasks start without the workflow's specification", lean.start_tasks_without_specification
    ),
    Measure("inbound tasks are found once", lean.find_inbound_tasks_once),
    Measure("the joins behind a task, not all of them", lean.find_joins_behind),
    Measure("joins without jobs and locks", _JOINING),
    Measure("no start for a join that waits", lean.start_no_waiting_joins),
    Measure("the tasks right before a join, not four steps", lean.ask_right_before_a_join),
    Measure("wfbreak's actions are not looked for in the database", lean.find_own_actions_first),
    Measure("an execution's data is read at once", lean.read_data_together),
    Measure("what a task has is written if it has changed", lean.write_changed_contexts),
    Measure("the task that ends is not asked for again", _at_hand),
    Measure("a look at one task of a join that waits", _few_looks),
    Measure("heartbeats for actions that last", _BEATS),
)

TRIED = (
    Measure("SQLite: WAL, synchronous=NORMAL", _quick_sqlite),
    Measure("4 threads for messages, not 64", _option("DEFAULT", "executor_thread_pool_size = 4")),
    Measure("2 threads for the scheduler's jobs", _option("scheduler", "in_memory_workers = 2")),
    Measure("Python switches threads ten times as often", _switch_often),
)


def rows() -> list[tuple[str, list[Measure]]]:
    found: list[tuple[str, list[Measure]]] = [("Mistral as it is", [])]
    for number, measure in enumerate(TAKEN, 1):
        found.append((f"+ {measure.title}", list(TAKEN[:number])))
    return found + [(f"all, and {m.title}", [*TAKEN, m]) for m in TRIED]


def template(size: int) -> str:
    """A layered graph: every resource needs up to three of those before it."""
    lines = ["heat_template_version: 2021-04-16", "resources:"]
    for number in range(size):
        needed = [f"r{number - step}" for step in (3, 7, 11)] if number >= 11 else []
        lines.append(f"  r{number}: {{type: OS::Heat::None, depends_on: [{', '.join(needed)}]}}")
    return "\n".join(lines)


def measure(number: int, sizes: list[int]) -> dict[int, tuple[float, float]]:
    """CPU seconds and SQL statements a resource with the measures of a row; in a process of its
    own."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    from wfbreak.engine.connect import EngineOptions, connect
    from wfbreak.translate import Request, translate

    _without()
    for each in rows()[number][1]:
        each.step()
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(Engine, "before_cursor_execute", count)
    costs = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        connect(EngineOptions(state=Path(folder) / "state")) as client,
    ):
        for size in [5, *sizes]:  # the first one warms up
            path = Path(folder) / f"stack{size}.yaml"
            path.write_text(template(size))
            translation = translate(Request(str(path), stack=f"stack{size}"))
            workflow = client.upload(translation.text(), f"tuning-{size}")
            begun, statements = time.process_time(), 0
            execution = client.start(workflow, {})
            while not client.execution(execution.id).state.is_final:
                time.sleep(_POLL)
            costs[size] = (time.process_time() - begun) / size, statements / size
    return {size: costs[size] for size in sizes}


def tell(number: int, sizes: list[int]) -> None:
    """Measure, print what came of it for another process, and end: the engine's threads may fail
    at the end of a process whose folder is gone."""
    print(json.dumps(measure(number, sizes)), flush=True)
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--rows", default=f"0-{len(rows())}")
    asked = parser.parse_args()
    sizes: list[int] = asked.sizes
    first, last = map(int, asked.rows.split("-"))
    heads = "".join(f" {size:>14}" for size in sizes)
    print(f"{'CPU seconds (statements) a resource, in a stack of':<62}{heads}   ratio", flush=True)
    for number, (title, _) in enumerate(rows()):
        if not first <= number <= last:
            continue
        code = f"from benchmarks import tuning as t; t.tell({number}, {sizes})"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        costs = json.loads(done.stdout.splitlines()[-1])
        figures = "".join("{:>8.3f} ({:>4.1f})".format(*costs[str(size)]) for size in sizes)
        ratio = costs[str(sizes[-1])][0] / costs[str(sizes[0])][0]
        print(f"{title:<62}{figures}   {ratio:>5.1f}", flush=True)


if __name__ == "__main__":
    main()
