"""Random stacks, modes and things that people do, on the real engine.

At every stop: exactly the predicted resources exist and the predicted breakpoints stand, by the
engine's own tasks and by the status that is shown; at the end: each resource once, its value that
of a run without breakpoints, and the audit trail has all that was done.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from engine.process import EngineProcess
from engine.support import wait
from hypothesis import event, given, note, settings
from hypothesis import strategies as st

from properties.graphs import Stack, stacks
from properties.sessions import Session
from properties.test_graphs_on_engine import check_end, translated
from wfbreak import audit, decide
from wfbreak.cli.stacks import read_status
from wfbreak.decide import Decision
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.status import ResourceState, StackStatus
from wfbreak.translate import Mode
from wfbreak.translate.preview import preview

LARGEST = 8
"""Resources: in step mode each is three tasks."""

STANDS = (State.PAUSED, State.ERROR, State.SUCCESS, State.CANCELLED)
SETTLING = 5.0


class Driver:
    """Does each thing to the engine and to the prediction, and compares."""

    def __init__(self, client: EngineClient, stack: Stack, mode: Mode, data: st.DataObject) -> None:
        self.client, self.data = client, data
        self.session = Session(stack, mode)
        self.done: list[str] = []
        self.elsewhere: set[str] = set()
        self.parted = False
        translation = translated(stack, mode)
        workflow = client.upload(translation.text(), f"test-{translation.digest()}")
        self.preview = {stop.number: stop for stop in preview(translation.plan)}
        self.execution = client.start(workflow, {}, env=audit.record("run", "a test"))
        self.session.begin()
        self.compare()

    def status(self) -> StackStatus:
        return read_status(self.client, self.client.execution(self.execution.id))

    def compare(self) -> None:
        self.execution = wait(self.client, self.execution, *STANDS)
        session = self.session
        expected = State.SUCCESS
        if not session.is_done:
            expected = State.ERROR if session.mode is Mode.ABORT else State.PAUSED
        assert self.execution.state is expected, self.execution.state_info
        status = self._standing({session.name(stop) for stop in session.stopped})
        done = {r.name for r in status.resources if r.state is ResourceState.DONE}
        assert done == {session.stack.name(n) for n in session.exist}
        started = {r.name for r in status.resources if r.state is ResourceState.RUNNING}
        assert not started
        if not session.is_done and not self.is_changed:
            self.check_preview(status)

    @property
    def is_changed(self) -> bool:
        """Whether the stack was not only resumed: the preview is of one that is."""
        session = self.session
        return bool(session.disarmed or session.armed or self.parted)

    def check_preview(self, status: StackStatus) -> None:
        stop = self.preview[self.session.pause]
        assert set(stop.held) == {b.name for b in status.stopped}
        for words, state in (
            (stop.done, ResourceState.DONE),
            (stop.blocked, ResourceState.BLOCKED),
            (stop.untouched, ResourceState.UNTOUCHED),
        ):
            assert set(words) == {r.name for r in status.resources if r.state is state}

    def _standing(self, names: set[str]) -> StackStatus:
        """The status once the breakpoints stand: the engine pauses a moment earlier."""
        deadline = time.monotonic() + SETTLING
        while True:
            status = self.status()
            found = {stop.name for stop in status.stopped}
            if found == names or time.monotonic() > deadline:
                assert found == names
                return status
            time.sleep(0.05)

    def go(self, what: str, decision: Decision) -> None:
        env = audit.record(what, None, decision)
        decide.carry_out(self.client, self.status(), decision, env)
        self.done.append(what)

    def resume(self) -> None:
        self.go("resume", decide.resume(self.status()))
        self.session.run_to, self.session.until = 2**31, None
        self.session.release(set(self.session.stopped))

    def part(self) -> None:
        stopped = sorted(self.session.stopped)
        chosen = set(self.data.draw(st.lists(st.sampled_from(stopped), min_size=1, unique=True)))
        names = [self.session.name(stop) for stop in sorted(chosen)]
        self.go("resume", decide.resume(self.status(), names))
        self.session.run_to, self.session.until = 2**31, None
        self.parted = True
        self.session.release(chosen)

    def plain(self) -> None:
        """The dashboard's button: the engine's own update, and nothing else."""
        self.elsewhere |= {self.session.name(stop) for stop in self.session.stopped}
        self.client.resume(self.client.execution(self.execution.id))
        self.session.release(set(self.session.stopped))

    def step(self) -> None:
        count = self.data.draw(st.integers(1, 3))
        places = [self.session.number(s) for s in self.session.ahead() if s[1] == "pre-create"]
        if any(s[1] == "pre-create" for s in self.session.stopped):
            places.insert(0, self.session.pause)
        self.go("step", decide.step(self.status(), count))
        self.session.run_to = places[count] if count < len(places) else 2**31
        self.session.until = None
        self.session.release(set(self.session.stopped))

    def until(self) -> None:
        ahead = self.session.ahead()
        if not ahead:
            return
        stop = self.data.draw(st.sampled_from(ahead))
        name = self.session.name(stop)
        self.go("resume", decide.resume(self.status(), until=name))
        self._mark(stop, True)
        self.session.run_to, self.session.until = 2**31, self.session.number(stop)
        self.session.release(set(self.session.stopped))

    def change(self) -> None:
        ahead = self.session.ahead()
        if not ahead:
            return
        stop, armed = self.data.draw(st.sampled_from(ahead)), self.data.draw(st.booleans())
        status = self.status()
        decision = decide.arm(status, [self.session.name(stop)], armed)
        self.client.amend(status.execution, audit.record("break", "a test", decision))
        self.done.append("break")
        self._mark(stop, armed)

    def _mark(self, stop: tuple[int, str], armed: bool) -> None:
        (self.session.disarmed.discard if armed else self.session.disarmed.add)(stop)
        (self.session.armed.add if armed else self.session.armed.discard)(stop)

    def check_end(self) -> None:
        if self.session.mode is not Mode.ABORT:
            check_end(self.client, self.client.execution(self.execution.id), self.session.stack)
        execution = self.client.execution(self.execution.id)
        tasks = {task.name: task for task in self.client.tasks(execution.id)}
        status = self.status()
        ended = [tasks[b.name] for b in status.breakpoints if tasks[b.name].state is State.SUCCESS]
        events = audit.trail(execution, status, tasks, self.client.results(ended))
        ours = [e.event for e in events if e.who and e.who != audit.ELSEWHERE]
        assert ours == ["run", *self.done]
        seen = {name for e in events if e.who == audit.ELSEWHERE for name in e.breakpoints}
        assert seen == self.elsewhere


def choices(driver: Driver) -> list[str]:
    mode = driver.session.mode
    if mode is Mode.ABORT:
        return ["resume", "part"]
    if mode is Mode.STEP:
        return ["resume", "plain", "step", "until", "change"]
    return ["resume", "plain", "part", "part", "until", "change"]


@pytest.mark.engine
@pytest.mark.parametrize("mode", Mode)
def test_whatever_people_do(engine: EngineClient, mode: Mode) -> None:
    @given(stacks(largest=LARGEST), st.data())
    def run(stack: Stack, data: st.DataObject) -> None:
        note(stack.template())
        driver = Driver(engine, stack, mode, data)
        for _ in range(12):
            if driver.session.is_done:
                break
            what = data.draw(st.sampled_from(choices(driver)))
            event(what)
            getattr(driver, what)()
            driver.compare()
        while not driver.session.is_done:
            driver.resume()
            driver.compare()
        driver.check_end()

    run()


@pytest.mark.engine
def test_cancel_at_any_stop(engine: EngineClient) -> None:
    @given(stacks(largest=LARGEST), st.data())
    @settings(max_examples=5)
    def run(stack: Stack, data: st.DataObject) -> None:
        driver = Driver(engine, stack, Mode.NON_STOP, data)
        if driver.session.is_done:
            return
        before = {task.name for task in engine.tasks(driver.execution.id)}
        engine.cancel(driver.execution, "enough")
        assert engine.execution(driver.execution.id).state is State.CANCELLED
        assert {task.name for task in engine.tasks(driver.execution.id)} == before

    run()


@pytest.mark.engine
@pytest.mark.parametrize("mode", [Mode.NON_STOP, Mode.STEP])
def test_a_killed_engine_at_any_stop(tmp_path: Path, mode: Mode) -> None:
    """kill -9 and a restart at stops, and while a part is released and the rest is held."""
    needs = ((), (), (0,), (1,), (2, 3), (4,))
    stops = frozenset({(0, "pre-create"), (1, "pre-create"), (4, "pre-create"), (5, "post-create")})
    stack = Stack(needs, ("get_attr",) * len(needs), stops)
    with EngineProcess(tmp_path / "state") as process:
        driver = Driver(process.client, stack, mode, st.data())  # type: ignore[arg-type]

        def restart() -> None:
            process.kill()
            driver.client = process.start()

        if mode is Mode.NON_STOP:
            driver.go("resume", decide.resume(driver.status(), ["r0"]))
            restart()  # r0 runs or has run, r1 is held
            driver.parted = True
            driver.session.release({(0, "pre-create")})
            driver.compare()
        while not driver.session.is_done:
            restart()
            driver.compare()
            driver.resume()
            driver.compare()
        check_end(driver.client, _now(driver), stack)


def _now(driver: Driver) -> Execution:
    return driver.client.execution(driver.execution.id)
