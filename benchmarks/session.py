"""One measurement after another: which cases there are, how often and how long each may run.

All peers make a graph before the next graph has its turn, so that what changes on the machine in
the course of a session changes for all of them. What came of a case is kept at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.cases import Case, Ending, Peer, Result, Results, Run
from benchmarks.measure import Bench, Unfinished
from benchmarks.shapes import Graph, Shape

_RUNS = 3
_SHORT = 15.0
"""A case runs three times, or as often as fits into so many seconds."""

_STOPS = 300
"""Resources. With more a stop is measured in one shape only, since each run takes minutes."""

_PATIENCE = 3.0
"""How many times as long as wfbreak another peer may take, if that is more than the limit."""

_SMALLEST = 30
"""Resources. What fewer take tells nothing of what more do."""

_OWN_LIMIT = 1_200.0
"""Seconds that wfbreak may take."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured. ``limit`` seconds are what a peer may take at least; ``once`` is for
    a quick look: each case runs once."""

    peers: Sequence[Peer]
    shapes: Sequence[Shape]
    sizes: Sequence[int]
    limit: float
    once: bool = False

    def cases(self) -> list[Case]:
        return [
            Case(peer, shape, size)
            for size in sorted(self.sizes)
            for shape in self.shapes
            for peer in self.peers
            if peer is not Peer.WFBREAK_STOP or size <= _STOPS or shape is Shape.LAYERED
        ]


@dataclass(slots=True)
class Session:
    """Measures what ``results`` lacks of the plan; ``keep`` is told of all results after each."""

    plan: Plan
    benches: Mapping[Peer, Bench]
    results: Results
    keep: Callable[[Results], None]
    say: Callable[[str], None]

    def run(self) -> Results:
        try:
            for case in self.plan.cases():
                if self.results.find(case) is None:
                    self.results = self.results.with_case(self._result(case))
                    self.keep(self.results)
        finally:
            for bench in self.benches.values():
                bench.close()
        return self.results

    def _result(self, case: Case) -> Result:
        limit = self._limit(case)
        hopeless = self._hopeless(case, limit)
        if hopeless:
            self.say(f"{case}: not run, {hopeless}")
            return Result(case, Ending.NOT_RUN, note=hopeless, limit=limit)
        graph = Graph.of(case.shape, case.size)
        runs: list[Run] = []
        began = time.monotonic()
        while len(runs) < _RUNS and (not runs or self._again(began, len(runs))):
            try:
                runs.append(self.benches[case.peer].run(graph, limit))
            except Unfinished as unfinished:
                self.say(f"{case}: {unfinished.ending.value}, {unfinished.note}")
                return Result(case, unfinished.ending, tuple(runs), unfinished.note, limit)
            except Exception as error:
                # One peer that does not come up must not take the others' figures with it.
                note = f"{type(error).__name__}: {error}".splitlines()[0]
                self.say(f"{case}: failed, {note}")
                return Result(case, Ending.FAILED, tuple(runs), note, limit)
        result = Result(case, Ending.DONE, tuple(runs), limit=limit)
        self.say(f"{case}: {_told(result)}")
        return result

    def _again(self, began: float, runs: int) -> bool:
        """Whether there is time for a run more, starts of the peers included."""
        gone = time.monotonic() - began
        return not self.plan.once and gone + gone / runs < _SHORT

    def _limit(self, case: Case) -> float:
        if case.peer in (Peer.WFBREAK, Peer.WFBREAK_STOP):
            return _OWN_LIMIT
        own = self.results.find(Case(Peer.WFBREAK, case.shape, case.size))
        return max(self.plan.limit, _PATIENCE * own.median("wall") if own and own.is_done else 0.0)

    def _hopeless(self, case: Case, limit: float) -> str:
        """Why a case cannot come to its end in time, by what the next smaller one took; empty if it
        may. No peer takes less than in proportion, once there are some dozens of resources."""
        smaller = self._smaller(case)
        if smaller is None:
            return ""
        size = smaller.case.size
        if smaller.ending is Ending.HANGS:
            return f"with {size} resources it hangs"
        taken = smaller.median("wall") if smaller.is_done else smaller.limit
        if smaller.ending is Ending.FAILED or taken * case.size / size <= limit:
            return ""
        more = "" if smaller.is_done else "more than "
        return f"with {size} resources it takes {more}{taken:.0f} s"

    def _smaller(self, case: Case) -> Result | None:
        """What came of the next smaller case of the same peer and shape."""
        same = [
            result
            for result in self.results.cases
            if (result.case.peer, result.case.shape) == (case.peer, case.shape)
            and _SMALLEST <= result.case.size < case.size
        ]
        return max(same, key=lambda result: result.case.size, default=None)


def _told(result: Result) -> str:
    run = f"{result.median('wall'):.2f} s, {result.median('cpu'):.2f} s of CPU"
    return f"{run}, {result.median('rss') / 2**20:.0f} MB, {len(result.runs)} runs"
