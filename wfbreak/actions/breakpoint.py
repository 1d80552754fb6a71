"""``wfbreak.breakpoint``: the task at which an execution stops.

The engine does the stopping: the task's ``pause-before`` pauses the execution before this action
runs. So the action runs when the breakpoint is released, and all it does is to record that. Its
inputs are for whoever looks at the paused task: which resource, which hook, who asked for it.
"""

from __future__ import annotations

import datetime
from typing import Any

from mistral_lib import actions


class Breakpoint(actions.Action):  # type: ignore[misc]  # the library has no types
    """Records that a breakpoint was released.

    :param resource: the resource at which it stands.
    :param hook: when: ``pre-create``, ``post-create`` and so on.
    :param armed_by: what set it: a line of an environment, an option of the command line.
    :param source: where the resource stands in the template, ``FILE:LINE:COLUMN``.
    :param message: what to tell whoever finds the execution stopped.
    """

    def __init__(
        self,
        resource: str,
        hook: str,
        armed_by: Any = None,
        source: str | None = None,
        message: str | None = None,
    ) -> None:
        super().__init__()
        self.resource = resource
        self.hook = hook
        self.armed_by = armed_by
        self.source = source
        self.message = message

    def run(self, context: Any) -> dict[str, Any]:  # noqa: ARG002  # the engine's signature
        """``{"released_at": TIME, "resource": NAME, "hook": NAME}``; the time is in UTC."""
        now = datetime.datetime.now(datetime.UTC)
        return {
            "released_at": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "resource": self.resource,
            "hook": self.hook,
        }
