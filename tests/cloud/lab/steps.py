"""What is done to bring a cloud up, each step as soon as those that it needs are done.

On two cores most of the time is Python's imports and the databases' migrations. So the steps run
side by side, those that the longest chains begin with first, and each is measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter

_AT_ONCE = 5
"""Steps at a time: some of them wait for a process, so more than there are cores."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, after the steps named in ``needs``; it raises what goes wrong."""

    name: str
    do: Callable[[], None]
    needs: tuple[str, ...] = ()


def run_all(
    steps: Iterable[Step], report: Callable[[str, float], None], give_up: Callable[[], None]
) -> None:
    """Do all steps; ``report`` hears each one's name and seconds.

    If one fails, or the wait is interrupted, ``give_up`` is called, which should make the others
    end soon, and the error is raised when they have ended.
    """
    by_name = {step.name: step for step in steps}
    order = TopologicalSorter({step.name: step.needs for step in by_name.values()})
    order.prepare()
    rank = {name: number for number, name in enumerate(by_name)}
    waiting: list[str] = []
    running: dict[Future[None], str] = {}
    with ThreadPoolExecutor(_AT_ONCE) as pool, _giving_up(give_up):
        while order.is_active():
            waiting = sorted([*waiting, *order.get_ready()], key=rank.__getitem__)
            while waiting and len(running) < _AT_ONCE:
                step = by_name[waiting.pop(0)]
                running[pool.submit(_timed, step, report)] = step.name
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                name = running.pop(future)
                future.result()
                order.done(name)


@contextmanager
def _giving_up(give_up: Callable[[], None]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        give_up()
        raise


def _timed(step: Step, report: Callable[[str, float], None]) -> None:
    began = time.monotonic()
    step.do()
    report(step.name, time.monotonic() - began)
