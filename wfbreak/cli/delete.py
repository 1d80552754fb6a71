"""``wfbreak delete``: take away all that exists of a stack."""

from __future__ import annotations

import argparse
from typing import Any

from wfbreak import translate
from wfbreak.cli.begin import begin
from wfbreak.cli.common import engine_options, show_warnings
from wfbreak.cli.follow import follow
from wfbreak.cli.former import former
from wfbreak.cli.rehearsing import add_rehearsal, rehearsal
from wfbreak.cli.request import add_failure_option, add_partition_option, add_stop_options
from wfbreak.cli.stacks import ReasonedCommand
from wfbreak.engine.connect import connect
from wfbreak.failure import OnFailure
from wfbreak.status import StackStatus


class Delete(ReasonedCommand):
    """Delete all that exists of a stack: last made, first deleted; deletion policies count."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add_stop_options(parser)
        add_rehearsal(parser)
        add_failure_option(parser, OnFailure.CONTINUE, OnFailure.STOP)
        add_partition_option(parser)
        return parser

    def act(self, arguments: Any) -> StackStatus:
        env = rehearsal(arguments.rehearse, "wfbreak.delete")
        with connect(engine_options(self.app_args, arguments)) as client:
            before = former(client, arguments.execution)
            deletion = translate.delete(
                translate.Deletion(
                    before.execution.workflow_name,
                    before.stock,
                    tuple(arguments.environment),
                    tuple(arguments.breaks),
                    tuple(arguments.break_file),
                    translate.Mode(arguments.mode),
                    tuple(arguments.no_breaks),
                    OnFailure(arguments.on_failure),
                    arguments.partition,
                )
            )
            show_warnings(deletion.diagnostics)
            execution = begin(client, deletion, "delete", arguments.reason, before=before, env=env)
            return follow(self, arguments, client, execution)
