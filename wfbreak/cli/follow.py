"""Follow a stack until it is done or stops: draw it on a terminal, be quiet in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from wfbreak import looking
from wfbreak.cli import rollback
from wfbreak.cli.common import QUIET, can_draw
from wfbreak.cli.stacks import STATUSES, StackCommand, read_status
from wfbreak.diagnostics import ExitStatus
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State, Workflow
from wfbreak.engine.waking import wake
from wfbreak.status import StackStatus, is_hung

if TYPE_CHECKING:
    from wfbreak.cli.following import LivePicture

_POLL = 0.3
"""Seconds between two looks at a stack that is followed, at first."""

_HUNG = 3.0
"""Seconds without anything in flight after which a stack that runs is taken to hang."""


def follow(
    command: StackCommand,
    arguments: Any,
    client: EngineClient,
    execution: Execution,
    *,
    past_stops: bool = False,
) -> StackStatus:
    """Wait for the stack's next stop or end, drawing it on a terminal."""
    workflow = client.workflow(execution.workflow_id)
    awaited = set(STATUSES) - ({State.PAUSED} if past_stops else set())
    with_results = arguments.formatter != "table"
    try:
        with _picture(command, arguments, workflow) as live:

            def draw(now: Execution) -> None:
                if live is not None:
                    live.draw(read_status(client, now, workflow))

            execution = _wait(client, execution, draw, awaited)
            status = read_status(client, execution, workflow, with_results=with_results)
            if live is not None:
                live.draw(status)
                command.is_drawn = True
    except KeyboardInterrupt:
        print(f"the stack is in the engine: wfbreak wait {execution.id}", file=sys.stderr)
        raise
    command.exit_status = STATUSES[execution.state]
    if rollback.is_wanted(execution):
        why = "; ".join(filter(None, (resource.info for resource in status.resources)))
        print(f"taken back, because something has failed: {why}", file=sys.stderr)
        back = rollback.roll_back(client, execution.id, "rollback", why)
        status = follow(command, arguments, client, back)
        command.exit_status = ExitStatus.FAILED  # whatever became of the way back
        return status
    if execution.state is State.PAUSED or (execution.state is State.ERROR and status.stopped):
        command.hint = f"go on with: wfbreak resume {execution.id}"
    return status


def _picture(
    command: StackCommand, arguments: Any, workflow: Workflow
) -> AbstractContextManager[LivePicture | None]:
    """The picture of the stack, where somebody may look at it."""
    is_quiet = command.app_args.verbose_level == QUIET
    if arguments.formatter != "table" or is_quiet or not can_draw(sys.stderr):
        return nullcontext()
    from wfbreak.cli.following import LivePicture

    return LivePicture(sys.stderr, workflow)


def _wait(
    client: EngineClient,
    execution: Execution,
    draw: Callable[[Execution], None],
    awaited: Collection[State],
) -> Execution:
    """Wait for one of the states; what hangs because someone paused it in its middle is woken.

    An engine that cannot say when something happens is looked at: less often the longer nothing
    does.
    """
    hung_since: float | None = None
    asking = 0.0
    changed = asked = time.monotonic()
    while execution.state not in awaited:
        began = time.monotonic()
        draw(execution)
        spent, quiet = time.monotonic() - began + asking, began - changed
        before = execution
        execution = client.changed(execution, looking.pause(_POLL, took=spent, quiet=quiet))
        if execution != before:
            changed = time.monotonic()
        asking = 0.0
        # What hangs shows in the tasks alone; all of them are much to ask for.
        if time.monotonic() - asked > _HUNG:
            began = time.monotonic()
            is_hanging = is_hung(execution, client.tasks(execution.id))
            asked = time.monotonic()
            asking = asked - began
            if not is_hanging:
                hung_since = None
            elif hung_since is None:
                hung_since = asked
            else:
                hung_since = None
                woken = ", ".join(wake(client, execution)) or "nothing"
                print(
                    f"the stack hung after a pause while it was running; started again: {woken}",
                    file=sys.stderr,
                )
    return execution
