"""What a stack in each mode must look like after each thing that a person does.

Worked out from the drawn needs and the definition of the modes alone, without the translator: the
translator, the engine and the commands are held against it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from properties.graphs import POST, PRE, Stack
from wfbreak.translate import Mode

Stop = tuple[int, str]


@dataclass
class Session:
    """A stack under way. ``exist`` are the numbers of the resources that have been created."""

    stack: Stack
    mode: Mode
    exist: set[int] = field(default_factory=set)
    stopped: set[Stop] = field(default_factory=set)
    disarmed: set[Stop] = field(default_factory=set)
    armed: set[Stop] = field(default_factory=set)
    pause: int = 0
    run_to: int | None = None
    until: int | None = None

    def name(self, stop: Stop) -> str:
        return f"{self.stack.name(stop[0])}:{stop[1]}"

    def is_armed(self, stop: Stop) -> bool:
        return stop not in self.disarmed and (stop in self.stack.stops or stop in self.armed)

    @property
    def is_done(self) -> bool:
        return not self.stopped

    def ahead(self) -> list[Stop]:
        """The breakpoints that have not been reached, in the order of their stops."""
        if self.mode is Mode.STEP:
            return self._chain()[self.pause :]
        depth = self.stack.depth
        found = [stop for stop in self.stack.stops if depth[stop] > self.pause]
        return sorted(found, key=lambda stop: (depth[stop], stop[0], stop[1] == POST))

    def number(self, stop: Stop) -> int:
        if self.mode is Mode.STEP:
            return self._chain().index(stop) + 1
        return self.stack.depth[stop]

    def begin(self) -> None:
        self._advance()

    def release(self, stops: set[Stop]) -> None:
        """Let go of some of the breakpoints at which the stack stands."""
        self.stopped -= stops
        if self.stopped:
            self._partly()
        else:
            self._advance()

    def _chain(self) -> list[Stop]:
        return [(n, hook) for n in range(len(self.stack.needs)) for hook in (PRE, POST)]

    def _advance(self) -> None:
        if self.mode is Mode.STEP:
            self._advance_chain()
            return
        for pause in range(self.pause + 1, self.stack.pauses + 1):
            here = {stop for stop in self.stack.stops if self.stack.depth[stop] == pause}
            passed = self.until is not None and pause < self.until
            if passed or not any(map(self.is_armed, here)):
                continue
            self.pause = pause
            self.exist = self._existing(pause)
            self.stopped = {s for s in here if self.is_armed(s)} if self._aborts else here
            if self._aborts:
                self._partly()
            return
        self.pause = self.stack.pauses + 1
        self.exist = set(range(len(self.stack.needs)))

    @property
    def _aborts(self) -> bool:
        return self.mode is Mode.ABORT

    def _advance_chain(self) -> None:
        chain = self._chain()
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

    def _existing(self, pause: int) -> set[int]:
        if pause > self.stack.pauses:
            return set(range(len(self.stack.needs)))
        names = (
            self.stack.exist_all_stop(pause)
            if self.mode is Mode.ALL_STOP
            else self.stack.exist_non_stop(pause)
        )
        return {n for n in range(len(self.stack.needs)) if self.stack.name(n) in names}

    def _partly(self) -> None:
        """Some of a stop's breakpoints are held: what comes before the next stop, and waits for
        none of them, goes on. In all-stop, what no breakpoint blocks waits for all of them."""
        before, after = self._existing(self.pause), self._existing(self.pause + 1)
        here = {s for s in self.stack.stops if self.stack.depth[s] == self.pause}
        runs = set(before)
        for number in sorted(after - before):
            needed = set(self.stack.needs[number])
            waits = {(number, PRE)} | {(n, POST) for n in needed}
            is_free = not (waits & here) and needed <= before
            if is_free and self.mode is Mode.ALL_STOP:
                continue
            if needed <= runs and not waits & self.stopped:
                runs.add(number)
        self.exist = runs
