"""``wfbreak.breakpoint``: the task at which an execution stops.

The engine does the stopping: the task's ``pause-before`` pauses the execution before this action
runs. So the action runs when the breakpoint is released, and all it does is to record that. Where
others are released and this one is not, it does not end by itself (``held``): the engine lets it
stand again once they have run to their end (:mod:`wfbreak.engine.holding`). In abort mode it fails.
Its other inputs are for whoever looks at the stopped task: which resource, which hook, who asked.
"""

from __future__ import annotations

import datetime
from typing import Any

from mistral_lib import actions

from wfbreak import live
from wfbreak.actions.context import user_name
from wfbreak.actions.functions import to_plain
from wfbreak.hot import yaql_function
from wfbreak.hot.plain import FunctionError
from wfbreak.wording import place


class Breakpoint(actions.Action):  # type: ignore[misc]  # the library has no types
    """Records that a breakpoint was released.

    :param resource: the resource at which it stands.
    :param hook: when: ``pre-create``, ``post-create`` and so on.
    :param armed_by: what set it: a line of an environment, an option of the command line.
    :param source: where the resource stands in the template, ``FILE:LINE:COLUMN``.
    :param message: what to tell whoever finds the execution stopped.
    :param condition: what must hold for it to stop.
    :param limit: how long it stops the stack at most, and what then, in words.
    :param stage: the number of the stop that it belongs to.
    :param needs: the tasks that come right before it, by the template.
    :param stopped: whether it stopped the stack.
    :param held: whether it stays held while others of its stop are released.
    :param abort: whether it fails instead of stopping.
    """

    def __init__(
        self,
        resource: str,
        hook: str,
        armed_by: Any = None,
        source: str | None = None,
        message: str | None = None,
        stage: int | None = None,
        needs: Any = None,
        stopped: bool = True,
        held: bool = False,
        abort: bool = False,
        condition: str | None = None,
        limit: str | None = None,
    ) -> None:
        super().__init__()
        self.resource = resource
        self.hook = hook
        self.armed_by = armed_by
        self.source = source
        self.message = message
        self.stage = stage
        self.needs = needs
        self.stopped = stopped
        self.held = held
        self.abort = abort
        self.condition = condition
        self.limit = limit

    def is_sync(self) -> bool:
        return not self.held

    def run(self, context: Any) -> Any:
        """``{"released_at": TIME, "resource": NAME, "hook": NAME, "stopped": BOOL}``, in UTC; with
        ``released_by``, the cloud's user who resumed it, where the engine knows one."""
        if self.held:
            return None
        if self.abort and self.stopped:
            source = f" [{self.source}]" if self.source else ""
            where = place(self.resource, self.hook, self.message)
            return actions.Result(error=f"stopped {where}{source}: wfbreak resume skips this task")
        now = datetime.datetime.now(datetime.UTC)
        user = user_name(context) if self.stopped else None
        return {
            **({"released_by": user} if user else {}),
            "released_at": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "resource": self.resource,
            "hook": self.hook,
            "stopped": self.stopped,
        }


def wfbreak_stops(
    context: Any,  # noqa: ARG001  # every function takes the expression context first
    env: Any,
    number: Any,
    armed: Any,
    stepping: Any = False,
) -> list[str]:
    """The names of the breakpoints of a stop that stop the stack: :func:`wfbreak.live.stops`."""
    return live.stops(env, int(number), dict(armed), bool(stepping))


def wfbreak_fails(context: Any, env: Any, breakpoint_: Any) -> bool:  # noqa: ARG001
    """Whether a breakpoint fails instead of letting go: :func:`wfbreak.live.fails`."""
    return live.fails(env, str(breakpoint_))


def wfbreak_condition(context: Any, text: Any, data: Any) -> bool:  # noqa: ARG001
    """Whether a breakpoint's condition holds: YAQL on ``$.parameters`` and ``$.resources``.

    One that cannot be computed holds: a stop too many can be passed, one too few cannot be had.
    """
    try:
        return bool(yaql_function.evaluate(str(text), to_plain(data), whole=True))
    except FunctionError:
        return True
