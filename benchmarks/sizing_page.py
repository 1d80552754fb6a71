"""The page docs/sizing.md: made of what was measured and simulated, and of nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable

from benchmarks import model
from benchmarks import sizing_words as words
from benchmarks.figures import BUILT_AFTER, FIXED, Figures, Load
from benchmarks.model import Carried, Flown, Model
from benchmarks.report import number, table
from benchmarks.simulation import (
    API,
    AWAY,
    DATABASE,
    ENGINE,
    EXECUTOR,
    LOOK_EVERY,
    VISITS,
    Costs,
    Flight,
)

_MB = 2**20
_KINDS = ("api", "engine", "executor", "database", "broker")
_TWO = ("api", "engine", "executor")
"""Of which the cluster has two."""

_PICKUP, _CAPTURED, _LOST = 2.0, 30.0, 60.0
"""Seconds, of ``[scheduler] pickup_job_after`` as docs/cluster.md has it and
``captured_job_timeout`` as Mistral has it; and of ``[action_heartbeat] first_heartbeat_timeout``
and ``check_interval * max_missed_heartbeats`` together."""


def render(figures: Figures, found: Model) -> str:
    """The page."""
    near, far = model.costs(figures), model.costs(figures, model.ROUND_TRIP)
    return "".join(
        [
            _head(figures, found, far),
            _measured(figures),
            _costs(figures, near),
            _held(figures),
            _checked(found),
            _carried(found),
            _flown(found, far),
            _first(figures, far),
            _assumed(figures, near),
        ]
    )


def _head(figures: Figures, found: Model, costs: Costs) -> str:
    lines = [c for c in found.carried if (c.cores, c.round_trip) == model.USUAL]
    one, largest = lines[0], lines[-1]
    embedded = figures.load("fixed", 0, 0)
    alone = embedded.resources / embedded.cpu["embedded"]

    def engines(kind: str) -> str:
        """That one process or core of a kind is enough for."""
        return rounded(model.held(costs.made) / costs.made[kind])

    return words.HEAD.format(
        trip=_ms(model.ROUND_TRIP),
        rate=number(one.per_second),
        stacks=rounded(_an_hour(one)),
        most_minute=rounded(model.most_in_flight(costs, 60.0)),
        most_ten=rounded(model.most_in_flight(costs, 600.0)),
        per_core=engines(DATABASE),
        per_executor=engines(EXECUTOR),
        per_api=engines(API),
        embedded=_ms(1 / alone),
        alone=number(alone),
        ratio=number(one.per_second / alone),
        faster=math.floor(alone / one.per_second) + 1,
        largest=largest.engines,
        largest_ratio=number(largest.per_second / alone),
    )


def _measured(figures: Figures) -> str:
    rows = [
        (
            f"{load.engines}, {load.executors}" if load.engines else "embedded engine",
            number(load.seconds),
            number(3600 * load.stacks / load.seconds),
            number(load.resources / load.seconds / max(1, load.engines)),
            _ms(sum(load.cpu.values()) / load.resources),
            _ms((load.cpu.get(ENGINE) or load.cpu["embedded"]) / load.resources),
            number(load.cores),
            number(load.others),
        )
        for load in figures.loads
        if load.name == "fixed"
    ]
    header = (
        "engines, executors",
        "seconds",
        "stacks an hour",
        "resources a second, each engine",
        "CPU of all, ms a resource",
        "of the engines",
        "cores it had",
        "cores others had",
    )
    sizes = sorted({len(graph.needs) for graph in FIXED})
    stacks = [f"{sum(len(g.needs) == n for g in FIXED)} of {n} resources" for n in sizes]
    machine = ", ".join(f"{name} {said}" for name, said in figures.machine.items() if said)
    return (
        words.MEASURED.format(stacks=f"Stacks: {' and '.join(stacks)}")
        + table(header, rows)
        + words.MACHINE.format(machine=machine)
    )


def _costs(figures: Figures, costs: Costs) -> str:
    waiting, at_once = figures.load("waiting"), figures.load("at once")
    both = (costs.made, costs.tried)
    rows = [(f"CPU of {kind}, ms", *(_ms(c.get(kind, 0.0)) for c in both)) for kind in _KINDS]
    rows += [
        ("an engine waits for the disk, ms", *(_ms(c[AWAY]) for c in both)),
        ("an engine is kept for, ms", *(_ms(model.held(c)) for c in both)),
    ]
    counters = {
        "transactions": "commits",
        "statements": "statements",
        "rows written": "written",
        "rows read": "read",
        "connections opened": "sessions",
        "bytes that stay": "bytes",
    }
    rows += [
        (title, *map(number, _each(figures, lambda load, name=name: load.database[name])))  # type: ignore[misc]
        for title, name in counters.items()
    ]
    rows.append(("messages", *map(number, _each(figures, lambda load: load.messages))))
    beside = [
        (
            f"a look after a stack with {look.size} open tasks, every 10 s",
            _ms(look.engine),
            _ms(look.database),
        )
        for look in figures.probe("a look after a stack")
    ]
    titles = {
        "a job of a key is looked for": "a job of a key is looked for among {:,}",
        "the scheduler looks for jobs": "each second: jobs that are due are looked for among {:,}",
        "a look with a token": "with Keystone: a look after a stack of 30, while {:,} jobs wait",
    }
    for name, title in titles.items():
        probe = figures.probe(name)[-1]
        beside.append((title.format(probe.size), _ms(probe.engine), _ms(probe.database)))
    shown = figures.probe("a stack is shown, by the API")[0]
    beside.append((f"an API shows a stack of {shown.size}", _ms(shown.engine), ""))
    return (
        words.COSTS.format(
            minute=Flight(1, 1, 60.0).tries,
            ten=Flight(1, 1, 600.0).tries,
            counted=waiting.actions - at_once.actions,
            waiting=waiting.resources,
            after=BUILT_AFTER,
        )
        + table(("", "a resource", "a try more"), rows)
        + words.BESIDE
        + table(("", "its CPU, ms", "the database's, ms"), beside)
        + "\n"
    )


def _each(figures: Figures, counter: Callable[[Load], float]) -> tuple[float, float]:
    """Of a counter, what a resource takes, and what a try."""
    fixed, waiting, at_once = map(figures.load, ("fixed", "waiting", "at once"))
    tries = waiting.actions - at_once.actions
    return counter(fixed) / fixed.resources, (counter(waiting) - counter(at_once)) / tries


def _held(figures: Figures) -> str:
    rest, busy = figures.rest, figures.load("fixed", 2, 2)
    kept = figures.probe("jobs in memory")[-1]
    rows = [
        (
            kind,
            _ms(rest.cpu[kind] / (2 if kind in _TWO else 1)),
            number(rest.memory[kind] / _MB),
            number(busy.memory[kind] / _MB),
        )
        for kind in _KINDS
    ]
    header = ("a process", "CPU at rest, ms a second", "memory at rest, MB", "under load, MB")
    return (
        words.HELD
        + table(header, rows)
        + words.HELD_TOO.format(
            database=f"{busy.connections['database']:.0f}",
            broker=f"{busy.connections['broker']:.0f}",
            job=number(kept.bytes / 1e3),
            all_jobs=number(100_000 * kept.bytes / 1e9),
        )
    )


def _checked(found: Model) -> str:
    rows = [
        (
            f"{c.engines}, {c.executors}",
            number(c.cores),
            number(c.measured),
            number(c.simulated),
            f"{100 * c.error:+.0f} %",
        )
        for c in sorted(found.checked, key=lambda c: (c.engines, c.executors))
    ]
    header = ("engines, executors", "cores", "seconds measured", "seconds simulated", "error")
    return words.CHECKED + table(header, rows)


def _carried(found: Model) -> str:
    rows = []
    for engines in model.ENGINES:
        cells = [f"{engines}"]
        for way in model.WAYS:
            one = next(
                c for c in found.carried if (c.engines, (c.cores, c.round_trip)) == (engines, way)
            )
            busy = f"{100 * one.busy[DATABASE] / one.cores:.0f} %"
            cells += [number(one.per_second), number(_an_hour(one)), busy]
        rows.append(tuple(cells))
    header = ["engines"]
    for cores, trip in model.WAYS:
        where = f"{_ms(trip)} ms away" if trip else "beside"
        header += [f"{cores} cores {where}: resources a second", "stacks an hour", "its cores busy"]
    wide, narrow = model.CORES
    said = words.CARRIED.format(trip=_ms(model.ROUND_TRIP), wide=wide, narrow=narrow)
    return said + table(header, rows)


def _flown(found: Model, costs: Costs) -> str:
    times = ("a minute", "ten minutes", "an hour")
    offered = []
    for resources in model.IN_FLIGHT:
        flights = [Flight(resources, model.SIZE, wait) for wait in model.WAITS]
        tries = model.wanted(flights[1])
        offered.append(
            (
                f"{resources:,}",
                *(number(model.offered(costs, flight)) for flight in flights),
                number(tries),
                number(tries * costs.tried[DATABASE]),
            )
        )
    late = [
        (f"{resources:,}", *(_late(found, resources, engines) for engines in model.ENGINES))
        for resources in model.IN_FLIGHT
    ]
    engines = (f"{count} engines" if count > 1 else "1 engine" for count in model.ENGINES)
    header = (
        "in flight",
        *times,
        "tries a second (ten minutes)",
        "cores of the database (ten minutes)",
    )
    return (
        words.FLOWN.format(size=model.SIZE)
        + table(header, offered)
        + words.LATE
        + table(("in flight", *engines), late)
    )


def _late(found: Model, resources: int, engines: int) -> str:
    one: Flown = next(f for f in found.flown if (f.resources, f.engines) == (resources, engines))
    return number(one.late or 0.0) if one.keeps_up else "fall behind"


def _first(figures: Figures, costs: Costs) -> str:
    few, *_, many = figures.probe("a look with a token")
    kept = figures.probe("jobs in memory")[-1]
    shown = figures.probe("a stack is shown, by the API")[0]
    each = (many.engine + many.database - few.engine - few.database) / (many.size - few.size)
    growth = _each(figures, lambda load: load.database["bytes"])[1]
    growth_ten = Flight(1, 1, 600.0).tries * growth
    passed = kept.engine / kept.size
    batch = _CAPTURED / (model.held(costs.tried) / VISITS)
    return words.FIRST.format(
        alone=rounded(math.sqrt(LOOK_EVERY * model.SIZE / each)),
        each=number(1e6 * each),
        size=model.SIZE,
        statements=number(_each(figures, lambda load: load.database["statements"])[0]),
        pickup=_PICKUP,
        captured=_CAPTURED,
        lost=_LOST,
        batch=rounded(batch),
        advised=f"{batch / 10:.0f}",
        growth=number(growth / 1e3),
        growth_ten=number(growth_ten / 1e3),
        growth_all=number(100_000 * growth_ten / 1e9),
        pass_each=number(1e6 * passed),
        pass_all=_ms(10_000 * passed),
        shown=shown.size,
        show=_ms(shown.engine),
        shown_as=rounded(shown.engine / costs.made[API]),
    )


def _assumed(figures: Figures, costs: Costs) -> str:
    statements = _each(figures, lambda load: load.database["statements"])[0]
    return words.ASSUMED.format(
        trip=_ms(model.ROUND_TRIP),
        trips=_ms(statements * model.ROUND_TRIP),
        away=100 * costs.made[AWAY] / model.held(costs.made),
        best=model.held(costs.made) / costs.made[ENGINE],
        visits=VISITS,
        jobs=f"{figures.probe('a job of a key is looked for')[-1].size:,}",
        wide=model.CORES[0],
        broker=model.BROKER_CORES,
    )


def _an_hour(carried: Carried) -> float:
    """Stacks of 30."""
    return 3600 * carried.per_second / 30


def _ms(seconds: float) -> str:
    return number(1000 * seconds)


def rounded(value: float) -> str:
    """Two digits that count."""
    if value < 10:
        return f"{value:.2g}"
    return f"{round(value, 1 - math.floor(math.log10(value))):,.0f}"
