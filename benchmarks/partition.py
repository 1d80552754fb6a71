"""Whether a stack in sub-workflows would cost less than in one workflow.

The same stack is made as wfbreak makes it, one workflow, and cut into convex parts of some sizes
(``benchmarks.parts``), each on a fresh engine of wfbreak's. All forms of a graph are run one after
the other, as often as is asked for, so that what changes on the machine changes for all. Of each
the median counts: CPU seconds a resource of the whole engine's process, API and actions included,
and seconds until all is done. Of every run it is held against the graph, by what the engine's
database was told in which order, that each resource was made once, and after all that it needs.

    python -m benchmarks.partition [--shapes layered,chain] [--sizes 300,1000] [--whole 3000]

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
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import parts
from benchmarks.shapes import Graph, Shape, name
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import State

_POLL = 1.0
_LIMIT = 1_800.0
"""Seconds that a run may take."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a graph is run: in parts of about ``size`` tasks, or as one workflow (0). Without
    ``values`` parts only wait for each other, as ``depends_on`` wants it, and hand on nothing."""

    size: int = 0
    values: bool = True

    def __str__(self) -> str:
        if not self.size:
            return "whole"
        return f"parts of {self.size}{'' if self.values else ', bare'}"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one run: CPU seconds a resource, seconds, and parts and edges between them."""

    cpu: float
    wall: float
    parts: int
    crossing: int


def main() -> None:
    asked = _arguments()
    print(f"{'graph':<20}{'form':<18}{'parts':>6}{'edges':>7}{'CPU':>9}{'wall':>9}   ratios")
    for size in sorted({*asked.sizes, *asked.whole}):
        forms = [Form()]
        if size in asked.sizes:
            forms += [Form(part) for part in asked.parts] + [Form(50, values=False)] * asked.bare
        for shape in asked.shapes:
            _report(shape, size, forms, asked.runs)


def _report(shape: Shape, size: int, forms: Sequence[Form], runs: int) -> None:
    found: dict[Form, list[Figures]] = {form: [] for form in forms}
    for _ in range(runs):
        for form in forms:
            found[form].append(_in_own_process(shape, size, form))
    whole = found[Form()]
    for form, each in found.items():
        cpu, wall = _median(each)
        line = (
            f"{f'{shape.value}, {size:,}':<20}{form!s:<18}"
            f"{each[0].parts:>6}{each[0].crossing:>7}{cpu:>9.4f}{wall:>9.1f}"
        )
        if form.size:
            cpus, walls = _median(whole)
            line += f"   {cpu / cpus:.2f}, {wall / walls:.2f}"
        print(line, flush=True)


def _median(runs: Iterable[Figures]) -> tuple[float, float]:
    runs = list(runs)
    return statistics.median(r.cpu for r in runs), statistics.median(r.wall for r in runs)


def _in_own_process(shape: Shape, size: int, form: Form) -> Figures:
    call = f"p.tell(p.Shape({shape.value!r}), {size}, p.{form!r})"
    code = f"from benchmarks import partition as p; {call}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def tell(shape: Shape, size: int, form: Form) -> None:
    """Measure, print what came of it for another process, and end: the engine's threads may fail
    at the end of a process whose folder is gone."""
    print(json.dumps(asdict(measure(shape, size, form))), flush=True)
    os._exit(0)


def measure(shape: Shape, size: int, form: Form) -> Figures:
    """Make one graph in one form on an engine in this process.

    :raises RuntimeError: if it is not made as it should be.
    """
    from wfbreak.engine.connect import EngineOptions, connect
    from wfbreak.translate.document import dump

    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        with connect(EngineOptions(state=state)) as client, _journal(state) as journal:
            warm = client.upload(dump(_document(Graph.of(Shape.LAYERED, 13), folder, "warm")))
            _finish(client, client.start(warm, {}).id)
            graph = Graph.of(shape, size)
            document = _document(graph, folder, "stack")
            order = parts.needs(graph)
            pieces = parts.cut(order, form.size) if form.size else [list(order)]
            if form.size:
                document = parts.parted(document, order, pieces, values=form.values)
            text = dump(document)
            journal.execute("DELETE FROM journal")
            cpu, wall = time.process_time(), time.monotonic()
            _finish(client, client.start(client.upload(text), {}).id)
            cpu, wall = time.process_time() - cpu, time.monotonic() - wall
            _check(graph, journal.execute("SELECT resource, ended FROM journal ORDER BY number"))
    edges = len(list(parts.crossing(order, pieces)))
    return Figures(cpu / size, wall, len(pieces) if form.size else 0, edges)


def _document(graph: Graph, folder: str, stack: str) -> dict[str, object]:
    from wfbreak.translate import Request, translate
    from wfbreak.translate.limits import NONE

    path = Path(folder) / f"{stack}.yaml"
    path.write_text(graph.template())
    return translate(Request(str(path), stack=stack, limits=NONE)).document


def _finish(client: EngineClient, execution: str) -> None:
    began = time.monotonic()
    while (now := client.execution(execution)).state is State.RUNNING:
        if time.monotonic() - began > _LIMIT:
            raise RuntimeError(f"not done after {_LIMIT:.0f} s")
        time.sleep(_POLL)
    if now.state is not State.SUCCESS:
        raise RuntimeError(f"{now.state.value}: {now.state_info}")


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
    parser.add_argument("--whole", type=_integers, default=(3_000,))
    parser.add_argument("--parts", type=_integers, default=(20, 50, 100), help="tasks of a part")
    parser.add_argument("--bare", action="store_true", help="also parts that hand on no values")
    parser.add_argument("--runs", type=int, default=3, help="how often each form is run")
    return parser.parse_args()


def _shapes(text: str) -> tuple[Shape, ...]:
    return tuple(Shape(part) for part in text.split(","))


def _integers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part)


if __name__ == "__main__":
    main()
