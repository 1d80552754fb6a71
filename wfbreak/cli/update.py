"""``wfbreak update``: bring what exists of a stack to what a template says."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from typing import Any

from wfbreak import difference, live
from wfbreak.cli.begin import begin
from wfbreak.cli.common import engine_options, show_warnings
from wfbreak.cli.follow import follow
from wfbreak.cli.former import Former, former
from wfbreak.cli.rehearsing import add_rehearsal, rehearsal
from wfbreak.cli.request import add_request_options, make_request
from wfbreak.cli.run import default_provider, require_inputs
from wfbreak.cli.stacks import ReasonedCommand
from wfbreak.difference import Fate, Row
from wfbreak.engine.client import EngineClient
from wfbreak.engine.connect import connect
from wfbreak.failure import OnFailure
from wfbreak.status import StackStatus
from wfbreak.translate import Translation, translate


class Update(ReasonedCommand):
    """Update a stack: a new execution takes over what exists, and changes what differs. So a stack
    that is stopped, has failed or hangs goes on with a changed template, too."""

    _rows: tuple[Row, ...] | None = None

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="only show what would be done with each resource",
        )
        add_request_options(parser)
        add_rehearsal(parser)
        return parser

    def take_action(self, arguments: Any) -> Any:
        if not arguments.dry_run:
            return super().take_action(arguments)
        options = engine_options(self.app_args, arguments)
        default_provider(options, arguments)
        with connect(options) as client:
            before, translation = _prepared(client, arguments)
        self._rows = tuple(difference.find(translation, before.stock))
        columns = ("stack", "execution", "resources")
        said = [_plain(row) for row in self._rows]
        return columns, (translation.name, before.execution.id, said)

    def act(self, arguments: Any) -> StackStatus:
        options = engine_options(self.app_args, arguments)
        env = live.failing(OnFailure(arguments.on_failure)) | rehearsal(
            arguments.rehearse, "wfbreak.create", "wfbreak.delete"
        )
        default_provider(options, arguments)
        with connect(options) as client:
            before, translation = _prepared(client, arguments)
            execution = begin(
                client, translation, "update", arguments.reason, before=before, env=env
            )
            return follow(self, arguments, client, execution)

    def produce_output(self, arguments: Any, columns: Any, data: Any) -> int:
        if self._rows is None or arguments.formatter != "table" or arguments.columns:
            return int(super().produce_output(arguments, columns, data))
        from wfbreak.cli.picture import console, fates

        console(self.app.stdout).print(fates(self._rows))
        return 0


def _prepared(client: EngineClient, arguments: Any) -> tuple[Former, Translation]:
    """What exists, and the workflow that makes of it what the template says."""
    before = former(client, arguments.execution)
    arguments.name = before.execution.workflow_name
    translation = translate(replace(make_request(arguments), stock=before.stock))
    show_warnings(translation.diagnostics)
    require_inputs(translation)
    return before, translation


def _plain(row: Row) -> dict[str, Any]:
    return {
        key: value.value if isinstance(value, Fate) else value for key, value in asdict(row).items()
    }
