"""``wfbreak retry``, ``skip`` and ``rollback``: what to do when something has failed."""

from __future__ import annotations

import argparse
from typing import Any

from wfbreak import decide
from wfbreak.cli.common import engine_options
from wfbreak.cli.follow import follow
from wfbreak.cli.rollback import roll_back
from wfbreak.cli.run import GoOn
from wfbreak.cli.stacks import ReasonedCommand
from wfbreak.decide import Decision
from wfbreak.engine.client import EngineClient
from wfbreak.engine.connect import connect
from wfbreak.status import StackStatus


class Retry(GoOn):
    """Run what has failed again, in place, and follow the stack."""

    event = "retry"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "resources", nargs="*", metavar="RESOURCE", help="only these of what has failed"
        )
        return parser

    def decision(self, arguments: Any, client: EngineClient, status: StackStatus) -> Decision:  # noqa: ARG002
        return decide.retry(status, arguments.resources)


class Skip(GoOn):
    """Take what has failed as done, and follow the stack: it goes on without it, or with what has
    been put in its place."""

    event = "skip"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("resources", nargs="+", metavar="RESOURCE", help="which")
        parser.add_argument(
            "--id",
            metavar="ID",
            help="the id of what exists in its place (it is not deleted with the stack)",
        )
        return parser

    def decision(self, arguments: Any, client: EngineClient, status: StackStatus) -> Decision:  # noqa: ARG002
        return decide.skip(status, arguments.resources, arguments.id)


class Rollback(ReasonedCommand):
    """Take a stack back to what it was before its newest execution, which has failed, stands or is
    done; one that was to be created is taken away."""

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            execution = roll_back(client, arguments.execution, "rollback", arguments.reason)
            return follow(self, arguments, client, execution)
