"""What each measure against the embedded engine's cost brings, one by one.

The same stack is run on a fresh engine without any of them, with each added to those before, and
then with options of Mistral's and Python's that were tried and left alone. Figures are for one
resource: SQL statements, milliseconds of the process's CPU, and milliseconds by the clock; in a
chain nothing happens side by side, so that the clock shows what is waited for. Statements hardly
differ from run to run. The ratio is the last CPU figure to the first: 1.0 means a cost in a
straight line.

    python -m benchmarks.tuning [SHAPE] [SIZE...]

A row takes a fresh process; without the measures a layered stack of 300 takes minutes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.shapes import Graph, Shape
from wfbreak.engine import alone, embedded, lean
from wfbreak.engine.alone import (
    checking,
    garbage,
    heartbeats,
    joining,
    journal,
    messages,
    reading,
    writing,
)

SIZES = (30, 100, 300)
_LOOK = 1.0

Step = Callable[[], None]


@dataclass(frozen=True)
class Measure:
    """Something that is done before the engine starts."""

    title: str
    step: Step


@dataclass(frozen=True)
class Cost:
    """What a resource takes: SQL statements, milliseconds of CPU, milliseconds by the clock."""

    statements: float
    cpu: float
    clock: float


_freeze = garbage.spare


def _spare() -> None:
    garbage.spare = _freeze


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
    Measure("no start for a join that waits", lean.start_no_waiting_joins),
    Measure("the tasks right before a join, not four steps", lean.ask_right_before_a_join),
    Measure("wfbreak's actions are not looked for in the database", lean.find_own_actions_first),
    Measure("an execution's data is read at once", lean.read_data_together),
    Measure("what a task has is written if it has changed", lean.write_changed_contexts),
    Measure("joins without jobs and locks, a look at one task", joining.install),
    Measure("messages arrive when they are sent", messages.install),
    Measure("an action's first heartbeat left to its row", heartbeats.install),
    Measure("a transaction does not wait for the disk", journal.install),
    Measure("what a transaction has read is not read again", reading.install),
    Measure("a policy's schema is checked once", checking.install),
    Measure("plain data becomes JSON without a walk", writing.install),
    Measure("what the start has made is no garbage", _spare),
)

TRIED = (
    Measure("4 threads for messages, not 64", _option("DEFAULT", "executor_thread_pool_size = 4")),
    Measure("2 threads for the scheduler's jobs", _option("scheduler", "in_memory_workers = 2")),
    Measure("Python switches threads ten times as often", _switch_often),
)


def rows() -> list[tuple[str, list[Measure]]]:
    found: list[tuple[str, list[Measure]]] = [("Mistral as it is", [])]
    for number, measure in enumerate(TAKEN, 1):
        found.append((f"+ {measure.title}", list(TAKEN[:number])))
    return found + [(f"all, and {m.title}", [*TAKEN, m]) for m in TRIED]


def measure(number: int, shape: str, sizes: list[int]) -> dict[int, Cost]:
    """The costs with the measures of a row, by sizes; in a process of its own."""
    from sqlalchemy import Engine, event

    from wfbreak.engine.connect import EngineOptions, connect
    from wfbreak.translate import Request, translate

    chosen = rows()[number][1]
    measures = [each for each in chosen if each in TAKEN]
    options = [each for each in chosen if each not in TAKEN]
    lean.install = lambda: None  # type: ignore[assignment]
    garbage.spare = lambda: None

    def install() -> None:
        for each in measures:
            each.step()

    alone.install = install
    for each in options:
        each.step()
    count = 0

    @event.listens_for(Engine, "before_cursor_execute")
    def one_more(*_: object) -> None:
        nonlocal count
        count += 1

    costs = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        connect(EngineOptions(state=Path(folder) / "state")) as client,
    ):
        for size in [5, *sizes]:  # the first one warms up
            path = Path(folder) / f"stack{size}.yaml"
            path.write_text(Graph.of(Shape(shape), size).template())
            translation = translate(Request(str(path), stack=f"stack{size}"))
            workflow = client.upload(translation.text(), f"tuning-{size}")
            cpu, clock, before = time.process_time(), time.monotonic(), count
            execution = client.start(workflow, {})
            while not client.changed(execution, _LOOK).state.is_final:
                pass
            cpu, clock = time.process_time() - cpu, time.monotonic() - clock
            costs[size] = Cost((count - before) / size, 1000 * cpu / size, 1000 * clock / size)
    return {size: costs[size] for size in sizes}


def main() -> None:
    words = sys.argv[1:]
    sizes = [int(word) for word in words if word.isdigit()] or list(SIZES)
    shape = next((word for word in words if not word.isdigit()), Shape.LAYERED.value)
    title = f"{shape}: SQL / ms CPU / ms, in a stack of"
    print(f"{title:<55}" + "".join(f" {size:>19}" for size in sizes) + "   ratio", flush=True)
    for number, (title, _) in enumerate(rows()):
        code = (
            "from benchmarks import tuning as t; "
            f"print(t.json.dumps(t.measure({number}, {shape!r}, {sizes}), default=vars))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        found = json.loads(done.stdout.splitlines()[-1])
        costs = [Cost(**found[str(size)]) for size in sizes]
        figures = "".join(f" {c.statements:>5.1f} /{c.cpu:>5.1f} /{c.clock:>5.0f}" for c in costs)
        print(f"{title:<55}{figures}   {costs[-1].cpu / costs[0].cpu:>5.2f}", flush=True)


if __name__ == "__main__":
    main()
