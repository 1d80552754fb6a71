"""The cluster of the tests under loads that are always the same, and what each load takes.

Which stacks have ended is asked of the database, not of an API, so that what APIs take is what
beginning a stack takes. What other processes of the machine do is in no figure but the seconds.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from cluster.cluster import Cluster
from engine.process import EngineProcess, client_of
from properties import filecloud

from benchmarks.consumption import Gauge, Held, Taken
from benchmarks.figures import Load, Probe, Rest
from benchmarks.patient import READY_AT
from benchmarks.shapes import Graph, Shape
from benchmarks.usage import family, spent
from wfbreak.cli.begin import begin
from wfbreak.cli.stacks import read_status
from wfbreak.engine.client import EngineClient
from wfbreak.translate import Request, Translation, translate

_ROOT = Path(__file__).parents[1]

IN_FLIGHT = tuple(Graph.of(Shape.INDEPENDENT, size) for size in (1, 30, 100))
"""Stacks of which nothing gets ready, to be looked after."""

_SAFE = {"fsync=off": "fsync=on", "full_page_writes=off": "full_page_writes=on"}
_COUNTING = ["-c", "shared_preload_libraries=pg_stat_statements", "-c", "track_wal_io_timing=on"]

_AT_ONCE = 4
"""Stacks that are begun at the same time."""

_LATE = 11.0
"""Seconds after which PostgreSQL has counted all that was done before."""

_LIMIT = 600.0

_LOOKS = 0.5
"""Seconds between two looks at what is held."""

_WHOLE = 20
"""Of so many looks one is at all of it: RabbitMQ's tool takes half a second of a core."""

_SHOWN = 10
"""Times that a stack is shown."""

Say = Callable[[str], None]


class LoadError(Exception):
    """A load did not come to its end as it should."""


@dataclass
class Bench:
    """A cluster that is up, with executors that wait for nothing and write nothing."""

    cluster: Cluster
    say: Say
    folder: Path
    rest: Rest | None = None
    engines: int = 2
    executors: int = 2
    number: int = 0

    def __post_init__(self) -> None:
        self.gauge = Gauge(self.cluster)
        with self._changed(self.cluster.database) as said:
            # What is committed is on the disk, as an operator's is; and statements are counted.
            said["argv"] = [_SAFE.get(word, word) for word in said["argv"]] + _COUNTING
        self.gauge.rows("CREATE EXTENSION pg_stat_statements")
        for name in ("executor-1", "executor-2"):
            with self._changed(name) as said:
                words = said["argv"]
                said["argv"] = [w.replace("cluster.launch", "benchmarks.patient") for w in words]
                said["env"]["PYTHONPATH"] = str(_ROOT)
                del said["env"][filecloud.FILE]
        self._make((Graph.of(Shape.LAYERED, 15),) * 4, 0.0)  # warms up

    @contextlib.contextmanager
    def _changed(self, name: str) -> Iterator[dict[str, Any]]:
        """Start one of the programs again with another command."""
        settings = self.cluster.settings
        spec = settings.folder.run / f"{name}.json"
        said = json.loads(spec.read_text())
        yield said
        self.cluster.kill(name)
        spec.write_text(json.dumps(said))
        self.cluster.start(name)

    def at_rest(self, seconds: float = 20.0) -> Rest:
        """What the cluster takes while it has nothing to do."""
        time.sleep(_LATE)
        before, began = self.gauge.taken(), time.monotonic()
        time.sleep(seconds)
        rate = self.gauge.taken().since(before).each(time.monotonic() - began)
        held = self.gauge.held()
        self.rest = Rest(rate.cpu, rate.database, rate.messages, held.memory, held.connections)
        return self.rest

    def only(self, engines: int, executors: int) -> None:
        """Have so many engines and executors: one or two."""
        for kind, wanted in (("engine", engines), ("executor", executors)):
            for number in (1, 2):
                name, processes = f"{kind}-{number}", self.cluster.settings.processes
                if number > wanted and processes.is_alive(name):
                    processes.stop(name)
                elif number <= wanted and not processes.is_alive(name):
                    self.cluster.start(name)
        self.engines, self.executors = engines, executors
        # What is new loads its code with its first stack.
        self._make((Graph.of(Shape.LAYERED, 15),) * 4, 0.0)

    def load(self, name: str, graphs: Sequence[Graph], wait: float = 0.0) -> Load:
        """Make stacks of these graphs, each resource ready after so many seconds.

        :raises LoadError: if not all of them come to a good end in time.
        """
        assert self.rest is not None
        rest = self._rest(self.rest)
        before, counted = self.gauge.taken(), self._counted()
        began, machine = time.monotonic(), busy()
        with _watched(self.gauge) as held:
            seconds = self._make(graphs, wait)
        all_cpu = (busy() - machine) / seconds
        time.sleep(_LATE)
        whole = time.monotonic() - began
        taken = self.gauge.taken().since(before).without(rest, whole)
        tasks, actions = (now - then for now, then in zip(self._counted(), counted, strict=True))
        found = Load(
            name,
            self.engines,
            self.executors,
            len(graphs),
            sum(len(graph.needs) for graph in graphs),
            tasks,
            actions,
            seconds,
            taken.cpu,
            taken.database,
            taken.messages,
            held[0].memory,
            held[0].connections,
            max(0.0, all_cpu - sum(taken.cpu.values()) / seconds),
        )
        self.say(f"{found}")
        return found

    def _rest(self, rest: Rest) -> Taken:
        """What it takes at rest with as many engines and executors as it has."""
        share = {"engine": self.engines / 2, "executor": self.executors / 2}
        cpu = {kind: value * share.get(kind, 1.0) for kind, value in rest.cpu.items()}
        database = {name: value * share["engine"] for name, value in rest.database.items()}
        return Taken(cpu, database, rest.messages)

    def _make(self, graphs: Sequence[Graph], wait: float) -> float:
        translations = [self._translated(graph) for graph in graphs]
        began = time.monotonic()
        self._begin(translations, time.time() + wait)
        running = "SELECT count(*) FROM workflow_executions_v2 WHERE state IN ('RUNNING', 'IDLE')"
        while self.gauge.rows(running)[0][0]:
            if time.monotonic() - began > _LIMIT:
                raise LoadError(f"it has not ended after {_LIMIT:.0f} s")
            time.sleep(0.5)
        seconds = time.monotonic() - began
        bad = "SELECT name, state_info FROM workflow_executions_v2 WHERE state <> 'SUCCESS'"
        if found := self.gauge.rows(bad):
            raise LoadError(f"not all is well: {found}")
        return seconds

    def _translated(self, graph: Graph) -> Translation:
        self.number += 1
        name = f"load{self.number}"
        path = self.folder / f"{name}.yaml"
        path.write_text(graph.template())
        return translate(Request(str(path), stack=name))

    def _begin(self, translations: Sequence[Translation], ready_at: float) -> list[str]:
        env = {
            "__actions": {
                "wfbreak.create": {"rehearsal": {"*": {"attributes": {READY_AT: ready_at}}}}
            }
        }
        chance = random.Random(1)

        def one(translation: Translation) -> str:
            return begin(self._client(chance), translation, "run", None, env=env).id

        with _quiet(), ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(one, translations))

    def _client(self, chance: random.Random) -> EngineClient:
        return client_of(chance.choice(self.cluster.urls))

    def _counted(self) -> tuple[int, int]:
        query = """SELECT (SELECT count(*) FROM task_executions_v2),
                          (SELECT count(*) FROM action_executions_v2)"""
        tasks, actions = self.gauge.rows(query)[0]
        return int(tasks), int(actions)

    def probes(self) -> list[Probe]:
        """What single operations take. The last that is done: the engines are stopped."""
        tried = """SELECT count(DISTINCT task_execution_id) FROM action_executions_v2
                   WHERE state = 'ERROR'"""
        before = int(self.gauge.rows(tried)[0][0])
        executions = self._begin([self._translated(g) for g in IN_FLIGHT], time.time() + 86400)
        shown, wanted = executions[-1], before + sum(len(graph.needs) for graph in IN_FLIGHT)
        deadline = time.monotonic() + _LIMIT
        while int(self.gauge.rows(tried)[0][0]) < wanted:
            if time.monotonic() > deadline:
                raise LoadError("not all of it is under way")
            time.sleep(0.2)
        found = [self._show(shown, len(IN_FLIGHT[-1].needs))]
        processes = self.cluster.settings.processes
        for kind in ("engine", "executor"):
            for number in (1, 2):
                processes.kill(f"{kind}-{number}")
        settings = self.cluster.settings
        done = subprocess.run(
            [
                *(sys.executable, "-m", "benchmarks.probes"),
                str(settings.etc("mistral", "engine-1.conf")),
                str(processes.pid(self.cluster.database)),
                *executions,
            ],
            capture_output=True,
            text=True,
            cwd=_ROOT,
        )
        if done.returncode:
            raise LoadError(done.stderr[-2000:])
        return found + [Probe(**said) for said in json.loads(done.stdout.splitlines()[-1])]

    def _show(self, execution: str, size: int) -> Probe:
        """What an API takes for ``wfbreak show``."""
        before = self.gauge.cpu()["api"]
        client = client_of(self.cluster.urls[0])
        for _ in range(_SHOWN):
            read_status(client, client.execution(execution))
        taken = (self.gauge.cpu()["api"] - before) / _SHOWN
        return Probe("a stack is shown, by the API", size, taken, 0.0)


def busy() -> float:
    """CPU seconds that all of the machine has taken until now."""
    times = psutil.cpu_times()
    idle = times.idle + times.iowait + times.guest + times.guest_nice
    return float(sum(times) - idle)


@contextlib.contextmanager
def _watched(gauge: Gauge) -> Iterator[list[Held]]:
    """The most that is held meanwhile, in a list of one."""
    held, ended = [gauge.held()], threading.Event()

    def watch() -> None:
        for look in itertools.count(1):
            if ended.wait(_LOOKS):
                return
            held[0] = held[0].most(gauge.held() if look % _WHOLE == 0 else gauge.open())

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        ended.set()
        thread.join()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Commands say the ids of what they begin."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        yield


def embedded(graphs: Sequence[Graph], say: Say) -> Load:
    """The same stacks on one machine's embedded engine.

    :raises LoadError: if not all of them come to a good end in time.
    """
    with tempfile.TemporaryDirectory() as folder, EngineProcess(Path(folder, "state")) as engine:
        translations = []
        for number, graph in enumerate((Graph.of(Shape.LAYERED, 15), *graphs)):
            path = Path(folder, f"load{number}.yaml")
            path.write_text(graph.template())
            translations.append(translate(Request(str(path), stack=path.stem)))
        _make_embedded(engine, translations[:1])
        before, machine = spent([engine.pid]), busy()
        seconds = _make_embedded(engine, translations[1:])
        cpu, all_cpu = spent([engine.pid]) - before, busy() - machine
        tasks, actions = (_ask(engine, f"SELECT count(*) FROM {t}") for t in _TABLES)
        memory = {"embedded": float(family([engine.pid])[0].memory_full_info().pss)}
    found = Load(
        "fixed",
        0,
        0,
        len(graphs),
        sum(len(graph.needs) for graph in graphs),
        tasks,
        actions,
        seconds,
        {"embedded": cpu},
        memory=memory,
        others=max(0.0, all_cpu - cpu) / seconds,
    )
    say(f"{found}")
    return found


_TABLES = ("task_executions_v2", "action_executions_v2")


def _make_embedded(engine: EngineProcess, translations: Sequence[Translation]) -> float:
    began = time.monotonic()
    with _quiet(), ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda t: begin(engine.client, t, "run", None), translations))
    while _ask(engine, "SELECT count(*) FROM workflow_executions_v2 WHERE state <> 'SUCCESS'"):
        if time.monotonic() - began > _LIMIT:
            raise LoadError(f"it has not ended after {_LIMIT:.0f} s")
        time.sleep(0.5)
    return time.monotonic() - began


def _ask(engine: EngineProcess, query: str) -> int:
    address = f"file:{engine.state / 'mistral.sqlite'}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=30)) as connection:
        return int(connection.execute(query).fetchone()[0])
