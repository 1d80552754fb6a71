"""Commands that bring what exists to what a template says, or only show what that would do."""

from __future__ import annotations

import abc
import argparse
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from wfbreak import difference, live
from wfbreak.cli.begin import begin
from wfbreak.cli.common import add_reason, engine_options, show_warnings
from wfbreak.cli.follow import follow
from wfbreak.cli.former import Former
from wfbreak.cli.rehearsing import add_rehearsal, rehearsal
from wfbreak.cli.request import add_request_options, make_request
from wfbreak.cli.run import default_provider, require_inputs
from wfbreak.cli.stacks import StackCommand
from wfbreak.difference import Fate, Row
from wfbreak.engine.client import EngineClient
from wfbreak.engine.connect import connect
from wfbreak.existing import Stock
from wfbreak.failure import OnFailure
from wfbreak.status import StackStatus
from wfbreak.translate import Translation, translate


@dataclass(frozen=True, slots=True)
class Prepared:
    """What exists, the workflow that makes of it what a template says, and the execution (if there
    is one) whose place that takes."""

    stock: Stock
    translation: Translation
    before: Former | None = None


class Bring(StackCommand):
    """A command that brings what exists to what a template says."""

    event: ClassVar[str]
    """What the audit trail calls it."""

    ways: ClassVar[tuple[OnFailure, ...]] = tuple(OnFailure)
    """What may be done after a failure."""

    _rows: tuple[Row, ...] | None = None

    @abc.abstractmethod
    def add_subject(self, parser: argparse.ArgumentParser) -> None:
        """Add the argument that says what exists."""

    @abc.abstractmethod
    def prepared(self, client: EngineClient, arguments: Any) -> Prepared:
        """Find out what exists, and translate."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        self.add_subject(parser)
        add_reason(parser)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="only show what would be done with each resource",
        )
        add_request_options(parser, self.ways)
        add_rehearsal(parser)
        return parser

    def take_action(self, arguments: Any) -> Any:
        if not arguments.dry_run:
            return super().take_action(arguments)
        options = engine_options(self.app_args, arguments)
        default_provider(options, arguments)
        with connect(options) as client:
            found = self.prepared(client, arguments)
        self._rows = tuple(difference.find(found.translation, found.stock))
        columns = ("stack", "execution", "resources")
        said = [_plain(row) for row in self._rows]
        before = found.before.execution.id if found.before else None
        return columns, (found.translation.name, before, said)

    def act(self, arguments: Any) -> StackStatus:
        options = engine_options(self.app_args, arguments)
        env = live.failing(OnFailure(arguments.on_failure)) | rehearsal(
            arguments.rehearse, "wfbreak.create", "wfbreak.delete"
        )
        default_provider(options, arguments)
        with connect(options) as client:
            found = self.prepared(client, arguments)
            execution = begin(
                client,
                found.translation,
                self.event,
                arguments.reason,
                before=found.before,
                env=env,
            )
            return follow(self, arguments, client, execution)

    def produce_output(self, arguments: Any, columns: Any, data: Any) -> int:
        if self._rows is None or arguments.formatter != "table" or arguments.columns:
            return int(super().produce_output(arguments, columns, data))
        from wfbreak.cli.picture import console, fates

        console(self.app.stdout).print(fates(self._rows))
        return 0


def translated(stock: Stock, arguments: Any) -> Translation:
    """The workflow that makes of ``stock`` what the options' template says."""
    translation = translate(replace(make_request(arguments), stock=stock))
    show_warnings(translation.diagnostics)
    require_inputs(translation)
    return translation


def _plain(row: Row) -> dict[str, Any]:
    return {
        key: value.value if isinstance(value, Fate) else value for key, value in asdict(row).items()
    }
