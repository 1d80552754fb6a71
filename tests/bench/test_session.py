"""A session goes on whatever becomes of a case, and measures nothing twice."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.cases import Case, Ending, Peer, Result, Results, Run
from benchmarks.measure import Unfinished
from benchmarks.session import Plan, Session
from benchmarks.shapes import Graph, Shape


@dataclass
class Bench:
    """A peer that takes so many seconds for each resource, or fails as it is told."""

    seconds: float = 0.1
    error: BaseException | None = None
    asked: list[int] = field(default_factory=list)
    closed: bool = False

    def run(self, graph: Graph, limit: float) -> Run:
        size = len(graph.needs)
        self.asked.append(size)
        if self.error is not None:
            raise self.error
        if self.seconds * size > limit:
            raise Unfinished(Ending.OVER, "some done")
        return Run(self.seconds * size, 1.0, 1, 1, 1.0)

    def close(self) -> None:
        self.closed = True


def measured(
    sizes: tuple[int, ...], before: Results | None = None, **benches: Bench
) -> tuple[Results, list[Results]]:
    kept: list[Results] = []
    by_peer = {Peer[name]: bench for name, bench in benches.items()}
    plan = Plan(tuple(by_peer), (Shape.CHAIN,), sizes, limit=10.0, once=True)
    session = Session(plan, by_peer, before or Results({}), kept.append, lambda _: None)
    return session.run(), kept


def ending(results: Results, peer: Peer, size: int) -> Ending:
    found = results.find(Case(peer, Shape.CHAIN, size))
    assert found is not None
    return found.ending


def test_each_case_is_kept_at_once() -> None:
    heat, flat = Bench(), Bench()
    results, kept = measured((10, 30), HEAT=heat, FLAT=flat)
    assert [len(now.cases) for now in kept] == [1, 2, 3, 4]
    assert all(result.is_done for result in results.cases)
    assert heat.closed
    assert flat.closed


def test_what_fails_does_not_take_the_others_with_it() -> None:
    results, _ = measured((10,), HEAT=Bench(error=OSError("no port")), FLAT=Bench())
    assert ending(results, Peer.HEAT, 10) is Ending.FAILED
    assert ending(results, Peer.FLAT, 10) is Ending.DONE


def test_what_cannot_end_in_time_is_not_tried() -> None:
    heat = Bench(seconds=0.2)
    results, _ = measured((30, 100, 300), HEAT=heat)
    assert heat.asked == [30]
    assert ending(results, Peer.HEAT, 100) is Ending.NOT_RUN
    assert ending(results, Peer.HEAT, 300) is Ending.NOT_RUN


def test_a_peer_may_take_three_times_as_long_as_wfbreak() -> None:
    heat = Bench(seconds=0.2)
    results, _ = measured((30, 100), WFBREAK=Bench(seconds=0.1), HEAT=heat)
    assert ending(results, Peer.HEAT, 100) is Ending.DONE


def test_it_goes_on_where_it_was() -> None:
    done = Result(Case(Peer.FLAT, Shape.CHAIN, 10), Ending.DONE, (Run(1, 1, 1, 1, 1),))
    flat = Bench()
    results, _ = measured((10, 30), Results({}, (done,)), FLAT=flat)
    assert flat.asked == [30]
    assert len(results.cases) == 2
