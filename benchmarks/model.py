"""From what was measured to what a larger cluster carries: the simulation's inputs and its courses.

No figure here is a cost: those come from :mod:`.figures` alone. What is chosen here is what is
asked (how many engines, how much in flight), and the two things that no measurement on one machine
tells: the network between an engine and its database, and how many cores a database has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.figures import FIXED, Counts, Figures, Load, Probe
from benchmarks.shapes import Graph, Shape
from benchmarks.simulation import (
    API,
    AWAY,
    BROKER,
    DATABASE,
    ENGINE,
    EXECUTOR,
    LOOK_EVERY,
    Cost,
    Costs,
    Flight,
    Site,
    keep_in_flight,
    make_stacks,
)

ENGINES = (1, 2, 4, 8, 16, 32, 64)
CORES = (16, 4)
"""Of the database's machine."""

ROUND_TRIP = 0.0003
"""Seconds: between two machines of one rack. On loopback it is in what was measured."""

WAYS = ((CORES[0], 0.0), (CORES[0], ROUND_TRIP), (CORES[1], ROUND_TRIP))
"""Cores of the database, and the network to it."""

USUAL = WAYS[1]

BROKER_CORES = 4

IN_FLIGHT = (1_000, 3_000, 10_000, 30_000, 100_000)
SIZE = 100
"""Resources of a stack of those in flight."""

WAITS = (60.0, 600.0, 3600.0)
"""Seconds until a resource is ready: a server, an image or a large volume, a wait condition."""

_WAIT = 600.0
_WARM, _SECONDS = 30.0, 30.0
_MACHINE = 2.0
"""Cores, on which all was measured."""

_STACKS = 8
"""Of 30 resources, for each engine."""

_HOPELESS = 1.5
"""What is offered so many times what engines can do is not simulated."""

_KEEPS_UP = 0.95
"""Of what is wanted, what an engine does that keeps up; the rest is chance."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A load that was measured, and simulated with the costs of the first of its kind."""

    engines: int
    executors: int
    cores: float
    measured: float
    simulated: float

    @property
    def error(self) -> float:
        return self.simulated / self.measured - 1


@dataclass(frozen=True, slots=True)
class Carried:
    """What so many engines make of stacks that wait for nothing."""

    engines: int
    cores: int
    round_trip: float
    per_second: float
    busy: Counts


@dataclass(frozen=True, slots=True)
class Flown:
    """So much in flight on so many engines: tries a second, as wanted and as done (none where it
    is hopeless), and how late 95 of 100 are at most."""

    resources: int
    engines: int
    wanted: float
    done: float | None
    late: float | None

    @property
    def keeps_up(self) -> bool:
        return self.done is not None and self.done >= _KEEPS_UP * self.wanted


@dataclass(frozen=True, slots=True)
class Model:
    """All that was simulated."""

    checked: tuple[Checked, ...]
    carried: tuple[Carried, ...]
    flown: tuple[Flown, ...]

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> Model:
        said = json.loads(path.read_text())
        return cls(
            tuple(Checked(**each) for each in said["checked"]),
            tuple(Carried(**each) for each in said["carried"]),
            tuple(Flown(**each) for each in said["flown"]),
        )


def costs(figures: Figures, round_trip: float = 0.0) -> Costs:
    """What one engine and one executor have taken. ``round_trip`` is added for each statement."""
    fixed = figures.load("fixed")
    edges = sum(len(needed) for graph in FIXED for needed in graph.needs)
    kept = figures.probe("jobs in memory")[-1]
    looks = figures.probe("a look after a stack")
    look, look_task = _line(looks, lambda p: p.engine), _line(looks, lambda p: p.database)
    return Costs(
        made=_cost(fixed, fixed.resources, round_trip),
        tried=_tried(figures, round_trip),
        look={ENGINE: look[0], DATABASE: look_task[0]},
        look_task={ENGINE: look[1], DATABASE: look_task[1]},
        passed=kept.engine / kept.size * edges / fixed.resources,
    )


def _cost(load: Load, number: int, round_trip: float) -> Cost:
    kinds = {kind: load.cpu.get(kind, 0.0) for kind in (API, ENGINE, EXECUTOR, DATABASE, BROKER)}
    away = load.database.get("syncing", 0.0) + load.database.get("statements", 0.0) * round_trip
    return {kind: max(0.0, taken) / number for kind, taken in (kinds | {AWAY: away}).items()}


def _tried(figures: Figures, round_trip: float) -> Cost:
    """What a try takes more: of the stacks that wait less those that do not."""
    waiting, at_once = figures.load("waiting"), figures.load("at once")
    tries = waiting.actions - at_once.actions
    more, less = _cost(waiting, tries, round_trip), _cost(at_once, tries, round_trip)
    return {kind: max(0.0, more[kind] - less[kind]) for kind in more if kind != API}


def _line(probes: Sequence[Probe], figure: Callable[[Probe], float]) -> tuple[float, float]:
    """The straight line through the probes: what is always taken, and what more for each."""
    slope, start = np.polyfit([p.size for p in probes], [figure(p) for p in probes], 1)
    return max(0.0, float(start)), max(0.0, float(slope))


def held(cost: Cost) -> float:
    """The seconds for which a thing keeps an engine from doing anything else."""
    return sum(cost.get(name, 0.0) for name in (ENGINE, DATABASE, AWAY))


def wanted(flight: Flight) -> float:
    """The tries a second that so much in flight asks for."""
    return flight.resources * flight.tries / flight.lasts


def offered(costs: Costs, flight: Flight) -> float:
    """How many engines so much in flight keeps busy all the time, if they keep up."""
    share = flight.resources / flight.lasts
    looks = flight.resources / LOOK_EVERY * (held(costs.look) / flight.size + held(costs.look_task))
    return share * held(costs.made) + wanted(flight) * held(costs.tried) + looks


def most_in_flight(costs: Costs, wait: float) -> float:
    """How much in flight keeps one engine busy all the time; the cost of a look at jobs in memory,
    which grows with it, left out. ``wait`` is above 0."""
    return 1 / offered(costs, Flight(1, SIZE, wait))


def simulated(figures: Figures, say: Callable[[str], None]) -> Model:
    """All courses."""
    own = costs(figures)
    checked = [_check(own, load) for load in figures.loads if load.engines and load.name == "fixed"]
    say(f"{checked}")
    carried = []
    for cores, round_trip in WAYS:
        far = costs(figures, round_trip)
        for engines in ENGINES:
            carried.append(_carry(far, engines, cores, round_trip))
            say(f"{carried[-1]}")
    far, flown = costs(figures, ROUND_TRIP), []
    for resources in IN_FLIGHT:
        for engines in ENGINES:
            flown.append(_fly(far, Flight(resources, SIZE, _WAIT), engines))
            say(f"{flown[-1]}")
    return Model(tuple(checked), tuple(carried), tuple(flown))


def _check(costs: Costs, load: Load) -> Checked:
    cores = max(load.cores, _MACHINE - load.others)  # the kernel's accounts are not exact
    site = Site(load.engines, load.executors, apis=2, database=2, broker=2, cores=cores)
    found = make_stacks(site, costs, FIXED)
    return Checked(load.engines, load.executors, cores, load.seconds, found.seconds)


def _site(engines: int, cores: int) -> Site:
    return Site(engines, max(1, engines // 2), max(1, engines // 8), cores, BROKER_CORES)


def _carry(costs: Costs, engines: int, cores: int, round_trip: float) -> Carried:
    graphs = [Graph.of(Shape.LAYERED, 30)] * (_STACKS * engines)
    found = make_stacks(_site(engines, cores), costs, graphs)
    return Carried(engines, cores, round_trip, found.made / found.seconds, found.busy)


def _fly(costs: Costs, flight: Flight, engines: int) -> Flown:
    asked = wanted(flight)
    if offered(costs, flight) > _HOPELESS * engines:
        return Flown(flight.resources, engines, asked, None, None)
    found = keep_in_flight(_site(engines, CORES[0]), costs, flight, _WARM, _SECONDS)
    done = found.tried / found.seconds
    return Flown(flight.resources, engines, asked, done, found.late(0.95))
