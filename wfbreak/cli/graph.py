"""``wfbreak graph``: the dependency graph of a template, or of an execution as it stands."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cliff.command import Command

from wfbreak import stacks
from wfbreak.cli.common import add_engine_options, engine_options, guarded, show_warnings
from wfbreak.cli.output import OutputFileError, write_file
from wfbreak.cli.request import add_request_options, make_request
from wfbreak.diagnostics import ExitStatus, WfbreakError

if TYPE_CHECKING:
    from wfbreak.graph.model import Picture

_SUFFIXES = {
    ".svg": "svg",
    ".png": "png",
    ".dot": "dot",
    ".gv": "dot",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".json": "json",
    ".txt": "text",
}
_FORMATS = tuple(dict.fromkeys(_SUFFIXES.values()))


class NothingToDraw(WfbreakError):
    """Neither a template nor an execution was named, or both."""

    exit_status = ExitStatus.USAGE


class Graph(Command):  # type: ignore[misc]
    """Draw the resources of a template in the order in which they are made, with its stops; or
    those of an execution, with how far each is."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_engine_options(parser)
        add_request_options(parser, template_needed=False)
        parser.add_argument(
            "--execution",
            metavar="EXECUTION",
            help="draw what the engine holds: a stack's name, or an execution's id or the "
            "beginning of it",
        )
        parser.add_argument("-o", "--output", metavar="FILE", help="where to write (the terminal)")
        parser.add_argument(
            "-f",
            "--format",
            dest="formatter",
            choices=_FORMATS,
            help="what to write (what the file's name ends with; text on the terminal)",
        )
        parser.add_argument(
            "--collapse",
            choices=("auto", "none", "names", "types"),
            default="auto",
            help="draw as one what differs in the numbers of its names only (names), or what is "
            "of one type (types); auto does as much of it as makes the picture readable",
        )
        parser.add_argument(
            "--direction",
            choices=("auto", "right", "down"),
            default="auto",
            help="where the order goes in svg and png (auto: what fits a page better)",
        )
        return parser

    def take_action(self, arguments: Any) -> int:
        return guarded(lambda: self._draw(arguments))

    def _draw(self, arguments: Any) -> int:
        from wfbreak.graph.collapsing import Collapse, collapse

        kind = _format(arguments)
        picture = collapse(self._picture(arguments), Collapse(arguments.collapse))
        if kind == "text" and not arguments.output:
            from wfbreak.cli.picture import console
            from wfbreak.graph import terminal

            console(self.app.stdout).print(terminal.draw(picture))
            return ExitStatus.DONE
        written = _written(picture, kind, arguments.direction)
        if arguments.output:
            write_file(Path(arguments.output), written)
            print(f"{kind} of {picture.stack} written to {arguments.output}", file=sys.stderr)
        elif isinstance(written, bytes):
            sys.stdout.buffer.write(written)
        else:
            self.app.stdout.write(written)
        return ExitStatus.DONE

    def _picture(self, arguments: Any) -> Picture:
        from wfbreak.graph import reading

        if (arguments.template is None) == (arguments.execution is None):
            raise NothingToDraw("say what to draw: a template, or --execution EXECUTION")
        if arguments.execution is None:
            from wfbreak.translate import translate

            translation = translate(make_request(arguments))
            show_warnings(translation.diagnostics)
            return reading.of_translation(translation)
        from wfbreak.cli.stacks import read_status
        from wfbreak.engine.connect import connect

        with connect(engine_options(self.app_args, arguments)) as client:
            execution = stacks.find(client, arguments.execution)
            workflow = client.workflow(execution.workflow_id)
            return reading.of_stack(read_status(client, execution, workflow), workflow)


def _format(arguments: Any) -> str:
    kind: str | None = arguments.formatter
    if kind is None and arguments.output:
        suffix = Path(arguments.output).suffix.lower()
        kind = _SUFFIXES.get(suffix)
        if kind is None:
            raise OutputFileError(
                f"'{arguments.output}' does not tell its format: give -f {'|'.join(_FORMATS)}"
            )
    if kind == "png" and not arguments.output and sys.stdout.isatty():
        raise OutputFileError("a terminal shows no PNG: give -o FILE")
    return kind or "text"


def _written(picture: Picture, kind: str, direction: str) -> str | bytes:
    from wfbreak.graph import data, dot, layout, mermaid, png, svg

    if kind == "dot":
        return dot.write(picture)
    if kind == "mermaid":
        return mermaid.write(picture)
    if kind == "json":
        return data.write(picture)
    if kind == "text":
        import io

        from wfbreak.cli.picture import console
        from wfbreak.graph import terminal

        stream = io.StringIO()
        console(stream).print(terminal.draw(picture))
        return stream.getvalue()
    placed = layout.lay_out(picture, None if direction == "auto" else layout.Direction(direction))
    drawn = svg.write(picture, placed)
    return png.render(drawn, placed.width, placed.height) if kind == "png" else drawn
