"""``python -m benchmarks.sizing``: what a cluster carries, measured here and modelled beyond.

The cluster of the tests is brought up and given the same load with one and two engines; what that
took is kept (``benchmarks/sizing.json``), and the page and its plot are made of it and of a
simulation that is fed with it. ``--render`` measures nothing.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import BUILT_AFTER, FIXED, WAITING, Figures
from benchmarks.model import Model, simulated
from benchmarks.sizing_page import render
from benchmarks.sizing_plot import draw

_ROOT = Path(__file__).parents[1]


def main() -> int:
    asked = _parser().parse_args()
    if not (asked.render or asked.model):
        from cloud.lab.errors import LabError

        from benchmarks.loads import LoadError

        # Asked to end in any way, it ends what it has started.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            _measured().save(asked.figures)
        except (LabError, LoadError) as error:
            print(f"nothing is kept: {error}", file=sys.stderr)
            return 1
    figures = Figures.read(asked.figures)
    if not asked.render:
        simulated(figures, _say).save(asked.modelled)
    _write(figures, Model.read(asked.modelled), asked.page)
    return 0


def _measured() -> Figures:
    from cloud.lab.folder import Folder
    from cloud.lab.installation import install_packages
    from cluster.cluster import own_cluster
    from cluster.settings import PACKAGES

    from benchmarks import loads
    from benchmarks.machine import describe

    install_packages(PACKAGES)
    machine = describe(None)
    folder = Folder(_ROOT / ".cluster-sizing")
    with (
        tempfile.TemporaryDirectory() as templates,
        own_cluster(folder, Path(sys.prefix), _say) as cluster,
    ):
        bench = loads.Bench(cluster, _say, Path(templates))
        rest = bench.at_rest()
        found = []
        for engines, executors in ((2, 2), (2, 1), (1, 1)):
            bench.only(engines, executors)
            found.append(bench.load("fixed", FIXED))
        found.append(bench.load("at once", WAITING))
        found.append(bench.load("waiting", WAITING, BUILT_AFTER))
        probes = bench.probes()
    found.append(loads.embedded(FIXED, _say))
    return Figures(machine, rest, tuple(found), tuple(probes))


def _write(figures: Figures, model: Model, page: Path) -> None:
    page.write_text(render(figures, model))
    picture = page.with_suffix(".svg")
    draw(figures, model, picture)
    print(f"{page}, {picture}")


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sizing", description=__doc__)
    parser.add_argument("--render", action="store_true", help="write the page, measure nothing")
    parser.add_argument("--model", action="store_true", help="simulate again, measure nothing")
    parser.add_argument(
        "--figures",
        type=Path,
        default=_ROOT / "benchmarks" / "sizing.json",
        help="what is measured",
    )
    parser.add_argument(
        "--modelled",
        type=Path,
        default=_ROOT / "benchmarks" / "sizing_model.json",
        help="what is simulated",
    )
    parser.add_argument(
        "--page", type=Path, default=_ROOT / "docs" / "sizing.md", help="and an SVG beside it"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
