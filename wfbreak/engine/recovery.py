"""Set going again what a killed engine left lying: messages and actions that died with it.

The embedded engine keeps its messages in memory, so a kill in the middle of a run loses those
that are on their way, and Mistral has no one who sends them again: a task that was created and not
started stays IDLE, an action that was running stays RUNNING until its heartbeat is missed (which
then fails the task), a join whose turn had come stays WAITING, an execution whose tasks have all
ended stays RUNNING. The holder of the folder's lock knows what no Mistral can know: nobody else
works on this database. So whatever is found open before the engine starts is lost, and is sent
again exactly as the engine sent it the first time.

* A task that is IDLE is started as for the first time, so that its ``pause-before`` is heeded. (A
  pause and a resume would start it too, and run straight through the breakpoint.) One that had
  stopped, of an execution that runs, was let go: it is started as a resume starts it. One that
  somebody runs again says so (``rerunning``).
* An action is delivered a second time. Mistral's rule for that: it runs again if its task says
  ``safe-rerun: true``, and fails otherwise. wfbreak's own actions may always run again.
* A join is asked to look at its inbound tasks again, an execution whether it has ended, a task that
  runs a part of a stack whether that has.

In an execution that is PAUSED only tasks that were on their way are started: a breakpoint stands
where it should, and its time limit runs. All else in it is for the resume.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wfbreak.engine import belonging, restarting
from wfbreak.engine.alone import heartbeats
from wfbreak.engine.model import RUN_AGAIN, has_stopped

LOG = logging.getLogger(__name__)

_SAFE_PREFIX = "wfbreak."
"""Actions of this name are level-triggered: they find what an earlier run of theirs has made."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The ids of what was open in the database when no engine ran."""

    actions: tuple[str, ...] = ()
    idle_tasks: tuple[str, ...] = ()
    released_tasks: tuple[str, ...] = ()
    rerun_tasks: tuple[str, ...] = ()
    waiting_tasks: tuple[str, ...] = ()
    executions: tuple[str, ...] = ()
    part_tasks: tuple[str, ...] = ()


def find_lost() -> Lost:
    """What a killed engine left open. Call it after the database is set up, before the engine."""
    from mistral.db.v2 import api as db
    from mistral.workflow import states

    _act_as_administrator()
    with db.transaction(read_only=True):
        running, paused = (
            [found.id for found in db.get_workflow_executions(state=state, insecure=True)]
            for state in (states.RUNNING, states.PAUSED)
        )

        def tasks(state: str, executions: Iterable[str]) -> list[Any]:
            return [
                task
                for execution in executions
                for task in db.get_task_executions(
                    workflow_execution_id=execution, state=state, insecure=True
                )
            ]

        let_go, begun = tasks(states.IDLE, running), tasks(states.IDLE, [*running, *paused])

        return Lost(
            actions=tuple(
                action.id
                for action in db.get_action_executions(state=states.RUNNING, insecure=True)
                # An action that is not synchronous waits for someone outside, who may still come.
                if action.is_sync and action.task_execution_id
            ),
            idle_tasks=tuple(t.id for t in begun if not _is_known(t)),
            released_tasks=tuple(t.id for t in let_go if has_stopped(t.state_info)),
            rerun_tasks=tuple(t.id for t in begun if t.state_info == RUN_AGAIN),
            waiting_tasks=tuple(t.id for t in tasks(states.WAITING, running)),
            executions=tuple(running),
            part_tasks=tuple(t.id for t in tasks(states.RUNNING, running) if belonging.ended(t)),
        )


def _is_known(task: Any) -> bool:
    """Whether an idle task has stopped or is run again, so that it is not about to begin."""
    return has_stopped(task.state_info) or task.state_info == RUN_AGAIN


def recover(lost: Lost) -> None:
    """Send again what was lost. Call it once the engine is up. Returns before the actions end."""
    for action in lost.actions:
        # As many at a time as Mistral itself would run; none of them keeps the process alive.
        threading.Thread(target=_guarded, args=(_run_action, action), daemon=True).start()
    _act_as_administrator()
    for task in lost.idle_tasks:
        _guarded(restarting.start_task, task)
    for task in lost.released_tasks:
        _guarded(restarting.let_go, task)
    for task in lost.rerun_tasks:
        _guarded(restarting.run_again, task)
    for task in lost.waiting_tasks:
        _guarded(restarting.look_again, task)
    for execution in lost.executions:
        _guarded(restarting.complete, execution)
    for task in lost.part_tasks:
        _guarded(_tell_end, task)


def _tell_end(ident: str) -> None:
    from mistral.db.v2 import api as db
    from mistral.engine import post_tx_queue

    @post_tx_queue.run  # type: ignore[untyped-decorator]
    def tell() -> None:
        with db.transaction():
            part = belonging.ended(db.get_task_execution(ident))
            if part is not None:
                restarting.tell_end(part)

    tell()


def _guarded(step: Any, ident: str) -> None:
    """One thing that cannot be recovered must not keep the engine from starting."""
    try:
        step(ident)
    except Exception:
        LOG.exception("cannot recover %s after a crash", ident)


def _act_as_administrator() -> None:
    """Mistral's database and messages want a context, as its own background threads have one."""
    from mistral import context

    context.set_ctx(
        context.MistralContext(user_id=None, project_id=None, auth_token=None, is_admin=True)
    )


def _run_action(ident: str) -> None:
    from mistral.db.v2 import api as db
    from mistral.engine import actions
    from mistral.executors import base as executors
    from mistral.services import actions as action_service
    from mistral.workflow import data_flow, states

    _act_as_administrator()
    with db.transaction(read_only=True):
        found = db.get_action_execution(ident)
        if found.state != states.RUNNING:
            return
        execution = found.task_execution.workflow_execution
        description = action_service.get_system_action_provider().find(
            found.name, found.workflow_namespace
        )
        action = description.instantiate(
            found.input,
            data_flow.ContextView(
                data_flow.get_workflow_environment_dict(execution), execution.context
            ),
        )
        context = actions.RegularAction(description, found)._prepare_execution_context()
        safe = found.name.startswith(_SAFE_PREFIX) or bool(found.runtime_context.get("safe_rerun"))
    LOG.warning("the action %s was running when the engine ended: delivered again", ident)
    heartbeats.hear_of(ident)
    executors.get_executor("local").run_action(action, ident, safe, context, redelivered=True)
