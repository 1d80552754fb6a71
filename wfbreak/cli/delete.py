"""``wfbreak delete``: take away what a stack has made."""

from __future__ import annotations

import argparse
import hashlib
import sys
from typing import Any

from wfbreak import audit, deletion
from wfbreak.cli.common import add_reason, engine_options
from wfbreak.cli.follow import follow
from wfbreak.cli.stacks import ExecutionCommand
from wfbreak.engine.connect import connect
from wfbreak.engine.model import State
from wfbreak.status import StackStatus
from wfbreak.translate.document import dump


class Delete(ExecutionCommand):
    """Delete what a stack that has ended has made: last made, first deleted."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add_reason(parser)
        return parser

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            execution = client.execution(arguments.execution)
            tasks = {task.name: task for task in client.tasks(execution.id)}
            done = [task for task in tasks.values() if task.state is State.SUCCESS]
            document = deletion.build(
                execution,
                client.workflow(execution.workflow_id),
                tasks,
                client.results(done),
                client.inputs(deletion.began(tasks)),
            )
            text = dump(document)
            digest = hashlib.sha256(text.encode()).hexdigest()[:12]
            deleting = client.start(
                client.upload(text, f"wfbreak-{digest}"),
                {},
                description=f"deletion of what {execution.id} has made",
                env=audit.record("delete", arguments.reason, user=client.user),
            )
            print(f"execution {deleting.id}", file=sys.stderr)
            return follow(self, arguments, client, deleting)
