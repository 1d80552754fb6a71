"""``python -m benchmarks``: measure wfbreak and its peers side by side, and write the report."""

from __future__ import annotations

import argparse
import enum
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from benchmarks import plot, translate
from benchmarks.cases import Peer, Results
from benchmarks.engines import FlatBench, WfbreakBench
from benchmarks.heat import HeatBench, HeatLab
from benchmarks.machine import describe
from benchmarks.measure import Bench
from benchmarks.report import render
from benchmarks.session import Plan, Session
from benchmarks.shapes import Shape

_ROOT = Path(__file__).parents[1]
_SIZES = (10, 30, 100, 300, 1_000)
_QUICK = (10, 30)
_TRANSLATED = (10, 100, 1_000, 10_000)
_SESSIONS = "sessions, the later ones resumed"
_HEAT = {Peer.HEAT, Peer.HEAT_MENDED}

_Kind = TypeVar("_Kind", bound=enum.Enum)


def main() -> int:
    asked = _parser().parse_args()
    data: Path = asked.results
    if asked.render:
        _write(Results.load(data), asked.report)
        return 0
    plan = Plan(
        peers=asked.peers,
        shapes=asked.shapes,
        sizes=_QUICK if asked.quick and asked.sizes == _SIZES else asked.sizes,
        limit=asked.limit,
        once=asked.quick,
    )
    python = asked.venv.absolute() / "bin" / "python" if _HEAT & set(plan.peers) else None
    if python is not None and not python.exists():
        print(f"Heat is not installed in {asked.venv}: run 'make benchmark'", file=sys.stderr)
        return 1
    results = _begun(data, python, resume=asked.resume)
    # Asked to end in any way, it ends what it has started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    session = Session(plan, _benches(asked.venv), results, lambda now: now.save(data), _say)
    try:
        results = session.run()
    except KeyboardInterrupt:
        print(f"{data} has what was measured; --resume goes on", file=sys.stderr)
        return 130
    _write(results, asked.report)
    return 0


def _begun(data: Path, python: Path | None, *, resume: bool) -> Results:
    """The results to go on with: what is there, or the machine and the translations alone."""
    machine = describe(python)
    if resume and data.exists():
        before = Results.load(data)
        # What was known stays; a peer that was not measured before has its version added.
        sessions = {_SESSIONS: str(int(before.machine.get(_SESSIONS, "1")) + 1)}
        return replace(before, machine={**machine, **before.machine, **sessions})
    _say("translations")
    return Results(machine, translations=tuple(translate.table(_TRANSLATED)))


def _benches(venv: Path) -> Mapping[Peer, Bench]:
    lab = HeatLab(_ROOT / ".cloud-bench", venv.absolute())
    return {
        Peer.WFBREAK: WfbreakBench(),
        Peer.WFBREAK_STOP: WfbreakBench(stops=True),
        Peer.FLAT: FlatBench(),
        Peer.HEAT: HeatBench(lab, mended=False),
        Peer.HEAT_MENDED: HeatBench(lab, mended=True),
    }


def _write(results: Results, report: Path) -> None:
    report.write_text(render(results))
    picture = report.with_suffix(".svg")
    plot.draw(results, picture)
    print(f"{report}, {picture}")


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--peers", type=lambda text: _kinds(Peer, text), default=tuple(Peer))
    parser.add_argument("--shapes", type=lambda text: _kinds(Shape, text), default=tuple(Shape))
    parser.add_argument("--sizes", type=_integers, default=_SIZES, help="numbers of resources")
    parser.add_argument("--quick", action="store_true", help="10 and 30 resources, one run each")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds that a peer may take")
    parser.add_argument("--resume", action="store_true", help="measure only what is missing")
    parser.add_argument("--render", action="store_true", help="write the report, measure nothing")
    parser.add_argument(
        "--results", type=Path, default=_ROOT / "benchmarks" / "results.json", help="raw figures"
    )
    parser.add_argument(
        "--report", type=Path, default=_ROOT / "docs" / "benchmarks.md", help="and an SVG beside it"
    )
    parser.add_argument(
        "--venv", type=Path, default=_ROOT / ".venv-cloud", help="where Heat is installed"
    )
    return parser


def _kinds(kinds: type[_Kind], text: str) -> tuple[_Kind, ...]:
    try:
        asked = {kinds(part) for part in text.split(",")}
    except ValueError:
        known = ", ".join(str(kind.value) for kind in kinds)
        raise argparse.ArgumentTypeError(f"not of {known}: '{text}'") from None
    return tuple(kind for kind in kinds if kind in asked)


def _integers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
