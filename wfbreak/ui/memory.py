"""What the engine has said and never says otherwise: workflows, and results of tasks that are done.

Mistral gives one result at a time, so that the first look at 300 resources takes seconds; a page
that is kept up to date asks only for what is new.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Task, Workflow

V = TypeVar("V")

_WORKFLOWS, _RESULTS = 50, 5000
"""How many are kept: of the results those of a handful of the largest stacks."""


class _Latest(Generic[V]):
    """The values that were used last, by their keys."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Any, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any) -> V | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: Any, value: V) -> V:
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value


class Memory:
    """Remembers for all pages; ``ask`` has a question answered by the engine."""

    def __init__(self, ask: Callable[[Callable[[EngineClient], Any]], Any]) -> None:
        self._ask = ask
        self._workflows: _Latest[Workflow] = _Latest(_WORKFLOWS)
        self._results: _Latest[tuple[Any]] = _Latest(_RESULTS)

    def workflow(self, workflow_id: str) -> Workflow:
        found = self._workflows.get(workflow_id)
        if found is not None:
            return found
        asked: Workflow = self._ask(lambda client: client.workflow(workflow_id))
        return self._workflows.keep(workflow_id, asked)

    def results(self, tasks: Iterable[Task]) -> Mapping[str, Any]:
        """The results of tasks that are done, by the tasks' names."""
        found: dict[str, Any] = {}
        new: list[Task] = []
        for task in tasks:
            kept = self._results.get(_key(task))
            if kept is None:
                new.append(task)
            else:
                found[task.name] = kept[0]
        if new:
            asked: Mapping[str, Any] = self._ask(lambda client: client.results(new))
            for task in new:
                self._results.keep(_key(task), (asked[task.name],))
            found |= asked
        return found


def _key(task: Task) -> Any:
    """A task that is run again is done once more."""
    return task.id, task.state, task.started_at, task.finished_at
