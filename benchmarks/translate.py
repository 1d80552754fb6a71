"""What a translation costs, beside the bare parsing and dumping of the same YAML.

Three columns of CPU seconds, the best of several runs: parsing the template and dumping the
workflow with PyYAML's C code, translating without breakpoints, and with one on every tenth
resource. The ratios are to the first column of the same run.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from wfbreak.translate import Request, translate

SIZES = (10, 100, 1000)
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
    return yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False)


def best(action: Callable[[], object]) -> float:
    """CPU seconds of the fastest run."""
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    print(f"{'resources':>9}  {'parse+dump':>10}  {'translate':>9} {'ratio':>6}", end="")
    print(f"  {'with stops':>10} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            text = template(size)
            path = Path(folder) / f"stack{size}.yaml"
            path.write_text(text)
            plain = Request(str(path))
            stops = Request(str(path), breaks=("server_*0",))
            document = translate(plain).document
            bare = best(
                lambda text=text, document=document: (
                    yaml.load(text, yaml.CSafeLoader),
                    yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False),
                )
            )
            one = best(lambda plain=plain: translate(plain).text())
            two = best(lambda stops=stops: translate(stops).text())
            print(
                f"{size:>9}  {bare:>10.3f}  {one:>9.3f} {one / bare:>6.1f}"
                f"  {two:>10.3f} {two / bare:>6.1f}"
            )


if __name__ == "__main__":
    main()
