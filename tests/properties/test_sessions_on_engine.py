"""Random stacks, modes, breakpoints and things that people do, on the real engine.

At every stop: exactly the predicted resources exist and the predicted breakpoints stand, by the
status that is shown; at the end: each resource once, its value that of a run without breakpoints,
and the audit trail has all that was done.
"""

from __future__ import annotations

import pytest
from engine.process import EngineProcess
from hypothesis import assume, event, given, note, settings
from hypothesis import strategies as st

from properties.driver import Drawn, Driver, drawn
from properties.graphs import Stack, stacks
from properties.nests import Nest, nests
from wfbreak.engine.client import EngineClient
from wfbreak.translate import Mode

LARGEST = 8
"""Resources: in step mode each is three tasks."""

MOST = 12
"""Things that are done before the rest is resumed to its end."""


def session(driver: Driver) -> None:
    """Whatever people do, to the end."""
    for _ in range(MOST):
        if driver.session.is_done:
            break
        what = driver.data.draw(st.sampled_from(driver.choices()))
        event(what)
        driver.act(what)
    while not driver.session.is_done:
        driver.act("resume")
    driver.check_end()


@pytest.mark.engine
@pytest.mark.parametrize("mode", Mode)
def test_whatever_people_do(engine: EngineClient, mode: Mode) -> None:
    @given(drawn(stacks(largest=LARGEST), limits=mode is not Mode.ABORT), st.data())
    def run(example: Drawn, data: st.DataObject) -> None:
        note(f"{example.stack}")
        session(Driver(engine, example, mode, data))

    run()


@pytest.mark.engine
@pytest.mark.parametrize("mode", Mode)
def test_in_stacks_in_stacks(engine: EngineClient, mode: Mode) -> None:
    # In step mode each resource is three tasks that run one after the other.
    largest = 10 if mode is Mode.STEP else 25

    @given(drawn(nests(), limits=mode is not Mode.ABORT), st.data())
    @settings(max_examples=max(min(4, settings().max_examples), settings().max_examples // 3))
    def run(example: Drawn, data: st.DataObject) -> None:
        assume(len(example.stack.order.names) <= largest)
        note(f"{example.stack}")
        session(Driver(engine, example, mode, data))

    run()


@pytest.mark.engine
@pytest.mark.parametrize("mode", Mode)
def test_while_the_engine_is_killed_at_any_moment(process: EngineProcess, mode: Mode) -> None:
    @given(drawn(stacks(largest=LARGEST), limits=mode is not Mode.ABORT), st.data())
    @settings(max_examples=max(2, settings().max_examples // 5))
    def run(example: Drawn, data: st.DataObject) -> None:
        note(f"{example.stack}")
        session(Driver(process.client, example, mode, data, process))

    run()


@pytest.mark.engine
def test_cancel_at_any_stop(engine: EngineClient) -> None:
    stack: st.SearchStrategy[Stack | Nest] = stacks(largest=LARGEST)

    @given(drawn(stack, limits=False), st.sampled_from(list(Mode)), st.data())
    @settings(max_examples=min(5, settings().max_examples))
    def run(example: Drawn, mode: Mode, data: st.DataObject) -> None:
        driver = Driver(engine, example, mode, data)
        if driver.session.is_done or mode is Mode.ABORT:
            return
        if data.draw(st.booleans()):
            driver.act("resume")
        if not driver.session.is_done:
            driver.cancel()
            driver.check_trail()

    run()


@pytest.mark.engine
def test_a_killed_engine_while_a_part_is_released(process: EngineProcess) -> None:
    """At each stop too: one graph whose first stop has two breakpoints."""
    needs = ((), (), (0,), (1,), (2, 3), (4,))
    stops = {
        ("r0", "pre-create"),
        ("r1", "pre-create"),
        ("r4", "pre-create"),
        ("r5", "post-create"),
    }
    drawn = Drawn(Stack(needs, ("get_attr",) * len(needs), frozenset(stops)))
    never_asked: st.DataObject = None  # type: ignore[assignment]
    driver = Driver(process.client, drawn, Mode.NON_STOP, never_asked, process)
    driver.release({("r0", "pre-create")})
    driver.restart()  # r0 runs or has run, r1 is held
    driver.compare()
    while not driver.session.is_done:
        driver.restart()
        driver.compare()
        driver.act("resume")
    driver.check_end()
