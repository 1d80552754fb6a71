"""The report, ``docs/benchmarks.md``: made of the results alone, so that it can be made again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from benchmarks.cases import Case, Ending, Peer, Result, Results
from benchmarks.measure import STALLED
from benchmarks.shapes import Shape

_MB = 2**20
_PLOT = "benchmarks.svg"

_ABOUT = f"""\
# What it costs, beside its peers

Made by `make benchmark`, which builds the peers and measures all of them in one run, one graph
after another. Figures depend on the machine; the ratios (in parentheses: how many times what
wfbreak takes) less so. All resources are empty, so this is what the engines cost, not the cloud.

{{machine}}

The peers:

- **wfbreak**: the template translated, uploaded to the embedded engine and run by the rehearsal
  provider. One process, SQLite. What the translation takes is counted.
- **wfbreak, with a stop**: likewise with a breakpoint after the last resource, until it stops.
- **flat Mistral workflow**: the same graph as one would write it by hand, a `std.noop` for each
  resource and `join: all` where several are waited for, on a plain Mistral in one process. It has
  none of wfbreak's settings, but the validation of what is uploaded is skipped here too (by
  default it takes 0.2 s of CPU for each task). No properties, no retries, no checks: it does less.
- **Heat, stock**: Heat as it is installed, convergence, two engine workers, MariaDB and RabbitMQ.
  It sleeps for a second for each resource that needs no other, and refuses threads after the
  1,000th of a stack in a worker, since it never forgets those that have ended.
- **Heat, mended**: the same without these two faults
  ([benchmarks/mended_heat.py](../benchmarks/mended_heat.py) says what is changed, line by line).

MariaDB does not wait for the disk at each commit, and there is no Keystone, for which Heat would
wait for a second or two at each new stack; both favour Heat. Its CPU and memory are those of the
engine's processes and the API; the database and the broker, which wfbreak's one process has in
itself, are told apart.

Each run has a process (Heat: an engine) started anew, which has made a stack or two of three
resources before it is measured; its start is not in its time. Figures are the median of up to three
runs, as many as fit into 15 s. Whatever takes longer than its limit is broken off ("over"); "hangs"
is a stack of which nothing has moved for {STALLED:.0f} s; "not run" is what cannot end in time by
what the next smaller one took.
"""


def render(results: Results) -> str:
    """The report as Markdown."""
    parts = [
        _ABOUT.format(machine=_machine(results.machine)),
        _shapes(results.shapes()),
        f"![wall time over size]({_PLOT})\n",
        "## Wall time, seconds\n",
        *_tables(results, lambda result: result.median("wall")),
        "## CPU time of the peer's own processes, milliseconds for each resource\n",
        *_tables(results, lambda result: 1_000 * result.median("cpu") / result.case.size),
        "## Memory at its peak (PSS), MB\n",
        *_tables(results, lambda result: result.median("pss") / _MB),
        *_below(results),
        *_stops(results),
        *_starts(results),
        *_unfinished(results),
        *_translations(results.translations),
    ]
    return "\n".join(parts)


def _machine(machine: Mapping[str, str]) -> str:
    lines = [f"- {name}: {value}" for name, value in machine.items() if value]
    return "Measured on:\n\n" + "\n".join(lines)


def _shapes(shapes: Iterable[Shape]) -> str:
    return "The shapes: " + "; ".join(f"**{s.value}** ({s.meaning})" for s in shapes) + ".\n"


def _tables(results: Results, figure: Callable[[Result], float]) -> list[str]:
    return [part for shape in results.shapes() for part in _of_shape(results, shape, figure)]


def _of_shape(results: Results, shape: Shape, figure: Callable[[Result], float]) -> list[str]:
    peers = [
        peer
        for peer in results.peers()
        if any(_has(results, peer, shape, s) for s in results.sizes())
    ]

    def cell(peer: Peer, size: int) -> str:
        result = results.find(Case(peer, shape, size))
        if result is None:
            return ""
        if not result.is_done:
            return _ending(result)
        own = results.find(Case(Peer.WFBREAK, shape, size))
        if peer is Peer.WFBREAK or own is None or not own.is_done:
            return number(figure(result))
        return f"{number(figure(result))} ({figure(result) / figure(own):.2g}×)"

    rows = [(peer.title, *(cell(peer, size) for size in results.sizes())) for peer in peers]
    return [f"**{shape.value}**\n", table(("resources", *_numbers(results.sizes())), rows)]


def _has(results: Results, peer: Peer, shape: Shape, size: int) -> bool:
    return results.find(Case(peer, shape, size)) is not None


def _ending(result: Result) -> str:
    if result.ending is Ending.OVER:
        return f"over {result.limit:.0f} s"
    return str(result.ending.value)


def _below(results: Results) -> list[str]:
    """What Heat's database and broker take."""
    found = [r for r in results.cases if r.is_done and r.median("rss_below")]
    if not found:
        return []
    rows = [
        (
            result.case.peer.title,
            result.case.shape.value,
            f"{result.case.size:,}",
            number(1_000 * result.median("cpu_below") / result.case.size),
            number(result.median("pss_below") / _MB),
        )
        for result in _sorted(found)
    ]
    header = ("peer", "shape", "resources", "CPU, ms for each resource", "PSS, MB")
    return ["## MariaDB and RabbitMQ below Heat\n", table(header, rows)]


def _stops(results: Results) -> list[str]:
    found = [r for r in results.cases if r.case.peer is Peer.WFBREAK_STOP and r.is_done]
    if not found:
        return []
    rows = [
        (
            result.case.shape.value,
            f"{result.case.size:,}",
            number(result.part("to_paused")),
            number(result.median("wall")),
        )
        for result in _sorted(found)
    ]
    header = ("shape", "resources", "from the last resource's end to PAUSED, s", "in all, s")
    return [
        "## A stop: from the last resource's end to PAUSED\n",
        "The engine's database is looked at 20 times a second, so that is how exact it is.\n",
        table(header, rows),
    ]


def _starts(results: Results) -> list[str]:
    rows = []
    for peer in results.peers():
        starts = sorted(run.start for r in results.cases if r.case.peer is peer for run in r.runs)
        if starts:
            rows.append((peer.title, number(starts[len(starts) // 2]), number(starts[-1])))
    return [
        "## Start of the engine, seconds\n",
        "Heat's is that of the engine alone; what is below it is up.\n",
        table(("peer", "median", "longest"), rows),
    ]


def _unfinished(results: Results) -> list[str]:
    rows = [
        (r.case.peer.title, r.case.shape.value, f"{r.case.size:,}", r.ending.value, r.note)
        for r in _sorted(results.cases)
        if not r.is_done
    ]
    if not rows:
        return []
    header = ("peer", "shape", "resources", "", "what was seen")
    return ["## What did not come to its end\n", table(header, rows)]


def _translations(found: Sequence[Mapping[str, float]]) -> list[str]:
    if not found:
        return []
    rows = [
        (
            f"{row['resources']:,.0f}",
            number(row["bare"]),
            *(f"{number(row[key])} ({row[key] / row['bare']:.1f}×)" for key in ("plain", "stops")),
        )
        for row in found
    ]
    header = ("resources", "parse and dump alone", "translate", "with a stop on every tenth")
    return [
        "## Translation alone, seconds of CPU\n",
        "Beside PyYAML, in C, which parses the template and dumps the workflow; best of three.\n",
        table(header, rows),
    ]


def _sorted(results: Iterable[Result]) -> list[Result]:
    def key(result: Result) -> tuple[int, int, int]:
        case = result.case
        return (list(Peer).index(case.peer), list(Shape).index(case.shape), case.size)

    return sorted(results, key=key)


def _numbers(sizes: Iterable[int]) -> list[str]:
    return [f"{size:,}" for size in sizes]


def number(value: float) -> str:
    """Three digits that count, or all digits of a whole number."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
