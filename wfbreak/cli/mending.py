"""``wfbreak retry``, ``skip`` and ``rollback``: what to do when something has failed."""

from __future__ import annotations

import argparse
from typing import Any

from wfbreak import audit, decide, stacks
from wfbreak.cli.common import add_reason, engine_options
from wfbreak.cli.follow import follow
from wfbreak.cli.rollback import roll_back
from wfbreak.cli.stacks import ExecutionCommand, read_status
from wfbreak.decide import Decision
from wfbreak.engine.connect import connect
from wfbreak.status import StackStatus


class Retry(ExecutionCommand):
    """Run what has failed again, in place, and follow the stack."""

    event = "retry"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "resources", nargs="*", metavar="RESOURCE", help="only these of what has failed"
        )
        add_reason(parser)
        return parser

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            status = read_status(client, stacks.find(client, arguments.execution))
            decision = self.decision(arguments, status)
            env = audit.record(self.event, arguments.reason, decision, client.user)
            execution = decide.run_again(client, status, decision, env)
            return follow(self, arguments, client, execution)

    def decision(self, arguments: Any, status: StackStatus) -> Decision:
        """What the options ask for."""
        return decide.retry(status, arguments.resources)


class Rollback(ExecutionCommand):
    """Take a stack back to what it was before its newest execution, which has failed, stands or is
    done; one that was to be created is taken away."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add_reason(parser)
        return parser

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            execution = roll_back(client, arguments.execution, "rollback", arguments.reason)
            return follow(self, arguments, client, execution)


class Skip(Retry):
    """Take what has failed as done, and follow the stack: it goes on without it, or with what has
    been put in its place."""

    event = "skip"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = ExecutionCommand.get_parser(self, prog_name)
        parser.add_argument("resources", nargs="+", metavar="RESOURCE", help="which")
        parser.add_argument(
            "--id",
            metavar="ID",
            help="the id of what exists in its place (it is not deleted with the stack)",
        )
        add_reason(parser)
        return parser

    def decision(self, arguments: Any, status: StackStatus) -> Decision:
        return decide.skip(status, arguments.resources, arguments.id)
