"""``wfbreak break list``, ``set`` and ``clear``: the breakpoints of a stack that is there."""

from __future__ import annotations

import argparse
import sys
from typing import Any, ClassVar

from wfbreak import acting, stacks
from wfbreak.cli.common import ExecutionListing, add_reason, engine_options
from wfbreak.cli.stacks import read_status
from wfbreak.engine.connect import connect
from wfbreak.status import StackStatus


class ListBreakpoints(ExecutionListing):
    """List the breakpoints of a stack: where each is, whether it is armed, who set it."""

    def take_action(self, arguments: Any) -> Any:
        columns = ("breakpoint", "state", "armed", "stop", "set by", "only if", "message", "source")
        rows = [
            (
                b.name,
                b.state.value,
                b.is_armed,
                b.number,
                ", ".join(b.armed_by),
                b.condition,
                b.message,
                b.source,
            )
            for b in self.act(arguments).breakpoints
        ]
        return columns, rows

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            return read_status(client, stacks.find(client, arguments.execution))


class SetBreakpoints(ListBreakpoints):
    """Arm breakpoints that the stack has not reached."""

    armed: ClassVar[bool] = True

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "breakpoints", nargs="+", metavar="RESOURCE[:HOOK]", help="which; * ? [ ] as patterns"
        )
        add_reason(parser)
        return parser

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            status = read_status(client, stacks.find(client, arguments.execution))
            after, too_late = acting.arm(
                client, status, arguments.breakpoints, self.armed, arguments.reason
            )
        for reached in too_late:
            print(
                f"{reached.name} was reached as this was said: it is {reached.state.value}",
                file=sys.stderr,
            )
        return after


class ClearBreakpoints(SetBreakpoints):
    """Disarm breakpoints that the stack has not reached."""

    armed = False
