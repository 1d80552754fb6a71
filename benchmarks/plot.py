"""Wall time over size, a panel for each shape, both axes logarithmic: the slope is the growth."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from benchmarks.cases import Ending, Peer, Result, Results
from benchmarks.shapes import Shape

_MARKS = {
    Peer.WFBREAK: ("tab:blue", "o"),
    Peer.WFBREAK_STOP: ("tab:cyan", "."),
    Peer.FLAT: ("tab:orange", "s"),
    Peer.HEAT: ("tab:red", "^"),
    Peer.HEAT_MENDED: ("tab:green", "v"),
}
_COLUMNS = 2


def draw(results: Results, path: Path) -> None:
    """Write the plot as SVG; the same results give the same file."""
    shapes = results.shapes()
    rows = -(-len(shapes) // _COLUMNS)
    settings = {"svg.hashsalt": "wfbreak", "svg.fonttype": "none", "font.size": 9}
    with mpl.rc_context(settings):
        figure, panels = plt.subplots(
            max(rows, 1), _COLUMNS, figsize=(9, 3.4 * max(rows, 1)), squeeze=False, sharey=True
        )
        for panel in panels.flat[len(shapes) :]:
            panel.set_visible(False)
        for panel, shape in zip(panels.flat, shapes, strict=False):
            _panel(panel, results, shape)
        handles = {
            label: handle
            for panel in panels.flat
            for handle, label in zip(*panel.get_legend_handles_labels(), strict=True)
        }
        figure.legend(handles.values(), handles.keys(), loc="lower center", ncols=5, frameon=False)
        figure.tight_layout(rect=(0, 0.05, 1, 1))
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)


def _panel(panel: Axes, results: Results, shape: Shape) -> None:
    panel.set_title(shape.value)
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xlabel("resources")
    panel.set_ylabel("seconds")
    panel.grid(visible=True, which="major", alpha=0.4)
    panel.set_xticks(results.sizes(), [f"{size:,}" for size in results.sizes()])
    panel.minorticks_off()
    for peer in results.peers():
        color, mark = _MARKS[peer]
        found = sorted(
            (r for r in results.cases if (r.case.peer, r.case.shape) == (peer, shape)),
            key=lambda result: result.case.size,
        )
        done = [result for result in found if result.is_done]
        panel.plot(
            [result.case.size for result in done],
            [result.median("wall") for result in done],
            color=color,
            marker=mark,
            label=peer.title,
        )
        for result in found:
            _broken_off(panel, result, color)


def _broken_off(panel: Axes, result: Result, color: str) -> None:
    """A cross at the limit for what did not come to its end."""
    if result.ending in (Ending.OVER, Ending.HANGS):
        panel.plot([result.case.size], [result.limit], color=color, marker="x", linestyle="none")
        panel.annotate(
            result.ending.value,
            (result.case.size, result.limit),
            xytext=(-4, 5),
            textcoords="offset points",
            ha="right",
            color=color,
        )
