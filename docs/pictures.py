"""Make the pictures of the documentation, of the example on a real engine: ``make pictures``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from selenium.webdriver.support.ui import WebDriverWait
from ui.browser import chromium, look, picture, visit
from ui.serving import UiProcess

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "examples" / "three-tier"
IMAGES = HERE / "images"
SMALL = """\
heat_template_version: 2021-04-16
resources:
  volume: {type: OS::Cinder::Volume, properties: {size: 8}}
  word: {type: OS::Heat::RandomString}
"""


def wfbreak(*arguments: str, expected: int = 0) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "wfbreak", *arguments],
        cwd=EXAMPLE,
        capture_output=True,
        text=True,
    )
    if done.returncode != expected:
        sys.exit(f"wfbreak {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")


def _live(browser: Any, folder: Path) -> None:
    """The pages of ``wfbreak ui``, with some other stacks beside the example."""
    state = ("--state", f"{folder}/state")
    (folder / "small.yaml").write_text(SMALL)
    small = str(folder / "small.yaml")
    failing = ("--rehearse", "volume:fail=the backend is out of space")
    wfbreak("run", small, "--name", "backup", *failing, *state, expected=4)
    wfbreak("run", small, "--name", "staging", *state)
    wfbreak("run", small, "--name", "night", "--break", "volume", *state, expected=5)
    with UiProcess("--state", folder / "state") as ui:
        for name, address, size in (
            ("ui-list", ui.address, (1180, 420)),
            ("ui-stack", f"{ui.root}/stacks/web", (1180, 1280)),
        ):
            visit(browser, address, size)
            WebDriverWait(browser, 30).until(
                lambda driver: (
                    driver.current_url.startswith(f"{ui.root}/")
                    and "token" not in driver.current_url
                    and not driver.find_elements("id", "lacks")
                )
            )
            picture(browser, IMAGES / f"{name}.png", whole=False)


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
            _live(browser, Path(folder))


if __name__ == "__main__":
    main()
