"""The page and the simulation's inputs come of what was measured alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import model
from benchmarks.figures import FIXED, Figures, Load, Probe, Rest
from benchmarks.model import Carried, Checked, Flown, Model
from benchmarks.simulation import AWAY, BROKER, DATABASE, ENGINE, EXECUTOR, Flight
from benchmarks.sizing_page import render, rounded
from benchmarks.sizing_plot import draw

KINDS = ("api", "engine", "executor", "database", "broker")
COUNTERS = ("commits", "read", "written", "sessions", "bytes", "syncs", "syncing", "statements")


def load(name: str, engines: int, executors: int, resources: int, cpu: float, **more: int) -> Load:
    """Each kind of process takes ``cpu`` seconds; a tenth of a second is the disk's."""
    return Load(
        name,
        engines,
        executors,
        stacks=9,
        resources=resources,
        tasks=resources,
        actions=more.get("actions", resources),
        seconds=100.0,
        cpu=dict.fromkeys(KINDS, cpu),
        database=dict.fromkeys(COUNTERS, 10.0 * cpu) | {"syncing": cpu / 10},
        messages=4.0 * resources,
        memory=dict.fromkeys(KINDS, 100.0 * 2**20),
        connections={"database": 5.0, "broker": 17.0},
        others=0.5,
    )


def both(name: str, *costs: tuple[int, float, float]) -> tuple[Probe, ...]:
    return tuple(Probe(name, size, engine, database) for size, engine, database in costs)


FIGURES = Figures(
    {"processor": "a fast one", "cores": "2"},
    Rest(dict.fromkeys(KINDS, 0.01), {}, 0.0, dict.fromkeys(KINDS, 90.0 * 2**20), {}),
    (
        load("fixed", 2, 2, 900, 90.0),
        load("fixed", 1, 1, 900, 45.0),
        load("at once", 1, 1, 90, 3.0),
        load("waiting", 1, 1, 90, 11.0, actions=890),
        replace(load("fixed", 0, 0, 900, 0.0), cpu={"embedded": 60.0}),
    ),
    (
        *both("a look after a stack", (1, 0.002, 0.001), (101, 0.012, 0.003)),
        *both("a job of a key is looked for", (0, 0.002, 0.003), (50_000, 0.002, 0.003)),
        *both("the scheduler looks for jobs", (50_000, 0.005, 0.001)),
        *both("a look with a token", (0, 0.002, 0.001), (50_000, 3.502, 0.501)),
        *both("a stack is shown, by the API", (300, 0.5, 0.0)),
        Probe("jobs in memory", 50_000, 0.05, 0.0, 7_000.0),
    ),
)


def found() -> Model:
    return Model(
        (Checked(1, 1, 1.5, 100.0, 90.0), Checked(2, 2, 1.5, 100.0, 112.0)),
        tuple(
            Carried(engines, cores, trip, 5.0 * engines, {DATABASE: engines / 8})
            for cores, trip in model.WAYS
            for engines in model.ENGINES
        ),
        tuple(
            Flown(resources, engines, 100.0, done, 0.25)
            for resources in model.IN_FLIGHT
            for engines, done in zip(
                model.ENGINES, (None, 50.0, 90.0, 96.0, 99.0, 100.0, 100.0), strict=True
            )
        ),
    )


def rows(text: str, first: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(f"| {first} |")]


def test_a_resource_costs_what_one_engine_took_for_it() -> None:
    made = model.costs(FIGURES).made
    assert made[ENGINE] == made[EXECUTOR] == made[BROKER] == pytest.approx(0.05)
    assert made[AWAY] == pytest.approx(0.005)
    assert model.held(made) == pytest.approx(0.05 + 0.05 + 0.005)


def test_a_try_costs_what_waiting_has_added() -> None:
    tried = model.costs(FIGURES).tried
    assert tried[ENGINE] == pytest.approx((11.0 - 3.0) / 800)
    assert tried[AWAY] == pytest.approx(0.8 / 800)


def test_the_network_is_added_for_each_statement() -> None:
    near, far = model.costs(FIGURES), model.costs(FIGURES, 0.001)
    assert far.made[AWAY] - near.made[AWAY] == pytest.approx(450 / 900 * 0.001)
    assert far.tried[AWAY] - near.tried[AWAY] == pytest.approx(80 / 800 * 0.001)


def test_a_look_is_a_start_and_so_much_for_each_task() -> None:
    costs = model.costs(FIGURES)
    assert costs.look[ENGINE] == pytest.approx(0.0019)
    assert costs.look_task[ENGINE] == pytest.approx(0.0001)
    assert costs.look_task[DATABASE] == pytest.approx(0.00002)


def test_what_is_offered_is_the_sum_of_its_parts() -> None:
    costs = model.costs(FIGURES)
    flight = Flight(830, 83, 60.0)  # 10 are made and 90 tried in a second, 10 stacks
    looks = (model.held(costs.look) + 83 * model.held(costs.look_task)) * 10 / 10.0
    expected = 10 * model.held(costs.made) + 90 * model.held(costs.tried) + looks
    assert model.offered(costs, flight) == pytest.approx(expected)
    one = model.most_in_flight(costs, 60.0)
    assert model.offered(costs, Flight(round(one), model.SIZE, 60.0)) == pytest.approx(1, rel=0.01)


def test_the_page_has_what_was_measured() -> None:
    text = render(FIGURES, found())
    assert rows(text, "2, 2")[0] == "| 2, 2 | 100 | 324 | 4.50 | 500 | 100 | 4.50 | 0.50 |"
    assert rows(text, "embedded engine") == [
        "| embedded engine | 100 | 324 | 9.00 | 66.7 | 66.7 | 0.60 | 0.50 |"
    ]
    assert rows(text, "CPU of engine, ms") == ["| CPU of engine, ms | 50.0 | 10.0 |"]
    assert rows(text, "messages") == ["| messages | 4.00 | 0.00 |"]
    assert "5 connections to the database" in " ".join(text.split())
    assert "{" not in text


def test_the_page_has_what_was_simulated() -> None:
    text = render(FIGURES, found())
    assert rows(text, "1, 1")[1] == "| 1, 1 | 1.50 | 100 | 90.0 | -10 % |"
    assert rows(text, "64")[0].startswith("| 64 | 320 | 38,400 | 50 % | 320 | 38,400 | 50 % |")
    late = rows(text, "100,000")[-1]
    assert late == (
        "| 100,000 | fall behind | fall behind | fall behind | 0.25 | 0.25 | 0.25 | 0.25 |"
    )
    # 900 / 60 of the embedded engine's, 5 of one of the cluster's.
    assert "15.0 a second at the most" in text
    assert "4 engines on a cluster makes it faster" in " ".join(text.split())


def test_looks_that_read_all_jobs_are_reckoned_with_their_square() -> None:
    """80 µs a job, read at each of n / 100 / 10 looks a second: an engine's whole time at 3,500."""
    text = " ".join(render(FIGURES, found()).split())
    assert "Where 3,500 resources of that kind are in flight" in text


def test_figures_and_model_are_kept_whole(tmp_path: Path) -> None:
    FIGURES.save(tmp_path / "figures.json")
    found().save(tmp_path / "model.json")
    assert Figures.read(tmp_path / "figures.json") == FIGURES
    assert Model.read(tmp_path / "model.json") == found()
    draw(FIGURES, found(), tmp_path / "one.svg")
    draw(FIGURES, found(), tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_the_simulation_foretells_itself() -> None:
    """One engine with cores enough: 900 resources one after the other, and looks."""
    costs = model.costs(FIGURES)
    load = replace(FIGURES.load("fixed"), others=-8.0)
    checked = model._check(costs, load)
    assert checked.simulated == pytest.approx(900 * model.held(costs.made), rel=0.05)
    assert sum(len(graph.needs) for graph in FIXED) == 900


@pytest.mark.parametrize(
    ("value", "text"), [(1234.0, "1,200"), (56.4, "56"), (10.0, "10"), (9.96, "10"), (0.12, "0.12")]
)
def test_two_digits_count(value: float, text: str) -> None:
    assert rounded(value) == text
