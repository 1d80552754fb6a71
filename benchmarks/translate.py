"""What a translation costs beside the bare parsing and dumping of the same YAML: is it linear?

Graphs of several shapes and sizes, without breakpoints and with one on every tenth resource. The
CPU seconds are the best of several runs, in a process of its own for each line, whose memory is
measured too. ``parse+dump`` is PyYAML's C code on the template and on the workflow without
breakpoints; the ratios are to it. ``KiB each`` is what a translation with breakpoints adds to the
process's peak memory, for each resource.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from wfbreak.translate import Request, translate
from wfbreak.translate.limits import NONE

SIZES = (10, 100, 1000, 3000, 10000)


def _chain(number: int, _: int) -> Iterable[int]:
    return (number - 1,) if number else ()


def _layered(number: int, _: int) -> Iterable[int]:
    return sorted(number - step for step in (3, 7, 11)) if number >= 11 else ()


def _fan(number: int, size: int) -> Iterable[int]:
    return range(size - 1) if number == size - 1 else ()


SHAPES: dict[str, Callable[[int, int], Iterable[int]]] = {
    "independent": lambda _number, _size: (),
    "chain": _chain,
    "layered": _layered,
    "fan-in": _fan,
}
"""Which resources one needs, by its number and how many there are."""


def template(shape: str, size: int) -> str:
    """A template whose resources need each other in this shape."""
    resources = {}
    for number in range(size):
        needed = SHAPES[shape](number, size)
        resources[f"server_{number}"] = {
            "type": "OS::Nova::Server",
            "depends_on": [f"server_{n}" for n in needed],
            "properties": {
                "flavor": {"get_param": "flavor"},
                "name": {"list_join": ["-", ["server", str(number)]]},
                "metadata": {"before": [{"get_resource": f"server_{n}"} for n in needed]},
            },
        }
    document = {
        "heat_template_version": "2021-04-16",
        "parameters": {"flavor": {"type": "string", "default": "m1.small"}},
        "resources": resources,
    }
    return yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False)


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds, and bytes of memory for each resource."""

    bare: float
    plain: float
    stops: float
    memory: float


def best(action: Callable[[], object], runs: int) -> float:
    """CPU seconds of the fastest run."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def _peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure(shape: str, size: int, runs: int) -> Cost:
    """What one template costs. Memory first: afterwards the process has had more."""
    with tempfile.TemporaryDirectory() as folder:
        small, path = Path(folder) / "small.yaml", Path(folder) / "stack.yaml"
        small.write_text(template(shape, 1))
        text = template(shape, size)
        path.write_text(text)
        translate(Request(str(small))).text()  # what is imported and read once
        before = _peak()
        stops = Request(str(path), breaks=("server_*0",), limits=NONE)
        translate(stops).text()
        memory = (_peak() - before) / size
        plain = Request(str(path), limits=NONE)
        document = translate(plain).document
        bare = best(lambda: _parse_and_dump(text, document), runs)
        one = best(lambda: translate(plain).text(), runs)
        two = best(lambda: translate(stops).text(), runs)
    return Cost(bare, one, two, memory)


def table(sizes: Iterable[int]) -> list[dict[str, float]]:
    """The layered graph for the report: ``resources``, and the seconds ``bare``, ``plain`` and
    ``stops``."""
    costs = {size: _apart("layered", size, 3) for size in sizes}
    return [
        {"resources": size, "bare": cost.bare, "plain": cost.plain, "stops": cost.stops}
        for size, cost in costs.items()
    ]


def _parse_and_dump(text: str, document: dict[str, Any]) -> None:
    yaml.load(text, yaml.CSafeLoader)
    yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False)


def _apart(shape: str, size: int, runs: int) -> Cost:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--shapes", shape, "--sizes", str(size)]
    done = subprocess.run(
        [*command, "--runs", str(runs), "--json"], check=True, capture_output=True, text=True
    )
    return Cost(**json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--shapes", nargs="+", default=tuple(SHAPES), choices=tuple(SHAPES))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one size and shape, for a program")
    given = parser.parse_args()
    if given.json:
        print(json.dumps(asdict(measure(given.shapes[0], given.sizes[0], given.runs))))
        return
    print(
        f"{'shape':<11}  {'resources':>9}  {'parse+dump':>10}  {'translate':>9} {'ratio':>6}",
        end="",
    )
    print(f"  {'with stops':>10} {'ratio':>6}  {'KiB each':>8}")
    for shape in given.shapes:
        for size in given.sizes:
            cost = _apart(shape, size, given.runs)
            print(
                f"{shape:<11}  {size:>9,}  {cost.bare:>10.3f}"
                f"  {cost.plain:>9.3f} {cost.plain / cost.bare:>6.1f}"
                f"  {cost.stops:>10.3f} {cost.stops / cost.bare:>6.1f}"
                f"  {cost.memory / 1024:>8.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
