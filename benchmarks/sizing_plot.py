"""The plot of docs/sizing.md: what engines make where nothing waits, and what waiting takes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from benchmarks import model
from benchmarks.figures import Figures
from benchmarks.model import Model
from benchmarks.report import number
from benchmarks.simulation import Costs, Flight


def draw(figures: Figures, found: Model, path: Path) -> None:
    """Write the plot as SVG; the same results give the same file."""
    settings = {"svg.hashsalt": "wfbreak", "svg.fonttype": "none", "font.size": 9}
    with mpl.rc_context(settings):
        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
        _draw_carried(left, figures, found)
        _draw_offered(right, model.costs(figures, model.ROUND_TRIP))
        figure.tight_layout()
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)


def _draw_carried(panel: Axes, figures: Figures, found: Model) -> None:
    ways = (
        (model.CORES[0], 0.0, "tab:blue", "-"),
        (model.CORES[0], model.ROUND_TRIP, "tab:cyan", "-"),
        (model.CORES[1], model.ROUND_TRIP, "tab:red", "--"),
    )
    for cores, trip, color, style in ways:
        line = [c for c in found.carried if (c.cores, c.round_trip) == (cores, trip)]
        where = f"{number(1000 * trip)} ms away" if trip else "beside it"
        panel.plot(
            [c.engines for c in line],
            [c.per_second for c in line],
            style,
            color=color,
            marker="o",
            label=f"database of {cores} cores, {where}",
        )
    embedded = figures.load("fixed", 0, 0)
    alone = embedded.resources / embedded.cpu["embedded"]
    panel.axhline(alone, color="tab:gray", linestyle=":", label="embedded engine, one core")
    _axes(panel, "engines", "resources a second", model.ENGINES)
    panel.set_title("made, where nothing waits")


def _draw_offered(panel: Axes, costs: Costs) -> None:
    words = dict(zip(model.WAITS, ("a minute", "ten minutes", "an hour"), strict=True))
    for wait, color in zip(model.WAITS, ("tab:red", "tab:blue", "tab:green"), strict=True):
        panel.plot(
            model.IN_FLIGHT,
            [model.offered(costs, Flight(n, model.SIZE, wait)) for n in model.IN_FLIGHT],
            color=color,
            marker="o",
            label=f"each takes {words[wait]}",
        )
    _axes(panel, "resources in flight", "engines kept busy all the time", model.IN_FLIGHT)
    panel.set_title("waited for")


def _axes(panel: Axes, across: str, up: str, ticks: Iterable[int]) -> None:
    ticks = list(ticks)
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xlabel(across)
    panel.set_ylabel(up)
    panel.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    panel.minorticks_off()
    panel.grid(visible=True, which="major", alpha=0.4)
    panel.legend(frameon=False, fontsize=8)
