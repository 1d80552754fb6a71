"""``wfbreak signal``: tell a wait condition that what it waits for is done, or has failed."""

from __future__ import annotations

import argparse
from typing import Any

from wfbreak import audit, decide, stacks
from wfbreak.cli.common import add_reason, engine_options
from wfbreak.cli.stacks import ExecutionCommand, read_status
from wfbreak.engine.amending import amend
from wfbreak.engine.connect import connect
from wfbreak.signals import Signal, Status
from wfbreak.status import StackStatus


class SendSignal(ExecutionCommand):
    """Signal a wait condition's handle, as a machine of the stack does."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("handle", metavar="HANDLE", help="the resource that is the handle")
        parser.add_argument(
            "--status",
            choices=[status.value for status in Status],
            default=Status.SUCCESS.value,
            help="whether it is done, or has failed",
        )
        parser.add_argument(
            "--id",
            metavar="ID",
            help="of signals with the same id the last counts (a number of its own)",
        )
        parser.add_argument(
            "--data", metavar="TEXT", help="what the wait condition's attribute data shall have"
        )
        add_reason(parser)
        return parser

    def act(self, arguments: Any) -> StackStatus:
        signal = Signal(Status(arguments.status), arguments.reason, arguments.data, arguments.id)
        with connect(engine_options(self.app_args, arguments)) as client:
            execution = stacks.find(client, arguments.execution)
            status = read_status(client, execution, with_results=True)
            decision = decide.signal(status, arguments.handle, signal)
            env = audit.record("signal", arguments.reason, decision, client.user)
            return read_status(client, amend(client, execution, env))
