"""``wfbreak update``: bring what exists of a stack to what a template says."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from wfbreak.cli.begin import begin, former, on_failure
from wfbreak.cli.common import add_reason, engine_options, show_warnings
from wfbreak.cli.follow import follow
from wfbreak.cli.rehearsing import add_rehearsal, rehearsal
from wfbreak.cli.request import add_request_options, make_request
from wfbreak.cli.run import default_provider, require_inputs
from wfbreak.cli.stacks import ExecutionCommand
from wfbreak.engine.connect import connect
from wfbreak.status import StackStatus
from wfbreak.translate import translate


class Update(ExecutionCommand):
    """Update a stack: a new execution takes over what exists, and changes what differs. So a stack
    that is stopped, has failed or hangs goes on with a changed template, too."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add_request_options(parser)
        add_rehearsal(parser)
        add_reason(parser)
        return parser

    def act(self, arguments: Any) -> StackStatus:
        options = engine_options(self.app_args, arguments)
        env = on_failure(arguments.on_failure) | rehearsal(
            arguments.rehearse, "wfbreak.create", "wfbreak.delete"
        )
        default_provider(options, arguments)
        with connect(options) as client:
            before = former(client, arguments.execution)
            arguments.name = before.execution.workflow_name
            translation = translate(replace(make_request(arguments), stock=before.stock))
            show_warnings(translation.diagnostics)
            require_inputs(translation)
            execution = begin(
                client, translation, "update", arguments.reason, before=before, env=env
            )
            return follow(self, arguments, client, execution)
