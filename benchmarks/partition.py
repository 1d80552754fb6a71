"""What a stack in parts costs: the measure by which ``--partition auto`` decides.

The same stack is made as one workflow and in parts of some sizes (``wfbreak run --partition N``),
each on a fresh embedded engine, or all on one cluster of the tests' (``--cluster``: two engines,
two executors, two APIs). All forms of a graph are run one after the other, as often as is asked
for, so that what changes on the machine changes for all. Of each the median counts: CPU seconds a
resource of the whole engine, API and actions included (of a cluster: of all its programs), and
seconds until all is done. Of every run it is held against the graph that each resource was made
once, and after all that it needs.

    python -m benchmarks.partition [--shapes layered,chain] [--sizes 300,1000] [--whole 3000]
    PYTHONPATH=tests python -m benchmarks.partition --cluster

A large graph takes minutes. ``--whole`` are sizes that only the whole form is run at.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.shapes import Graph, Shape, name
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import State
from wfbreak.parts import parts_of

if TYPE_CHECKING:
    from wfbreak.translate import Translation

_POLL = 0.5
_LIMIT = 1_800.0
"""Seconds that a run may take."""

_WARM = Graph.of(Shape.LAYERED, 13)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one run: CPU seconds a resource, seconds, parts, and needs across them."""

    cpu: float
    wall: float
    parts: int
    crossing: int


Measure = Callable[[Shape, int, int], Figures]
"""Makes a graph of a shape and a size in parts of a size; 0 for none."""


def main() -> None:
    asked = _arguments()
    print(f"{'graph':<20}{'form':<16}{'parts':>6}{'needs':>7}{'CPU':>9}{'wall':>9}   ratios")
    with _cluster() if asked.cluster else closing(_Embedded()) as place:
        for size in sorted({*asked.sizes, *asked.whole}):
            forms = [0, *(asked.parts if size in asked.sizes else ())]
            for shape in asked.shapes:
                _report(place.measure, shape, size, forms, asked.runs)


def _report(measure: Measure, shape: Shape, size: int, forms: Iterable[int], runs: int) -> None:
    found: dict[int, list[Figures]] = {form: [] for form in forms}
    for _ in range(runs):
        for form in found:
            found[form].append(measure(shape, size, form))
    whole = found[0]
    for form, each in found.items():
        cpu, wall = _median(each)
        line = (
            f"{f'{shape.value}, {size:,}':<20}{f'parts of {form}' if form else 'whole':<16}"
            f"{each[0].parts:>6}{each[0].crossing:>7}{cpu:>9.4f}{wall:>9.1f}"
        )
        if form:
            cpus, walls = _median(whole)
            line += f"   {cpu / cpus:.2f}, {wall / walls:.2f}"
        print(line, flush=True)


def _median(runs: Iterable[Figures]) -> tuple[float, float]:
    runs = list(runs)
    return statistics.median(r.cpu for r in runs), statistics.median(r.wall for r in runs)


class _Embedded:
    """A fresh engine in a process of its own for each run."""

    def measure(self, shape: Shape, size: int, form: int) -> Figures:
        call = f"p.tell(p.Shape({shape.value!r}), {size}, {form})"
        code = f"from benchmarks import partition as p; {call}"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        return Figures(**json.loads(done.stdout.splitlines()[-1]))

    def close(self) -> None:
        """Nothing is left of it."""


def tell(shape: Shape, size: int, form: int) -> None:
    """Measure, print what came of it for another process, and end: the engine's threads may fail
    at the end of a process whose folder is gone."""
    print(json.dumps(asdict(_measure_embedded(shape, size, form))), flush=True)
    os._exit(0)


def _measure_embedded(shape: Shape, size: int, form: int) -> Figures:
    """:raises RuntimeError: if the graph is not made as it should be."""
    from wfbreak.engine.connect import EngineOptions, connect

    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        with connect(EngineOptions(state=state)) as client, _journal(state) as journal:
            _made(client, _translated(_WARM, folder, "warm", 0))
            graph = Graph.of(shape, size)
            translation = _translated(graph, folder, "stack", form)
            journal.execute("DELETE FROM journal")
            cpu = time.process_time()
            wall = _made(client, translation)
            cpu = time.process_time() - cpu
            _check(graph, journal.execute("SELECT resource, ended FROM journal ORDER BY number"))
    return Figures(cpu / size, wall, *_shape(translation))


@dataclass(frozen=True, slots=True)
class _OnCluster:
    """One cluster for all runs. ``taken`` are the CPU seconds of all its programs until now."""

    client: EngineClient
    folder: str
    taken: Callable[[], float]

    def measure(self, shape: Shape, size: int, form: int) -> Figures:
        graph = Graph.of(shape, size)
        stack = f"{shape.value.replace(' ', '-')}-{time.monotonic_ns()}"
        translation = _translated(graph, self.folder, stack, form)
        cpu = self.taken()
        wall = _made(self.client, translation)
        cpu = self.taken() - cpu
        (execution,) = (e for e in self.client.executions() if e.workflow_name == stack)
        # The engine notes whole seconds; what ends in one comes before what begins in it.
        events = []
        for task in self.client.tasks(execution.id):
            if task.started_at is not None and task.finished_at is not None:
                events += [(task.started_at, 1, task.name), (task.finished_at, 0, task.name)]
        _check(graph, ((each, 1 - begun) for _, begun, each in sorted(events)))
        return Figures(cpu / size, wall, *_shape(translation))


@contextmanager
def _cluster() -> Iterator[_OnCluster]:
    from cloud.lab.folder import Folder
    from cloud.lab.installation import install_packages
    from cluster.cluster import own_cluster
    from cluster.settings import PACKAGES
    from engine.process import client_of

    from benchmarks.consumption import Gauge

    install_packages(PACKAGES)
    folder = Folder(Path(__file__).parents[1] / ".cluster-partition")
    with (
        tempfile.TemporaryDirectory() as templates,
        own_cluster(folder, Path(sys.prefix), lambda line: print(line, file=sys.stderr)) as cluster,
    ):
        gauge = Gauge(cluster)
        client = client_of(cluster.urls[0])
        place = _OnCluster(client, templates, lambda: sum(gauge.cpu().values()))
        for form in (0, 5):
            _made(client, _translated(_WARM, templates, f"warm-{form}", form))
        yield place


def _translated(graph: Graph, folder: str, stack: str, form: int) -> Translation:
    from wfbreak.translate import Request, translate
    from wfbreak.translate.limits import NONE
    from wfbreak.translate.partition import Partition

    path = Path(folder) / f"{stack}.yaml"
    path.write_text(graph.template())
    return translate(Request(str(path), stack=stack, limits=NONE, partition=Partition(form)))


def _made(client: EngineClient, translation: Translation) -> float:
    """Make a stack; the seconds from its start to its end."""
    workflow = client.upload(translation.text(), translation.digest())
    began = time.monotonic()
    now = client.start(workflow, {})
    while now.state is State.RUNNING:
        if time.monotonic() - began > _LIMIT:
            raise RuntimeError(f"not done after {_LIMIT:.0f} s")
        now = client.changed(now, _POLL)
    if now.state is not State.SUCCESS:
        raise RuntimeError(f"{now.state.value}: {now.state_info}")
    return time.monotonic() - began


def _shape(translation: Translation) -> tuple[int, int]:
    """How many parts there are, and how many needs lead from one to another."""
    document = translation.document
    workflows = list(parts_of(document[translation.name]["tasks"]).values())
    where = {task: part for part in workflows for task in document[part]["tasks"]}
    crossing = sum(
        where.get(needed) != part
        for part in workflows
        for task in document[part]["tasks"].values()
        for needed in task["input"].get("needs", ())
    )
    return len(workflows), crossing


@contextmanager
def _journal(state: Path) -> Iterator[sqlite3.Connection]:
    """The engine's database, in which is noted when the action of each resource began and ended:
    Mistral notes whole seconds only."""
    with closing(sqlite3.connect(state / "mistral.sqlite", timeout=60, isolation_level=None)) as db:
        db.execute(
            "CREATE TABLE journal (number INTEGER PRIMARY KEY AUTOINCREMENT, resource, ended)"
        )
        resource = "json_extract(NEW.input, '$.resource')"
        for event, condition, ended in (
            ("INSERT", "1", 0),
            ("UPDATE OF state", "NEW.state = 'SUCCESS' AND OLD.state != 'SUCCESS'", 1),
        ):
            db.execute(
                f"CREATE TRIGGER journal_{ended} AFTER {event} ON action_executions_v2 "
                f"WHEN NEW.name = 'wfbreak.create' AND {condition} "
                f"BEGIN INSERT INTO journal (resource, ended) VALUES ({resource}, {ended}); END"
            )
        yield db


def _check(graph: Graph, journal: Iterable[tuple[str, int]]) -> None:
    """Each was made once, after all that it needs.

    :raises RuntimeError: if not so.
    """
    began: list[str] = []
    ended: list[str] = []
    needed = {name(n): [name(other) for other in found] for n, found in enumerate(graph.needs)}
    over: set[str] = set()
    for resource, is_end in journal:
        if resource not in needed:
            continue  # a task that is no resource's
        (ended if is_end else began).append(resource)
        if is_end:
            over.add(resource)
        elif early := [other for other in needed[resource] if other not in over]:
            raise RuntimeError(f"{resource} was begun before {', '.join(early)} was there")
    if sorted(began) != sorted(needed) or sorted(ended) != sorted(needed):
        raise RuntimeError(f"{len(began)} begun, {len(ended)} made, of {len(needed)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.partition", description=__doc__)
    parser.add_argument("--shapes", type=_shapes, default=tuple(Shape))
    parser.add_argument("--sizes", type=_integers, default=(300, 1_000))
    parser.add_argument("--whole", type=_integers, default=())
    parser.add_argument("--parts", type=_integers, default=(20, 50, 100), help="tasks of a part")
    parser.add_argument("--cluster", action="store_true", help="on a cluster, as root")
    parser.add_argument("--runs", type=int, default=3, help="how often each form is run")
    return parser.parse_args()


def _shapes(text: str) -> tuple[Shape, ...]:
    return tuple(Shape(part) for part in text.split(","))


def _integers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part)


if __name__ == "__main__":
    main()
