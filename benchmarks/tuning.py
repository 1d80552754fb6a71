"""What each measure against the embedded engine's cost brings, one by one.

The same layered stack is run on a fresh engine without any of them, with each added to those
before, and then with options of Mistral's and SQLite's that were tried and left alone. Figures are
CPU seconds a resource, of the whole process; the ratio is the last to the first: 1.0 means a cost
in a straight line.

    python -m benchmarks.tuning [SIZE...]

A row takes a fresh process; without the measures a stack of 300 takes minutes.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wfbreak.engine import embedded, joining, lean

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


TAKEN = (
    Measure(
        "tasks start without the workflow's specification", lean.start_tasks_without_specification
    ),
    Measure("inbound tasks are found once", lean.find_inbound_tasks_once),
    Measure("the joins behind a task, not all of them", lean.find_joins_behind),
    Measure("joins without jobs and locks", joining.install),
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


def measure(number: int, sizes: list[int]) -> dict[int, float]:
    """CPU seconds a resource with the measures of a row; in a process of its own."""
    from wfbreak.engine.connect import EngineOptions, connect
    from wfbreak.translate import Request, translate

    lean.install = lambda: None  # type: ignore[assignment]
    joining.install, chosen = (lambda: None), rows()[number][1]
    for each in chosen:
        each.step()
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
            begun = time.process_time()
            execution = client.start(workflow, {})
            while not client.execution(execution.id).state.is_final:
                time.sleep(_POLL)
            costs[size] = (time.process_time() - begun) / size
    return {size: costs[size] for size in sizes}


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:] if not word.startswith("--")] or list(SIZES)
    heads = "".join(f" {size:>7}" for size in sizes)
    print(f"{'CPU seconds a resource, in a stack of':<62}{heads}   ratio", flush=True)
    for number, (title, _) in enumerate(rows()):
        code = (
            f"from benchmarks import tuning as t; print(t.json.dumps(t.measure({number}, {sizes})))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        costs = json.loads(done.stdout.splitlines()[-1])
        figures = "".join(f" {costs[str(size)]:>7.3f}" for size in sizes)
        ratio = costs[str(sizes[-1])] / costs[str(sizes[0])]
        print(f"{title:<62}{figures}   {ratio:>5.1f}", flush=True)


if __name__ == "__main__":
    main()
