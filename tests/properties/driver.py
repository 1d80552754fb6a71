"""Does what people do to a stack on the real engine and to its prediction, and compares the two."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import networkx as nx
import yaml
from engine.process import EngineProcess
from engine.support import wait
from hypothesis import strategies as st

from properties.graphs import PARTITIONS, Stack
from properties.nests import Nest
from properties.order import ITSELF, PRE, Step, name_of
from properties.sessions import END, Session
from properties.test_graphs_on_engine import check_end, check_once
from wfbreak import audit, decide, live
from wfbreak.cli.stacks import properties_of, read_status
from wfbreak.decide import Decision
from wfbreak.engine.asking import ask
from wfbreak.engine.client import EngineClient
from wfbreak.engine.limits import WHO
from wfbreak.engine.model import Execution, State
from wfbreak.engine.sealing import Sealer
from wfbreak.status import ResourceState, StackStatus
from wfbreak.translate import Mode, Request, Translation, translate
from wfbreak.translate.partition import OFF, Partition
from wfbreak.translate.preview import preview

PATIENCE = 240.0
"""Seconds; a stop comes in tenths of one, after a time limit or a crash in some, and on a machine
with much else to do later. What the engine lost and looks for again takes it half a minute, what
an executor lost longer, and one may come upon the other."""

_OWN = re.compile("(-[a-z0-9]{12}/)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What differs from run to run: the end of a nested stack's name, and ids."""

SHORT = 1
"""Seconds of a limit that shall be over in a test."""


@dataclass(frozen=True)
class Drawn:
    """A stack with what its breakpoints are: with a condition that holds or does not, limited."""

    stack: Stack | Nest
    holding: frozenset[Step] = frozenset()
    failing: frozenset[Step] = frozenset()
    limited: frozenset[Step] = frozenset()
    partition: Partition = OFF

    def translated(self, mode: Mode) -> Translation:
        with tempfile.TemporaryDirectory() as folder:
            breaks = Path(folder) / "breaks.yaml"
            entries = [self._entry(stop) for stop in sorted(self.stack.stops)]
            breaks.write_text(yaml.safe_dump({"breakpoints": entries}))
            files = (str(breaks),) if entries else ()
            path = str(self.stack.write(Path(folder)))
            return translate(Request(path, break_files=files, mode=mode, partition=self.partition))

    def _entry(self, stop: Step) -> dict[str, Any]:
        entry: dict[str, Any] = {"resource": stop[0], "hook": stop[1]}
        if stop in self.holding | self.failing:
            entry["condition"] = self._condition(stop, stop in self.holding)
        if stop in self.limited:
            entry["limit"] = SHORT
        return entry

    def _condition(self, stop: Step, holds: bool) -> str:
        """On the value of a resource that is there by then, if there is any."""
        order = self.stack.order
        known = {name for name, what in nx.ancestors(order.graph, stop) if what == ITSELF}
        readable = sorted(known & self.stack.plain)
        if not readable:
            return f"1 = {1 if holds else 2}"
        operator = "!=" if holds else "="
        return f'$.resources.get("{readable[-1]}").attributes.value {operator} null'


@st.composite
def drawn(draw: st.DrawFn, stacks: st.SearchStrategy[Stack | Nest], limits: bool) -> Drawn:
    stack = draw(stacks)
    kinds = {stop: draw(st.sampled_from(["plain", "holds", "fails"])) for stop in stack.stops}
    limited = frozenset[Step]()
    if limits and stack.stops and draw(st.integers(0, 2)) == 0:
        limited = frozenset([draw(st.sampled_from(sorted(stack.stops)))])
    return Drawn(
        stack,
        frozenset(stop for stop, kind in kinds.items() if kind == "holds"),
        frozenset(stop for stop, kind in kinds.items() if kind == "fails"),
        limited,
        draw(PARTITIONS),
    )


@dataclass
class Said:
    """What was done, for the audit trail and the values at the end."""

    events: list[str] = field(default_factory=list)
    stops: list[set[str]] = field(default_factory=list)
    elsewhere: set[str] = field(default_factory=set)
    changed: dict[str, str] = field(default_factory=dict)


class Driver:
    """A stack under way, on the engine and as predicted."""

    def __init__(
        self,
        client: EngineClient,
        drawn: Drawn,
        mode: Mode,
        data: st.DataObject,
        process: EngineProcess | None = None,
    ) -> None:
        self.client, self.data, self.process = client, data, process
        self.drawn = drawn
        self.session = Session(
            drawn.stack.order, mode, disarmed=set(drawn.failing), limited=drawn.limited
        )
        self.said = Said(["run"])
        self.is_changed = bool(drawn.failing or drawn.limited)
        """Whether the stack was not only resumed: the preview is of one that is."""
        translation = drawn.translated(mode)
        workflow = client.upload(translation.text(), f"test-{translation.digest()}")
        self.preview = {stop.number: stop for stop in preview(translation.plan)}
        self.execution = client.start(workflow, {}, env=audit.record("run", "a test"))
        self.stood: tuple[int, set[Step]] = (0, set())
        self.session.begin()
        self.compare()

    def status(self) -> StackStatus:
        return read_status(self.client, self.now())

    def now(self) -> Execution:
        return self.client.execution(self.execution.id)

    def compare(self) -> None:
        status = self._standing()
        if (where := (self.session.pause, set(self.session.stopped))) != self.stood:
            self.stood = where
            self.said.stops += [names] if (names := set(map(name_of, where[1]))) else []
        done = {r.name for r in status.resources if r.state is ResourceState.DONE}
        assert done == self.session.exist
        assert not any(r.state is ResourceState.RUNNING for r in status.resources)
        if not self.session.is_done and not self.is_changed:
            self._check_preview(status)

    def _standing(self) -> StackStatus:
        """The status once the stack stands where it should."""
        session = self.session
        stands = State.ERROR if session.mode is Mode.ABORT else State.PAUSED
        expected = State.SUCCESS if session.is_done else stands
        names = set(map(name_of, session.stopped))
        deadline = time.monotonic() + PATIENCE
        while True:
            status = self.status()
            state, found = status.execution.state, {stop.name for stop in status.stopped}
            is_wrong = state.is_final and state is not expected
            if (state is expected and found == names) or is_wrong or time.monotonic() > deadline:
                assert (state, found) == (expected, names), status.execution.state_info
                return status
            time.sleep(0.05)

    def _check_preview(self, status: StackStatus) -> None:
        stop = self.preview[self.session.pause]
        assert set(stop.held) == {b.name for b in status.stopped}
        for words, state in (
            (stop.done, ResourceState.DONE),
            (stop.blocked, ResourceState.BLOCKED),
            (stop.untouched, ResourceState.UNTOUCHED),
        ):
            assert set(words) == {r.name for r in status.resources if r.state is state}

    def choices(self) -> list[str]:
        mode = self.session.mode
        if mode is Mode.ABORT:
            ways = ["resume", "part"]
        elif mode is Mode.STEP:
            ways = ["resume", "plain", "step", "until", "change", "set"]
        else:
            ways = ["resume", "plain", "part", "part", "until", "change", "set"]
        return [*ways, "kill"] if self.process else ways

    def act(self, what: str) -> None:
        """Do a thing and compare; a kill comes at any moment of another one's consequences."""
        if what != "kill":
            getattr(self, what)()
            self.compare()
            return
        other = self.data.draw(st.sampled_from([*(c for c in self.choices() if c != "kill"), ""]))
        if other:
            getattr(self, other)()
        time.sleep(self.data.draw(st.floats(0, 0.8)))
        self.restart()
        self.compare()

    def restart(self) -> None:
        """End the engine as a loss of power does, and start it again."""
        assert self.process is not None
        self.process.kill()
        self.client = self.process.start()

    def go(self, what: str, decision: Decision) -> None:
        env = audit.record(what, None, decision)
        decide.carry_out(self.client, self.status(), decision, env)
        self.said.events.append(what)

    def resume(self) -> None:
        self.go("resume", decide.resume(self.status()))
        self._released(set(self.session.stopped))

    def part(self) -> None:
        stopped = sorted(self.session.stopped)
        chosen = set(self.data.draw(st.lists(st.sampled_from(stopped), min_size=1, unique=True)))
        self.release(chosen)

    def release(self, stops: set[Step]) -> None:
        """Let go of some, and hold the others."""
        self.go("resume", decide.resume(self.status(), list(map(name_of, sorted(stops)))))
        self.is_changed = True
        self._released(stops)

    def set(self) -> None:
        """Let all go, with another value for a resource that is still to come."""
        coming = sorted(self.drawn.stack.plain - self.session.exist)
        decision = decide.resume(self.status())
        if coming:
            name = self.data.draw(st.sampled_from(coming))
            value = f"changed-{len(self.said.events)}"
            found = properties_of(self.client, self.now())
            seal = Sealer(self.client, self.execution.id)
            said = [f"{name}.value={value}"]
            changes, shown = decide.change(self.status(), found, said, seal)
            decision = replace(decision, changes=changes, facts={"set": shown})
            self.said.changed[name] = value
        self.go("resume", decision)
        self._released(set(self.session.stopped))

    def _released(self, stops: set[Step]) -> None:
        self.session.run_to, self.session.until = END, None
        self.session.release(stops)

    def plain(self) -> None:
        """The dashboard's button: the engine's own update, and nothing else."""
        self.said.elsewhere |= set(map(name_of, self.session.stopped))
        self.client.resume(self.now())
        self.session.release(set(self.session.stopped))

    def step(self) -> None:
        count = self.data.draw(st.integers(1, 3))
        places = [self.session.number(s) for s in self.session.ahead() if s[1] == PRE]
        if any(s[1] == PRE for s in self.session.stopped):
            places.insert(0, self.session.pause)
        self.go("step", decide.step(self.status(), count))
        self.session.run_to = places[count] if count < len(places) else END
        self.session.until = None
        self.session.release(set(self.session.stopped))

    def until(self) -> None:
        if not (ahead := self.session.ahead()):
            return
        stop = self.data.draw(st.sampled_from(ahead))
        self.go("resume", decide.resume(self.status(), until=name_of(stop)))
        self._mark(stop, True)
        self.session.run_to, self.session.until = END, self.session.number(stop)
        self.session.release(set(self.session.stopped))

    def change(self) -> None:
        """Arm or disarm, by the API or as it is done while a stack runs."""
        if not (ahead := self.session.ahead()):
            return
        stop, armed = self.data.draw(st.sampled_from(ahead)), self.data.draw(st.booleans())
        decision = decide.arm(self.status(), [name_of(stop)], armed)
        env = audit.record("break", "a test", decision)
        if self.data.draw(st.booleans()):
            self.client.amend(self.now(), env)
        else:
            ask(self.client, "amend", {"execution": self.execution.id, "env": json.dumps(env)})
        self.said.events.append("break")
        self._mark(stop, armed)

    def _mark(self, stop: Step, armed: bool) -> None:
        (self.session.disarmed.discard if armed else self.session.disarmed.add)(stop)
        (self.session.armed.add if armed else self.session.armed.discard)(stop)
        self.is_changed = True

    def cancel(self) -> None:
        """Where it stands; nothing of it runs on."""
        before = [(task.name, task.state) for task in self.client.tasks(self.execution.id)]
        self.client.cancel(self.now(), "enough")
        time.sleep(0.5)
        assert self.now().state is State.CANCELLED
        assert [(task.name, task.state) for task in self.client.tasks(self.execution.id)] == before

    def check_end(self) -> None:
        if self.now().state is State.SUCCESS and self.session.mode is not Mode.ABORT:
            self._check_values()
        self.check_trail()

    def check_trail(self) -> None:
        execution = self.now()
        tasks = {task.name: task for task in self.client.tasks(execution.id)}
        status = self.status()
        ended = [
            tasks[b.name]
            for b in status.breakpoints
            if b.name in tasks and tasks[b.name].state is State.SUCCESS
        ]
        events = audit.trail(execution, status, tasks, self.client.results(ended))
        ours = [e.event for e in events if e.who and e.who not in (audit.ELSEWHERE, WHO)]
        assert ours == self.said.events
        if self.session.mode is not Mode.ABORT and not self.drawn.limited:
            assert [set(e.breakpoints) for e in events if e.event == "stopped"] == self.said.stops
        seen = self._named(events, audit.ELSEWHERE)
        assert seen == self.said.elsewhere
        assert self._named(events, WHO) == set(map(name_of, self.session.ended))

    @staticmethod
    def _named(events: list[audit.Event], who: str) -> set[str]:
        return {name for event in events if event.who == who for name in event.breakpoints}

    def _check_values(self) -> None:
        """Each resource once, with its value in a run without breakpoints."""
        stack, changed = self.drawn.stack, self.said.changed
        if isinstance(stack, Stack):
            check_end(self.client, self.now(), stack, changed)
            return
        tasks = self.client.tasks(self.execution.id)
        assert set(Counter(task.name for task in tasks).values()) == {1}
        for task in tasks:
            if task.name in stack.order.names:
                check_once(self.client, task)
        translation = Drawn(replace(stack, stops=frozenset())).translated(Mode.NON_STOP)
        workflow = self.client.upload(translation.text(), f"test-{translation.digest()}")
        env = live.changing({name: {"value": value} for name, value in changed.items()})
        plain = wait(self.client, self.client.start(workflow, {}, env=env))
        assert plain.state is State.SUCCESS
        found, expected = self._values(self.now()), self._values(plain)
        both = found.keys() & expected.keys()  # a condition has more reported than the template
        assert {name: found[name] for name in both} == {name: expected[name] for name in both}

    def _values(self, execution: Execution) -> dict[str, Any]:
        tasks = [t for t in self.client.tasks(execution.id) if t.name in self.drawn.stack.plain]
        results = self.client.results(tasks)
        values = {
            name: result["attributes"]["value"]
            for name, result in results.items()
            if "value" in result["attributes"]
        }
        text = json.dumps({**values, "outputs of the stack": execution.output})
        text = text.replace(execution.workflow_name, "STACK")
        masked: dict[str, Any] = json.loads(_OWN.sub("ID", text))
        return masked
