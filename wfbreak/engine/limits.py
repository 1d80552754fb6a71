"""Time limits of stops: the engine ends a stop by itself, whoever is there or not.

When a breakpoint with a limit stops the stack, a job of Mistral's own scheduler is kept in its
database for the end of the limit. If the stack still stands there then, the job does what a
person could: it lets the breakpoint go. Where the limit says to abort, all at which the stack
stands fail as in abort mode, and the execution with them (Mistral fails no execution that is
PAUSED); skipping them goes on. The audit trail says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from wfbreak import live
from wfbreak.engine import jobs
from wfbreak.engine.model import has_stopped

WHO = "(time limit)"
"""Who the audit trail names."""

_AGAIN = 5
"""Seconds after which a breakpoint that is held for the moment is looked at again."""


def wfbreak_limit(context: Any, breakpoint_: Any, stops: Any, seconds: Any, aborts: Any) -> bool:
    """Note the end of a breakpoint's limit, if it is one of those that stop. Always true: it is
    part of the task's ``pause-before``, which the engine computes when the task would start."""
    if breakpoint_ in list(stops):
        execution = context["__execution"]["id"]
        _schedule(execution, str(breakpoint_), int(seconds), bool(aborts))
    return True


def _schedule(execution: str, breakpoint_: str, seconds: int, aborts: bool) -> None:
    # The database's column for it is shorter than a task's name may be.
    key = f"wfbreak-limit-{execution}-{hashlib.sha256(breakpoint_.encode()).hexdigest()}"
    said = {"execution": execution, "breakpoint_": breakpoint_, "aborts": aborts}
    jobs.schedule(expire, seconds, key, **said)


def expire(execution: str, breakpoint_: str, aborts: bool) -> None:
    """End a stop whose time is over, if the stack still stands there."""
    jobs.with_execution(execution, lambda found: _end(found, breakpoint_, aborts))


def _end(execution: Any, breakpoint_: str, aborts: bool) -> None:
    from mistral.engine import workflow_handler
    from mistral.workflow import states

    if states.is_completed(execution.state):
        return
    task = next((t for t in execution.task_executions if t.name == breakpoint_), None)
    if task is None or states.is_completed(task.state):
        return
    if execution.state != states.PAUSED or not has_stopped(task.state_info):
        # It is held while others go on, or was let go a moment ago.
        _schedule(execution.id, breakpoint_, _AGAIN, aborts)
        return
    stopped = [t.name for t in execution.task_executions if has_stopped(t.state_info)]
    if aborts:
        said = live.decide(stopped=stopped) | {live.FAILED: dict.fromkeys(stopped, True)}
        env = _record("abort", said, {"at": [breakpoint_]})
    else:
        said = live.decide(stopped=stopped, released=[breakpoint_], run_to=live.END)
        held = sorted(name for name in stopped if name != breakpoint_)
        facts = {"released": [breakpoint_]} | ({"held": held} if held else {})
        env = _record("resume", said, facts)
    workflow_handler.resume_workflow(execution, env=env)


def _record(event: str, said: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    entry = {"event": event, "who": WHO, "why": "its time limit is over", **facts}
    return {live.KEY: {**said, **live.recorded(entry)}}
