"""``wfbreak translate``, ``validate``, ``certify`` and ``explain``: what needs no engine."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from cliff.command import Command
from cliff.lister import Lister

from wfbreak.cli.common import guarded, show_warnings
from wfbreak.cli.output import write_file
from wfbreak.cli.request import add_request_options, make_request
from wfbreak.diagnostics import Diagnostics, ExitStatus, InputError

if TYPE_CHECKING:
    from wfbreak.translate.certificate import Certificate


class Translate(Command):  # type: ignore[misc]
    """Write the Mistral workflow that a template and its breakpoints become."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_request_options(parser)
        parser.add_argument("-o", "--output", metavar="FILE", help="where to write (the terminal)")
        parser.add_argument(
            "--certificate",
            metavar="FILE",
            help="write beside it, as YAML, what is exact and what is approximated",
        )
        return parser

    def take_action(self, arguments: Any) -> int:
        return guarded(lambda: self._translate(arguments))

    def _translate(self, arguments: Any) -> int:
        from wfbreak.translate import certify, translate

        request = make_request(arguments)
        translation = translate(request)
        show_warnings(translation.diagnostics)
        text = translation.text()
        if arguments.certificate:
            columns, rows = certificate_table(certify(request, translation.diagnostics))
            entries = [dict(zip(columns, row, strict=True)) for row in rows]
            write_file(Path(arguments.certificate), yaml.safe_dump(entries, sort_keys=False))
        if arguments.output:
            write_file(Path(arguments.output), text)
            inputs = [*translation.inputs, *translation.secrets, *translation.missing]
            given = f"; its inputs: {', '.join(inputs)}" if inputs else ""
            print(
                f"workflow {translation.name} written to {arguments.output}{given}", file=sys.stderr
            )
        else:
            self.app.stdout.write(text)
        return ExitStatus.DONE


class Validate(Lister):  # type: ignore[misc]
    """List what is wrong or surprising in a template, its environment, its breakpoints."""

    _exit_status = ExitStatus.DONE

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_request_options(parser)
        # Two formats more than OpenStack's commands have.
        for action in parser._actions:
            if action.dest == "formatter":
                action.choices = [*(action.choices or ()), *_FORMATS]
        return parser

    def run(self, arguments: Any) -> int:
        return guarded(lambda: self._run(arguments) or self._exit_status)

    def _run(self, arguments: Any) -> int:
        if arguments.formatter in (*_FORMATS, "table"):
            self.take_action(arguments)
            print(_FORMATS[arguments.formatter](self._diagnostics), file=self.app.stdout)
            return 0
        return int(super().run(arguments))

    def take_action(self, arguments: Any) -> Any:
        from wfbreak.translate import translate

        try:
            self._diagnostics = translate(make_request(arguments)).diagnostics
        except InputError as error:
            self._diagnostics = error.diagnostics
            self._exit_status = ExitStatus.BAD_INPUT
        return self._table(self._diagnostics)

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


def _as_text(diagnostics: Diagnostics) -> str:
    return "\n".join(finding.render() for finding in diagnostics) or "nothing to report"


def _as_sarif(diagnostics: Diagnostics) -> str:
    from wfbreak.sarif import sarif

    return json.dumps(sarif(diagnostics), indent=2)


_FORMATS: dict[str, Callable[[Diagnostics], str]] = {
    "text": _as_text,
    "table": _as_text,
    "sarif": _as_sarif,
}


class Certify(Lister):  # type: ignore[misc]
    """List each construct that a template uses: exact, approximated (and how), or refused."""

    _exit_status = ExitStatus.DONE

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_request_options(parser)
        return parser

    def run(self, arguments: Any) -> int:
        return guarded(lambda: super(Certify, self).run(arguments) or self._exit_status)

    def take_action(self, arguments: Any) -> Any:
        from wfbreak.translate import certify, translate
        from wfbreak.translate.certificate import Verdict

        request = make_request(arguments)
        try:
            diagnostics = translate(request).diagnostics
        except InputError as error:
            diagnostics = error.diagnostics
            self._exit_status = ExitStatus.BAD_INPUT
        found = certify(request, diagnostics)
        counts = ", ".join(f"{len(found.of(verdict))} {verdict.value}" for verdict in Verdict)
        print(f"{arguments.template}: {counts}", file=sys.stderr)
        return certificate_table(found)


def certificate_table(found: Certificate) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """The certificate's columns and rows."""
    columns = ("verdict", "construct", "file", "line", "column", "note")
    rows = [
        (
            entry.verdict.value,
            entry.construct,
            entry.position.file if entry.position else None,
            entry.position.line if entry.position else None,
            entry.position.column if entry.position else None,
            entry.note,
        )
        for entry in found.entries
    ]
    return columns, rows


class Explain(Command):  # type: ignore[misc]
    """Print what a diagnostic means and what to do."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("id", help="its id, as E303")
        return parser

    def take_action(self, arguments: Any) -> int:
        from wfbreak.rules import RULES, rule

        found = rule(arguments.id)
        if found is None:
            known = ", ".join(sorted(r.code.ident for r in RULES))
            print(f"there is no diagnostic '{arguments.id}'; known: {known}", file=sys.stderr)
            return ExitStatus.NOT_FOUND
        self.app.stdout.write(found.page())
        return ExitStatus.DONE
