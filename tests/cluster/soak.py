"""The faults in a loop, for as long as one wants: ``python -m cluster.soak --minutes 60``.

Round after round fifty stacks and all kinds of faults, on one cluster that is never brought up
anew. What came of it is written as a page.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cloud.lab.folder import Folder
from properties import filecloud

from cluster.cluster import Cluster, own_cluster
from cluster.crowd import Crowd, Person, Wrong, people
from cluster.faults import Faults
from cluster.settings import SKEW, Database

ROOT = Path(__file__).parents[2]
STACKS, RESOURCES, SECONDS = 50, 30, 1.0

PATIENCE = 900.0
"""Seconds after a round's last fault within which its stacks must have come to their ends."""


@dataclass
class Soak:
    """What has been until now."""

    seed: int
    people: list[Person] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    wrong: str = ""

    def page(self, cluster: Cluster, seconds: float) -> str:
        executions = {person.execution for person in self.people}
        things = Counter((t.execution, t.resource) for t in filecloud.things(cluster.things))
        expected = Counter(
            (person.execution, name) for person in self.people for name in person.stack.order.names
        )
        strangers = sum(count for (owner, _), count in things.items() if owner not in executions)
        rows = {
            "ran for": f"{seconds / 60:.1f} minutes, {self.rounds} whole rounds",
            "ended on": f"{datetime.now(UTC):%Y-%m-%d}",
            "database": cluster.settings.database.value,
            "seed": self.seed,
            "stacks": f"{len(self.people)}, {sum(p.is_done for p in self.people)} came to SUCCESS",
            "resources": f"{expected.total()}, {things.total()} made",
            "lost": (expected - things).total(),
            "twice": (things - expected).total() - strangers,
            "made for no stack": strangers,
            "pauses": sum(p.seen for p in self.people),
            "resumes": sum(p.resumes for p in self.people),
            "requests without an answer": sum(p.unanswered for p in self.people),
            **{f"fault: {kind}": count for kind, count in sorted(self.faults.items())},
            "clocks wrong by": ", ".join(f"{name} {by:+d} s" for name, by in SKEW),
            "wrong": self.wrong or "nothing",
        }
        lines = [f"| {name} | {value} |" for name, value in rows.items()]
        return "\n".join([*_HEAD, *lines, ""])


_HEAD = (
    "# The last soak",
    "",
    "Written by `make soak` (`tests/cluster/soak.py`): rounds of fifty stacks of thirty",
    "resources, half of them with breakpoints, on two APIs, two engines and two executors. In each",
    "round every process, the broker and the database are killed once and a link is cut. At every",
    "pause what was really made was compared with the preview, at every end with the template.",
    "",
    "| what | how much |",
    "|---|---|",
)


def soak(cluster: Cluster, seed: int, minutes: float, folder: Path) -> tuple[Soak, str]:
    """Rounds until the time is over; what was, and the page about it."""
    chance, began, found = random.Random(seed), time.monotonic(), Soak(seed)
    while time.monotonic() - began < minutes * 60 and not found.wrong:
        word = f"soak{found.rounds}x"
        crowd = Crowd(
            cluster, chance, people(cluster, chance, folder, STACKS, RESOURCES, SECONDS, word)
        )
        found.people += crowd.people
        faults = Faults(cluster, random.Random(chance.random()), _say)
        faults.start()
        try:
            _round(crowd, faults)
            found.rounds += 1
        except Wrong as error:
            found.wrong = str(error)
        faults.join()
        found.faults += faults.done
        _say(f"round {found.rounds}: {crowd}")
    cluster.check()
    return found, found.page(cluster, time.monotonic() - began)


def _round(crowd: Crowd, faults: Faults) -> None:
    over = time.monotonic()
    while crowd.under_way:
        # Its commands say the ids of what they begin.
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
            crowd.round()
        if not faults.are_over:
            over = time.monotonic()
        elif time.monotonic() - over > PATIENCE:
            late = [(p.name, p.execution, p.seen) for p in crowd.under_way]
            raise Wrong(f"not at their ends {PATIENCE:.0f} s after the last fault: {late}")


def _say(what: str) -> None:
    print(what, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="cluster.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--page", type=Path, required=True)
    asked = parser.parse_args()
    _say(f"seed {asked.seed}")
    folder = Folder(ROOT / ".cluster-soak")
    with (
        tempfile.TemporaryDirectory() as templates,
        own_cluster(folder, Path(sys.prefix), _say, Database.POSTGRESQL, SKEW) as cluster,
    ):
        found, page = soak(cluster, asked.seed, asked.minutes, Path(templates))
    asked.page.write_text(page)
    _say(page)
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
