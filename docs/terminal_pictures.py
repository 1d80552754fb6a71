"""Make the pictures of docs/terminal.md, of a real engine and a terminal: ``make pictures``, or
``make terminal-pictures`` for these alone."""

from __future__ import annotations

import io
import itertools
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cli.command import EXAMPLE
from cli.screen import Terminal
from engine.process import EngineProcess
from graph.pictures import GROUPS, MEMBER
from pyte.screens import Char
from rich.console import Console
from rich.text import Text

IMAGES = Path(__file__).parent / "images"

_FONT = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"


def wfbreak(*arguments: str, cwd: Path = EXAMPLE, expected: int = 0) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "wfbreak", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    if done.returncode != expected:
        sys.exit(f"wfbreak {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, EngineProcess(Path(folder, "engine")) as engine:
        draw(Path(folder), ("--state", str(engine.state)))


def draw(folder: Path, state: tuple[str, str]) -> None:
    """What a person sees who runs stacks, and watches them."""
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    (folder / "member.yaml").write_text(MEMBER)
    (folder / "many.yaml").write_text(GROUPS.replace("COUNT", "99"))
    (folder / "quota.yaml").write_text(
        "breakpoints:\n  - resource: app_net\n    message: ask for more floating IPs first\n"
    )
    password = folder / "password"
    password.write_text("only for a picture")
    stack = ("web.yaml", "-e", "env.yaml", "--parameter-file", f"db_password={password}")
    run = ("run", *stack, *state)
    with Terminal(*run, columns=100, lines=32) as terminal:
        terminal.end()
        save(terminal, "wfbreak run web.yaml -e env.yaml", "terminal-stop")
    many = ("run", "many.yaml", "--break", "web/3/server", *state)
    slow = ("--rehearse", "web/4?/server:seconds=3600")
    with Terminal(*many, *slow, cwd=folder) as terminal:
        terminal.until("276 of 300 done, 10 running")
        save(terminal, "wfbreak run many.yaml --break web/3/server", "terminal-many")
        terminal.interrupt()
        terminal.end()
    failing = ("--rehearse", "pool:fail=Quota exceeded for resources: ['pool']")
    wfbreak(*run, "--name", "shop", *failing, "--no-break", "db", expected=4)
    quota = ("--break-file", "quota.yaml")
    wfbreak(*run, "--name", "blog", *quota, cwd=folder, expected=5)
    wfbreak(*run, "--name", "wiki", "--no-break", "db")
    with Terminal("top", *state, columns=132, lines=16) as terminal:
        terminal.until(lambda text: "20/20" in text and text.count("/20") >= 4)
        save(terminal, "wfbreak top", "terminal-top")


def save(terminal: Terminal, title: str, name: str) -> None:
    """What is on the screen, as an SVG that asks for nothing from elsewhere."""
    console = Console(record=True, width=len(terminal.cells[0]), file=io.StringIO())
    lines = [line_of(cells) for cells in terminal.cells]
    while lines and not lines[-1].plain.strip():
        lines.pop()
    for line in lines:
        console.print(line, no_wrap=True, overflow="crop")
    drawn = console.export_svg(title=title, unique_id=name)
    drawn = re.sub(r"@font-face\s*\{.*?\}\s*", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r"font-family: (Fira Code, monospace|arial)", f"font-family: {_FONT}", drawn)
    (IMAGES / f"{name}.svg").write_text(drawn)


def line_of(cells: list[Char]) -> Text:
    line = Text()
    for style, letters in itertools.groupby(cells, style_of):
        line.append("".join(cell.data for cell in letters), style)
    return line


def style_of(cell: Char) -> str:
    names = {"brown": "yellow", "default": "default"}
    colour = names.get(cell.fg, cell.fg)
    words = ["bold"] * cell.bold + ["reverse"] * cell.reverse
    return " ".join([*words, colour if colour.isalpha() else f"#{colour}"])


if __name__ == "__main__":
    main()
