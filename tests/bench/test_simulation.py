"""The simulation, on cases that can be computed by hand."""

from __future__ import annotations

import random

import pytest
import simpy

from benchmarks.shapes import Graph, Shape
from benchmarks.simulation import (
    AWAY,
    BROKER,
    DATABASE,
    ENGINE,
    EXECUTOR,
    LOOK_EVERY,
    Cost,
    Costs,
    Flight,
    Queues,
    Site,
    keep_in_flight,
    make_stacks,
)
from wfbreak import again


def costs(made: Cost, tried: Cost | None = None, look: float = 0.0, task: float = 0.0) -> Costs:
    return Costs(made, tried or {}, {ENGINE: look}, {ENGINE: task})


def seconds(site: Site, made: Cost, shape: Shape, size: int) -> float:
    return make_stacks(site, costs(made), [Graph.of(shape, size)]).seconds


def test_one_engine_does_one_thing_after_the_other() -> None:
    assert seconds(Site(1, 1), {ENGINE: 1.0}, Shape.INDEPENDENT, 4) == pytest.approx(4.0)
    assert seconds(Site(2, 1), {ENGINE: 1.0}, Shape.INDEPENDENT, 4) == pytest.approx(2.0)


def test_what_needs_another_waits_for_it() -> None:
    assert seconds(Site(2, 1), {ENGINE: 1.0}, Shape.CHAIN, 4) == pytest.approx(4.0)


def test_an_engine_stands_still_while_the_database_works() -> None:
    made = {ENGINE: 1.0, DATABASE: 0.5, AWAY: 0.25}
    assert seconds(Site(1, 1), made, Shape.INDEPENDENT, 4) == pytest.approx(7.0)
    assert seconds(Site(4, 1, database=4), made, Shape.INDEPENDENT, 4) == pytest.approx(1.75)


def test_the_database_is_the_end_of_it() -> None:
    made = {ENGINE: 0.3, DATABASE: 1.0}
    found = make_stacks(Site(50, 1), costs(made), [Graph.of(Shape.INDEPENDENT, 50)])
    assert found.seconds == pytest.approx(50.1)  # and a third of the first one's 0.3 before it
    assert found.busy[DATABASE] == pytest.approx(50 / 50.1)


def test_executors_and_broker_keep_no_engine() -> None:
    # The second's first step is done while the first is away; from 1.3 on four steps are left.
    made = {ENGINE: 0.3, BROKER: 0.2, EXECUTOR: 1.0}
    assert seconds(Site(1, 2, broker=2), made, Shape.INDEPENDENT, 1) == pytest.approx(1.5)
    assert seconds(Site(1, 2, broker=2), made, Shape.INDEPENDENT, 2) == pytest.approx(1.7)
    assert seconds(Site(1, 1, broker=2), made, Shape.INDEPENDENT, 2) == pytest.approx(2.5)


def test_on_one_machine_cores_are_shared() -> None:
    for engines in (1, 2):
        alone = Site(engines, 1, cores=1.0)
        assert seconds(alone, {ENGINE: 1.0}, Shape.INDEPENDENT, 4) == pytest.approx(4.0)
    half = Site(2, 1, cores=0.5)
    assert seconds(half, {ENGINE: 1.0}, Shape.INDEPENDENT, 4) == pytest.approx(8.0)


def test_looks_are_part_of_the_load() -> None:
    made = {ENGINE: 25.0}
    found = make_stacks(Site(1, 1), costs(made, look=0.5, task=0.1), [Graph.of(Shape.CHAIN, 1)])
    # Every ten seconds from the end of the last one on; the resource's steps take 25 / 3 each.
    assert found.seconds == pytest.approx(25.0 + 0.6 * 1)
    assert LOOK_EVERY == 10.0


def test_a_queue_of_chance_arrivals_is_as_long_as_theory_says() -> None:
    """M/D/1: what comes by chance and takes a fixed time waits D * load / (2 * (1 - load))."""
    takes, load, number = 1.0, 0.7, 40_000
    queues, chance = Queues(Site(1, 1)), random.Random(7)

    def arrivals() -> simpy.events.ProcessGenerator:
        for _ in range(number):
            yield queues.env.timeout(chance.expovariate(load / takes))
            queues.env.process(queues.transact(ENGINE, takes, 0.0, 0.0))

    queues.env.process(arrivals())
    queues.env.run()
    mean = sum(queues.waits) / number
    assert mean == pytest.approx(takes * load / (2 * (1 - load)), rel=0.05)


def test_tries_are_those_of_wfbreak() -> None:
    flight = Flight(1, 1, 60.0)
    assert flight.moments() == [0, 1, 2, 4, 7, 12, 20, 33, 53]
    assert (flight.tries, flight.lasts) == (9, 83.0)
    assert Flight(1, 1, 600.0).moments()[-1] + again.delay(26) == Flight(1, 1, 600.0).lasts


def test_engines_that_keep_up_do_what_is_wanted() -> None:
    flight = Flight(830, 83, 60.0)
    found = keep_in_flight(
        Site(4, 1), costs({ENGINE: 0.03}, {ENGINE: 0.003}), flight, warm=83.0, seconds=166.0
    )
    assert found.tried / found.seconds == pytest.approx(830 * 9 / 83, rel=0.02)
    assert found.made / found.seconds == pytest.approx(830 / 83, rel=0.05)
    assert found.busy[ENGINE] == pytest.approx(90 * 0.003 + 10 * 0.03, rel=0.05)


def test_engines_that_do_not_keep_up_are_busy_all_the_time() -> None:
    flight = Flight(1_000, 100, 600.0)
    found = keep_in_flight(
        Site(1, 1), costs({ENGINE: 0.3}, {ENGINE: 0.3}), flight, warm=60.0, seconds=60.0
    )
    assert found.busy[ENGINE] == pytest.approx(1.0, rel=0.01)
    assert len(found.waits) == pytest.approx(60 / 0.1, rel=0.02)  # steps
    assert found.late(0.5) > 10.0
