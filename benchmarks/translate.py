"""What a translation costs, beside the bare parsing and dumping of the same YAML.

CPU seconds, the best of several runs: parsing the template and dumping the workflow with PyYAML's
C code, translating without breakpoints, and with one on every tenth resource.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import yaml

from wfbreak.translate import Request, translate

RUNS = 3


def template(size: int) -> str:
    """A layered graph: every resource needs up to three of those before it."""
    resources = {}
    for number in range(size):
        needed = {max(0, number - step) for step in (3, 7, 11)} if number >= 11 else set()
        resources[f"server_{number}"] = {
            "type": "OS::Nova::Server",
            "depends_on": [f"server_{n}" for n in sorted(needed)],
            "properties": {
                "flavor": {"get_param": "flavor"},
                "name": {"list_join": ["-", ["server", str(number)]]},
                "metadata": {"before": [{"get_resource": f"server_{n}"} for n in sorted(needed)]},
            },
        }
    document = {
        "heat_template_version": "2021-04-16",
        "parameters": {"flavor": {"type": "string", "default": "m1.small"}},
        "resources": resources,
    }
    return str(yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False))


def measure(sizes: Iterable[int]) -> list[dict[str, float]]:
    """For each size: ``resources``, and the seconds ``bare``, ``plain`` and ``stops``."""
    with tempfile.TemporaryDirectory() as folder:
        return [_measured(Path(folder), size) for size in sizes]


def _measured(folder: Path, size: int) -> dict[str, float]:
    text = template(size)
    path = folder / f"stack{size}.yaml"
    path.write_text(text)
    plain = Request(str(path))
    stops = Request(str(path), breaks=("server_*0",))
    document = translate(plain).document

    def bare() -> None:
        yaml.load(text, yaml.CSafeLoader)
        yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False)

    return {
        "resources": size,
        "bare": _best(bare),
        "plain": _best(lambda: translate(plain).text()),
        "stops": _best(lambda: translate(stops).text()),
    }


def _best(action: Callable[[], object]) -> float:
    """CPU seconds of the fastest run."""
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)
