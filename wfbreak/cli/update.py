"""``wfbreak update``: a stack goes on with another template."""

from __future__ import annotations

import argparse
from typing import Any

from wfbreak.cli.bring import Bring, Prepared, translated
from wfbreak.cli.common import add_execution
from wfbreak.cli.former import former
from wfbreak.engine.client import EngineClient


class Update(Bring):
    """Update a stack: a new execution takes over what exists, and changes what differs. So a stack
    that is stopped, has failed or hangs goes on with a changed template, too."""

    event = "update"

    def add_subject(self, parser: argparse.ArgumentParser) -> None:
        add_execution(parser)

    def prepared(self, client: EngineClient, arguments: Any) -> Prepared:
        before = former(client, arguments.execution)
        arguments.name = before.execution.workflow_name
        return Prepared(before.stock, translated(before.stock, arguments), before)
