"""Make the pictures of the documentation, of the example on a real engine: ``make pictures``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from ui.browser import chromium, look, picture

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
        asked = ("--break", "member1:post-create", "--reason", "a new flavor for the database")
        wfbreak("run", *stack, *asked, *state, expected=5)
        wfbreak("graph", "--execution", "web", *state, "-o", str(IMAGES / "graph.svg"))
        page = Path(folder) / "web.html"
        wfbreak("report", "web", *state, "-o", str(page))
        with chromium() as browser:
            look(browser, page, (1180, 1500))
            picture(browser, IMAGES / "report.png", whole=False)


if __name__ == "__main__":
    main()
