"""Make the pictures of the documentation: ``make pictures``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "examples" / "three-tier"
IMAGES = HERE / "images"


def wfbreak(*arguments: str, expected: int = 0) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "wfbreak", *arguments],
        cwd=EXAMPLE,
        capture_output=True,
        text=True,
    )
    if done.returncode != expected:
        sys.exit(f"wfbreak {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        state = ("--state", f"{folder}/state")
        password = Path(folder) / "password"
        password.write_text("only for a picture")
        stack = ("web.yaml", "-e", "env.yaml", "--parameter-file", f"db_password={password}")
        wfbreak("run", *stack, "--break", "member1:post-create", *state, expected=5)
        wfbreak("graph", "--execution", "web", *state, "-o", str(IMAGES / "graph.svg"))


if __name__ == "__main__":
    main()
