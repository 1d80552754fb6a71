"""What a stack in each mode must look like after each thing that a person does.

Worked out from the order of its steps and the definition of the modes alone, without the
translator: the translator, the engine and the commands are held against it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from properties.order import ITSELF, POST, PRE, Order, Step
from wfbreak.translate import Mode

END = 2**31
"""The number of a stop that no stack has."""


@dataclass
class Session:
    """A stack under way.

    ``exist`` are the resources that have been created; ``limited`` the stops that end by
    themselves; ``disarmed`` those at which it does not stop, as by a condition that does not hold.
    """

    order: Order
    mode: Mode
    disarmed: set[Step] = field(default_factory=set)
    limited: frozenset[Step] = frozenset()
    armed: set[Step] = field(default_factory=set)
    exist: set[str] = field(default_factory=set)
    stopped: set[Step] = field(default_factory=set)
    ended: set[Step] = field(default_factory=set)
    """The stops that ended by themselves so far."""
    pause: int = 0
    run_to: int | None = None
    until: int | None = None

    def is_armed(self, stop: Step) -> bool:
        return stop not in self.disarmed and (stop in self.order.stops or stop in self.armed)

    @property
    def is_done(self) -> bool:
        return not self.stopped

    def ahead(self) -> list[Step]:
        """The breakpoints that have not been reached, in the order of their stops."""
        if self.mode is Mode.STEP:
            return self.order.chain[self.pause :]
        depth = self.order.depth
        found = [stop for stop in self.order.stops if depth[stop] > self.pause]
        return sorted(found, key=lambda stop: (depth[stop], stop[0], stop[1] == POST))

    def number(self, stop: Step) -> int:
        if self.mode is Mode.STEP:
            return self.order.chain.index(stop) + 1
        return self.order.depth[stop]

    def begin(self) -> None:
        self._advance()
        self._end_by_limit()

    def release(self, stops: set[Step]) -> None:
        """Let go of some of the breakpoints at which the stack stands."""
        self._release(stops)
        self._end_by_limit()

    def _release(self, stops: set[Step]) -> None:
        self.stopped -= stops
        if self.stopped:
            self._partly()
        else:
            self._advance()

    def _end_by_limit(self) -> None:
        """One at a time: the next has its turn when the stack stands again."""
        while over := sorted(self.stopped & self.limited):
            self.run_to, self.until = END, None
            self.ended.add(over[0])
            self._release({over[0]})

    def _advance(self) -> None:
        if self.mode is Mode.STEP:
            self._advance_chain()
            return
        for pause in range(self.pause + 1, self.order.pauses + 1):
            here = self.order.at(pause)
            passed = self.until is not None and pause < self.until
            if passed or not any(map(self.is_armed, here)):
                continue
            self.pause = pause
            self.exist = self._existing(pause)
            self.stopped = {s for s in here if self.is_armed(s)}
            if self._aborts or self.stopped != here:
                self._partly()
            return
        self.pause = self.order.pauses + 1
        self.exist = self.order.names

    @property
    def _aborts(self) -> bool:
        return self.mode is Mode.ABORT

    def _advance_chain(self) -> None:
        chain = self.order.chain
        for index in range(self.pause, len(chain)):
            number, stop = index + 1, chain[index]
            if stop[1] == POST:
                self.exist.add(stop[0])
            steps = stop[1] == PRE and (self.run_to is None or number >= self.run_to)
            passed = self.until is not None and number < self.until
            if not passed and (steps or self.is_armed(stop)):
                self.pause, self.stopped = number, {stop}
                return
        self.pause = len(chain) + 1

    def _existing(self, pause: int) -> set[str]:
        if pause > self.order.pauses:
            return self.order.names
        if self.mode is Mode.ALL_STOP:
            return self.order.exist_all_stop(pause)
        return self.order.exist_non_stop(pause)

    def _partly(self) -> None:
        """Some of a stop's breakpoints are held: what comes before the next stop, and waits for
        none of them, goes on. In all-stop, what no breakpoint blocks waits for all of them."""
        order = self.order
        before, after = self._existing(self.pause), self._existing(self.pause + 1)
        later = {s for s in order.stops if order.depth[s] > self.pause}
        runs = after - before
        if self.mode is Mode.ALL_STOP:
            arrived = order.over(before, later | order.at(self.pause))
            runs = {
                name
                for name in runs
                if not arrived.issuperset(order.graph.predecessors((name, ITSELF)))
            }
        over = order.over(before, later | self.stopped, runs)
        self.exist = before | {name for name, what in over if what == ITSELF}
