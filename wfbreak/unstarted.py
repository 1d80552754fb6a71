"""What a workflow that nobody has started would hand to its actions, as far as that is known.

Its expressions are evaluated as :mod:`wfbreak.inputs` does for a stack that stands; which of them
can be trusted is told by what they read: references that are known, and nothing that is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from wfbreak import inputs
from wfbreak.engine.model import Execution, State, Workflow
from wfbreak.status import document
from wfbreak.translate import Translation
from wfbreak.translate.expressions import quote, reads, strings

HIDDEN: Final = "(hidden)"
"""In place of a task's name: what is read is a secret."""

_INPUT = re.compile(r"\$\.(\w+)|\$\.get\('((?:[^'\\]|\\.)*)'\)")


class Unstarted:
    """A translation's workflow. ``tasks`` are those of its document by their names."""

    def __init__(self, translation: Translation) -> None:
        self.workflow = Workflow("", translation.name, "", translation.text())
        self.tasks: Mapping[str, Any] = document(self.workflow)["tasks"]
        now = datetime.now(UTC)
        self.execution = Execution(
            *("", translation.name, "", "", "", State.IDLE, None, now, None),
            input=dict(translation.inputs),
        )
        self._quoted = {quote(name): name for name in self.tasks}
        self._hidden = {*translation.inputs, *translation.secrets, *translation.missing}

    def properties(self, resource: str, results: Mapping[str, Any]) -> dict[str, Any]:
        """A resource's properties, with these ``results`` of tasks. What :meth:`unknown` tells of
        must not be taken from it."""
        return inputs.resolve(self.execution, self.workflow, results, resource) or {}

    def unknown(self, written: Any, known: Container[str]) -> list[str]:
        """What the expressions in ``written`` read that is not known: names of tasks, or
        :data:`HIDDEN`. Of the tasks in ``known`` the references are."""
        found: dict[str, None] = {}
        for quoted, is_reference in reads(written):
            task = self._quoted.get(quoted, quoted)
            if not is_reference or task not in known:
                found[task] = None
        for text in strings(written):
            for plain, name in _INPUT.findall(text):
                if (plain or name) in self._hidden:
                    found[HIDDEN] = None
        return list(found)
