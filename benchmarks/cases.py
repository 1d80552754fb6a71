"""What is measured, and what came of it: plain data, kept in a file after each case.

The file is the only thing that the report is made of, so that a run that was broken off can go on,
and a report can be made again without measuring.
"""

from __future__ import annotations

import enum
import json
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.shapes import Shape


class Peer(enum.Enum):
    """Who makes the resources."""

    WFBREAK = "wfbreak"
    WFBREAK_STOP = "wfbreak-stop"
    FLAT = "flat"
    HEAT = "heat"
    HEAT_MENDED = "heat-mended"

    @property
    def title(self) -> str:
        return _TITLES[self]


_Kind = TypeVar("_Kind", bound=enum.Enum)

_TITLES = {
    Peer.WFBREAK: "wfbreak",
    Peer.WFBREAK_STOP: "wfbreak, with a stop",
    Peer.FLAT: "flat Mistral workflow",
    Peer.HEAT: "Heat, stock",
    Peer.HEAT_MENDED: "Heat, mended",
}


class Ending(enum.Enum):
    """How a case ended."""

    DONE = "done"
    OVER = "over"
    """It was broken off at its time limit, while it was still getting on."""
    HANGS = "hangs"
    """Nothing had moved for so long that nothing will."""
    FAILED = "failed"
    NOT_RUN = "not run"
    """A smaller size took so long that this one would be over the limit even if its time grew with
    the number of resources only."""


@dataclass(frozen=True, slots=True)
class Case:
    """One peer that makes one graph."""

    peer: Peer
    shape: Shape
    size: int

    def __str__(self) -> str:
        return f"{self.peer.title}, {self.shape.value}, {self.size}"


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took.

    ``wall`` seconds are from the moment at which the template is handed over until all is seen to
    be done; ``cpu`` seconds are those of the peer's own processes, ``cpu_below`` those of the
    database and the broker below it, if those are processes of their own. ``rss`` and ``pss`` are
    the peaks of the peer's processes together, in bytes, ``rss_below`` likewise. ``start`` is what
    bringing the peer up took; ``parts`` are seconds of what ``wall`` is made of, and the like.
    """

    wall: float
    cpu: float
    rss: int
    pss: int
    start: float
    cpu_below: float = 0.0
    rss_below: int = 0
    pss_below: int = 0
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """The runs of a case. ``note`` says in words what ended it, where it is not done; ``limit`` are
    the seconds that each run might take."""

    case: Case
    ending: Ending
    runs: tuple[Run, ...] = ()
    note: str = ""
    limit: float = 0.0

    @property
    def is_done(self) -> bool:
        return self.ending is Ending.DONE

    def median(self, figure: str) -> float:
        """The median of one of :class:`Run`'s figures."""
        return float(statistics.median(getattr(run, figure) for run in self.runs))

    def part(self, name: str) -> float:
        """The median of one of the parts; 0 where there is none."""
        return statistics.median(run.parts.get(name, 0.0) for run in self.runs)


@dataclass(frozen=True, slots=True)
class Results:
    """All of a run of the command: the machine, the cases, the translations."""

    machine: Mapping[str, str]
    cases: tuple[Result, ...] = ()
    translations: tuple[Mapping[str, float], ...] = ()

    def find(self, case: Case) -> Result | None:
        return next((result for result in self.cases if result.case == case), None)

    def with_case(self, result: Result) -> Results:
        """With the result in the place of an earlier one of the same case."""
        others = tuple(known for known in self.cases if known.case != result.case)
        return replace(self, cases=(*others, result))

    def sizes(self) -> list[int]:
        return sorted({result.case.size for result in self.cases})

    def peers(self) -> list[Peer]:
        return _present(Peer, (result.case.peer for result in self.cases))

    def shapes(self) -> list[Shape]:
        return _present(Shape, (result.case.shape for result in self.cases))

    def save(self, path: Path) -> None:
        """Write it, whole or not at all."""
        part = path.with_suffix(".part")
        part.write_text(json.dumps(asdict(self), indent=1, default=_value) + "\n")
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> Results:
        """What was saved.

        :raises FileNotFoundError: if nothing was.
        """
        saved = json.loads(path.read_text())
        return cls(
            saved["machine"],
            tuple(map(_result, saved["cases"])),
            tuple(saved["translations"]),
        )


def _present(kinds: type[_Kind], found: Iterable[_Kind]) -> list[_Kind]:
    known = set(found)
    return [kind for kind in kinds if kind in known]


def _value(thing: Any) -> Any:
    if isinstance(thing, enum.Enum):
        return thing.value
    raise TypeError(type(thing))


def _result(saved: Mapping[str, Any]) -> Result:
    case = saved["case"]
    return Result(
        Case(Peer(case["peer"]), Shape(case["shape"]), case["size"]),
        Ending(saved["ending"]),
        tuple(Run(**run) for run in saved["runs"]),
        saved["note"],
        saved["limit"],
    )
