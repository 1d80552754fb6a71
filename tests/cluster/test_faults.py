"""Fifty stacks at a time, and whatever can happen to a cluster: nothing is lost, nothing twice.

The seed is printed; ``WFBREAK_TEST_SEED`` gives it again.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from cluster.cluster import Cluster
from cluster.crowd import Crowd, people
from cluster.faults import Faults
from cluster.settings import SERVERS

STACKS = int(os.environ.get("WFBREAK_TEST_STACKS", "50"))
RESOURCES = 30
SECONDS = 1.0

PATIENCE = 300.0
"""Seconds after the last fault within which every stack must have come to its end."""


@pytest.mark.timeout(1800, func_only=True)
def test_nothing_is_lost_and_nothing_made_twice(
    cluster: Cluster, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("WFBREAK_TEST_SEED") or random.SystemRandom().randrange(2**32))
    chance = random.Random(seed)

    def say(what: str) -> None:
        with capfd.disabled():
            print(what, flush=True)

    say(f"\nseed {seed}")
    crowd = Crowd(
        cluster,
        random.Random(seed),
        people(cluster, chance, tmp_path, STACKS, RESOURCES, SECONDS),
    )
    faults = Faults(cluster, chance, say)
    faults.start()
    began = over = told = time.monotonic()
    try:
        while crowd.under_way:
            crowd.round()
            if not faults.are_over:
                over = time.monotonic()
            if time.monotonic() - told > 20:
                told = time.monotonic()
                say(f"{told - began:6.1f} s  {crowd}")
            late = [(p.name, p.execution, p.seen) for p in crowd.under_way]
            assert not late or time.monotonic() - over < PATIENCE, late
    finally:
        faults.join()
    cluster.check()
    assert set(faults.done) >= set(SERVERS)
    assert crowd.strangers() == 0
    stops = sum(len(p.stops) for p in crowd.people)
    unanswered = sum(p.unanswered for p in crowd.people)
    say(
        f"{STACKS} stacks of {RESOURCES} resources, {stops} stops, "
        f"in {time.monotonic() - began:.0f} s; {unanswered} requests without an answer"
    )
