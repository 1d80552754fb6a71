"""``wfbreak translate`` and ``wfbreak validate``: what needs no engine."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from cliff.command import Command
from cliff.lister import Lister

from wfbreak.cli.common import guarded, show_warnings
from wfbreak.cli.request import add_request_options, make_request
from wfbreak.diagnostics import Diagnostics, ExitStatus, InputError, WfbreakError


class OutputFileError(WfbreakError):
    """The file that was asked for cannot be written."""

    exit_status = ExitStatus.BAD_INPUT


class Translate(Command):  # type: ignore[misc]
    """Write the Mistral workflow that a template and its breakpoints become."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_request_options(parser)
        parser.add_argument("-o", "--output", metavar="FILE", help="where to write (the terminal)")
        return parser

    def take_action(self, arguments: Any) -> int:
        return guarded(lambda: self._translate(arguments))

    def _translate(self, arguments: Any) -> int:
        from wfbreak.translate import translate

        translation = translate(make_request(arguments))
        show_warnings(translation.diagnostics)
        text = translation.text()
        if arguments.output:
            _write(Path(arguments.output), text)
            inputs = [*translation.inputs, *translation.missing]
            given = f"; its inputs: {', '.join(inputs)}" if inputs else ""
            print(
                f"workflow {translation.name} written to {arguments.output}{given}", file=sys.stderr
            )
        else:
            self.app.stdout.write(text)
        return ExitStatus.DONE


def _write(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputFileError(f"cannot write {path}: {error.strerror}") from None


class Validate(Lister):  # type: ignore[misc]
    """List what is wrong or surprising in a template, its environment, its breakpoints."""

    _exit_status = ExitStatus.DONE

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_request_options(parser)
        return parser

    def run(self, arguments: Any) -> int:
        return guarded(lambda: super(Validate, self).run(arguments) or self._exit_status)

    def take_action(self, arguments: Any) -> Any:
        from wfbreak.translate import translate

        try:
            self._diagnostics = translate(make_request(arguments)).diagnostics
        except InputError as error:
            self._diagnostics = error.diagnostics
            self._exit_status = ExitStatus.BAD_INPUT
        return self._table(self._diagnostics)

    def produce_output(self, arguments: Any, columns: Any, data: Any) -> int:
        if arguments.formatter != "table":
            return int(super().produce_output(arguments, columns, data))
        for finding in self._diagnostics:
            print(finding.render(), file=self.app.stdout)
        if not self._diagnostics.findings:
            print("nothing to report", file=self.app.stdout)
        return 0

    def _table(self, diagnostics: Diagnostics) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        columns = ("id", "severity", "file", "line", "column", "message", "hint")
        rows = [
            (
                finding.code.ident,
                finding.severity.value,
                finding.position.file if finding.position else None,
                finding.position.line if finding.position else None,
                finding.position.column if finding.position else None,
                finding.message,
                finding.hint,
            )
            for finding in diagnostics
        ]
        return columns, rows
