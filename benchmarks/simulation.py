"""A cluster as queues, to see what it carries that is larger than any that can be measured.

A process of Python's computes on one core at a time, so an engine is one server of a station, and
so is an executor and an API; the database and the broker have cores. Whatever is done is a walk
through these stations, each of which keeps it for the CPU seconds that were measured. An engine has
one transaction at a time (mistral/db/sqlalchemy/base.py, tx_lock), so it stands still while the
database works for it. What waits is served in the order in which it came. ``cores`` puts all of
the stations on one machine.

Two courses: stacks that are made as fast as it goes, and a number of resources in flight that are
tried again and again, of which each that is ready is followed by another.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import simpy

from benchmarks.shapes import Graph
from wfbreak import again

API, ENGINE, EXECUTOR, DATABASE, BROKER = "api", "engine", "executor", "database", "broker"
AWAY = "away"
"""Seconds for which an engine waits for the database beside those for which that computes: for the
disk, and for the network."""

VISITS = 3
"""Messages and jobs of which an engine's work for a resource or a try is made: it starts, it hears
that the action runs, it has the result."""

LOOK_EVERY = 10.0
"""Seconds between two looks of :mod:`wfbreak.engine.healing` at a stack."""

Cost = Mapping[str, float]
"""CPU seconds by stations, and those :data:`AWAY`."""

_Walk = Generator[simpy.Event, Any, None]


@dataclass(frozen=True, slots=True)
class Costs:
    """What things cost, each once: a resource with its share of its stack's beginning, a try more
    of it, a look after a stack and after each open task of it. ``passed`` is what an engine takes
    for each job that it has in its memory when a resource has been made."""

    made: Cost
    tried: Cost
    look: Cost
    look_task: Cost
    passed: float = 0.0


@dataclass(frozen=True, slots=True)
class Site:
    """How many servers each station has; ``cores``, if all of them share as many."""

    engines: int
    executors: int
    apis: int = 1
    database: int = 1
    broker: int = 1
    cores: float | None = None


@dataclass(slots=True)
class Outcome:
    """What came of a course: how long it took, what was done, how busy each station was (servers on
    average), and how long an engine's work waited for its turn."""

    seconds: float
    made: int
    tried: int
    busy: Mapping[str, float]
    waits: Sequence[float] = field(repr=False)

    def late(self, share: float) -> float:
        """The seconds below which this share of the waits is."""
        if not self.waits:
            return 0.0
        found = sorted(self.waits)
        return found[min(len(found) - 1, int(share * len(found)))]


class Queues:
    """The stations, and what walks through them."""

    def __init__(self, site: Site) -> None:
        self.env = simpy.Environment()
        servers = {
            API: site.apis,
            ENGINE: site.engines,
            EXECUTOR: site.executors,
            DATABASE: site.database,
            BROKER: site.broker,
        }
        self._stations = {name: simpy.Resource(self.env, count) for name, count in servers.items()}
        # Whole cores of a speed that makes as much of them as there is.
        whole = 0 if site.cores is None else max(1, -int(-site.cores // 1))
        self._cores = simpy.Resource(self.env, whole) if whole else None
        self._speed = 1.0 if site.cores is None else site.cores / whole
        self.forget()

    def forget(self) -> None:
        """Count from now on."""
        self.began = self.env.now
        self.busy = dict.fromkeys(self._stations, 0.0)
        self.waits: list[float] = []
        self.made = self.tried = 0

    def serve(self, station: str, seconds: float) -> _Walk:
        """Wait for a server of a station and for a core, and keep both for so long."""
        if seconds > 0:
            with self._stations[station].request() as turn:
                yield turn
                yield from self._compute(station, seconds)

    def _compute(self, station: str, seconds: float) -> _Walk:
        if self._cores is None:
            yield self.env.timeout(seconds)
        else:
            with self._cores.request() as core:
                yield core
                yield self.env.timeout(seconds / self._speed)
        self.busy[station] += seconds

    def transact(self, station: str, seconds: float, database: float, waits: float) -> _Walk:
        """Mistral's way with a database: a process has one transaction at a time, and does nothing
        else while the database works or the answer is on its way."""
        came = self.env.now
        with self._stations[station].request() as turn:
            yield turn
            if station == ENGINE:
                self.waits.append(self.env.now - came)
            yield from self._compute(station, seconds)
            yield from self.serve(DATABASE, database)
            if waits > 0:
                yield self.env.timeout(waits)

    def walk(self, cost: Cost, visits: int = VISITS) -> _Walk:
        """All that something costs: an engine's part with the database's in so many transactions,
        and after the first of them the broker's and the executor's."""
        parts = [cost.get(name, 0.0) / visits for name in (ENGINE, DATABASE, AWAY)]
        for visit in range(visits):
            yield from self.transact(ENGINE, *parts)
            if visit == 0:
                yield from self.serve(BROKER, cost.get(BROKER, 0.0))
                yield from self.serve(EXECUTOR, cost.get(EXECUTOR, 0.0))

    def outcome(self) -> Outcome:
        seconds = self.env.now - self.began
        busy = {name: taken / seconds for name, taken in self.busy.items()}
        return Outcome(seconds, self.made, self.tried, busy, self.waits)


def make_stacks(site: Site, costs: Costs, graphs: Sequence[Graph]) -> Outcome:
    """Stacks of these graphs, all begun at once; a resource begins when what it needs is made."""
    queues = Queues(site)
    stacks = [queues.env.process(_stack(queues, costs, graph)) for graph in graphs]
    queues.env.run(until=queues.env.all_of(stacks))
    return queues.outcome()


def _stack(queues: Queues, costs: Costs, graph: Graph) -> _Walk:
    size = len(graph.needs)
    yield from queues.serve(API, size * costs.made.get(API, 0.0))
    made = [queues.env.event() for _ in graph.needs]

    def resource(number: int, needed: Sequence[int]) -> _Walk:
        yield queues.env.all_of([made[n] for n in needed])
        yield from queues.walk(costs.made)
        queues.made += 1
        made[number].succeed()

    def looks() -> _Walk:
        yield queues.env.timeout(LOOK_EVERY)
        while open_tasks := sum(not event.triggered for event in made):
            yield from _look(queues, costs, open_tasks)
            yield queues.env.timeout(LOOK_EVERY)

    for number, needed in enumerate(graph.needs):
        queues.env.process(resource(number, needed))
    queues.env.process(looks())
    yield queues.env.all_of(made)


def _look(queues: Queues, costs: Costs, open_tasks: int) -> _Walk:
    cost = {
        name: costs.look.get(name, 0.0) + open_tasks * costs.look_task.get(name, 0.0)
        for name in (ENGINE, DATABASE, AWAY)
    }
    yield from queues.walk(cost, visits=1)


@dataclass(frozen=True, slots=True)
class Flight:
    """So many resources in flight, in stacks of ``size``, each ready after ``wait`` seconds."""

    resources: int
    size: int
    wait: float

    @property
    def tries(self) -> int:
        """How often each is tried before the try that finds it ready."""
        return len(self.moments())

    @property
    def lasts(self) -> float:
        """The seconds until the try that finds it ready."""
        moments = self.moments()
        return moments[-1] + again.delay(len(moments) - 1) if moments else 0.0

    def moments(self) -> list[float]:
        """When it is tried and not ready, from its beginning, if nothing is late."""
        delays = map(again.delay, itertools.count())
        tried = itertools.accumulate(delays, initial=0)
        return [float(at) for at in itertools.takewhile(lambda at: at < self.wait, tried)]


def keep_in_flight(
    site: Site, costs: Costs, flight: Flight, warm: float, seconds: float
) -> Outcome:
    """What is done in so many seconds, after others in which it comes into its pace. The resources'
    ages are spread evenly at the beginning, as they are in a cluster that has long been so busy."""
    queues, stacks = Queues(site), max(1, flight.resources // flight.size)
    passed = {ENGINE: costs.passed * flight.resources / site.engines}
    for number in range(flight.resources):
        age = number / flight.resources * flight.lasts
        queues.env.process(_in_flight(queues, costs, flight, age, passed))
    for number in range(stacks):
        first = number / stacks * LOOK_EVERY
        queues.env.process(_looked_after(queues, costs, flight, first))
    queues.env.run(until=warm)
    queues.forget()
    queues.env.run(until=warm + seconds)
    return queues.outcome()


def _in_flight(queues: Queues, costs: Costs, flight: Flight, age: float, passed: Cost) -> _Walk:
    moments = [*flight.moments(), flight.lasts]
    tries = bisect.bisect_left(moments, age)
    yield queues.env.timeout(moments[tries] - age)
    began = queues.env.now - age
    while True:
        while queues.env.now - began < flight.wait:
            yield from queues.walk(costs.tried)
            queues.tried += 1
            yield queues.env.timeout(float(again.delay(tries)))
            tries += 1
        yield from queues.serve(API, costs.made.get(API, 0.0))
        yield from queues.walk(costs.made)
        yield from queues.walk(passed, visits=1)
        queues.made += 1
        began, tries = queues.env.now, 0


def _looked_after(queues: Queues, costs: Costs, flight: Flight, first: float) -> _Walk:
    yield queues.env.timeout(first)
    while True:
        yield from _look(queues, costs, min(flight.size, flight.resources))
        yield queues.env.timeout(LOOK_EVERY)
