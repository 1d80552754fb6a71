"""How long a report of 300 resources takes, and its page in ``wfbreak ui``:
``PYTHONPATH=tests python -m benchmarks.pages``.

Apart from the other benchmarks: there is no peer to compare with. The stack stands at a stop of a
real engine; the page is opened in a real Chromium. The median of some rounds is told, in seconds.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.process import EngineProcess
from graph.pictures import groups
from ui.browser import chromium, look, visit
from ui.serving import UiProcess

from wfbreak import stacks
from wfbreak.graph.collapsing import collapse
from wfbreak.graph.layout import lay_out
from wfbreak.graph.reading import of_stack
from wfbreak.graph.svg import write
from wfbreak.report import facts, page, sources

_MEMBERS = 99
"""Three resources each, and three others: 300 in all."""

_PAINTED = """
const done = arguments[0];
const said = () => done(performance.now() / 1000);
const soon = () => requestAnimationFrame(() => setTimeout(said));
document.readyState === 'complete' ? soon() : addEventListener('load', soon);
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name, EngineProcess(Path(name) / "state") as engine:
        folder = Path(name)
        groups(folder, _MEMBERS)
        command = (sys.executable, "-m", "wfbreak", "run", "groups.yaml", "--break", "last")
        subprocess.run(
            [*command, "--state", str(engine.state)], cwd=folder, stdout=subprocess.DEVNULL
        )
        client = engine.client
        found = facts.gather(client, stacks.find(client, "groups"))
        files = sources.read(found.status, [], folder)
        written = folder / "report.html"
        written.write_text(page.render(found, files))

        def draw() -> None:
            picture = collapse(of_stack(found.status, found.workflow))
            write(picture, lay_out(picture))

        print(f"{len(found.status.resources)} resources, median of {rounds}")
        _tell("asking the engine", rounds, lambda: facts.gather(client, found.execution))
        _tell("drawing the graph", rounds, draw)
        _tell("writing the page", rounds, lambda: page.render(found, files))
        with chromium() as browser:
            shown = [_shown(browser, written) for _ in range(rounds)]
            with UiProcess("--state", Path(name) / "state", cwd=folder) as ui:
                visit(browser, ui.address)
                live = [_served(browser, f"{ui.root}/stacks/groups") for _ in range(rounds)]
        print(f"opening the page until it is painted: {statistics.median(shown):.2f} s")
        print(
            f"likewise from wfbreak ui, the engine asked: first {live[0]:.2f} s, then "
            f"{statistics.median(live[1:]):.2f} s"
        )
        print(f"its size: {written.stat().st_size / 1024:.0f} KiB")


def _tell(what: str, rounds: int, act: Callable[[], Any]) -> None:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    print(f"{what}: {statistics.median(times):.2f} s")


def _shown(browser: Any, written: Path) -> float:
    """Seconds from the beginning of the navigation to a frame that has all of the page."""
    look(browser, written)
    return float(browser.execute_async_script(_PAINTED))


def _served(browser: Any, address: str) -> float:
    """Likewise, of a page that a server writes anew."""
    visit(browser, address)
    return float(browser.execute_async_script(_PAINTED))


if __name__ == "__main__":
    main()
