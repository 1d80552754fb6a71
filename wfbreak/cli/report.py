"""``wfbreak report``: an execution as one page that can be kept, sent and printed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from cliff.command import Command

from wfbreak import stacks
from wfbreak.cli.common import add_engine_options, add_execution, engine_options, guarded
from wfbreak.cli.output import OutputFileError, write_file
from wfbreak.cli.request import add_environments
from wfbreak.diagnostics import ExitStatus


class Report(Command):  # type: ignore[misc]
    """Write all that is known of an execution into one HTML file: the graph, what happened when,
    the breakpoints, the resources, the template, the certificate. It needs no network."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_engine_options(parser)
        add_execution(parser)
        parser.add_argument("-o", "--output", metavar="FILE", help="where to write (the terminal)")
        group = parser.add_mutually_exclusive_group()
        group.add_argument(
            "--sources",
            metavar="DIR",
            default=".",
            help="the folder in which the stack was translated: its template and environments are "
            "read there, and nowhere else (the current one)",
        )
        group.add_argument(
            "--no-sources", action="store_true", help="show no files, and so no certificate"
        )
        add_environments(
            parser,
            "an environment of the stack's without a breakpoint: the workflow does not tell of it",
        )
        return parser

    def take_action(self, arguments: Any) -> int:
        return guarded(lambda: self._report(arguments))

    def _report(self, arguments: Any) -> int:
        from wfbreak.engine.connect import connect
        from wfbreak.report import facts, page, sources
        from wfbreak.status import document

        folder = Path(arguments.sources)
        if not folder.is_dir():
            raise OutputFileError(f"--sources {folder}: there is no such folder")
        with connect(engine_options(self.app_args, arguments)) as client:
            found = facts.gather(client, stacks.find(client, arguments.execution))
        files = sources.NONE
        if not arguments.no_sources:
            inputs = sources.workflow_inputs(document(found.workflow))
            files = sources.read(found.status, inputs, folder, arguments.environment)
        text = page.render(found, files)
        if arguments.output:
            write_file(Path(arguments.output), text)
            print(f"report of {found.status.name} written to {arguments.output}", file=sys.stderr)
            for file in files.files:
                if file.missing or file.is_other:
                    why = file.missing or f"{file.name} has changed since"
                    print(f"without its lines: {why}", file=sys.stderr)
        else:
            self.app.stdout.write(text)
        return ExitStatus.DONE
