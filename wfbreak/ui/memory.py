"""What the engine has said and never says otherwise: workflows, and results of tasks that are done.

Mistral gives one result at a time, so that the first look at 300 resources takes seconds. A page
that is kept up to date asks only for what is new, and does not wait for all of it: what it has not
yet is read meanwhile, and shown when it is there.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Generic, TypeVar

from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Task, Workflow

V = TypeVar("V")

_PARALLEL = 8
"""How many results are read at a time."""

_PATIENCE = 0.5
"""Seconds for which a page waits for results."""

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
        self._reading: dict[Any, Future[None]] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(_PARALLEL, "results")

    def workflow(self, workflow_id: str) -> Workflow:
        found = self._workflows.get(workflow_id)
        if found is not None:
            return found
        asked: Workflow = self._ask(lambda client: client.workflow(workflow_id))
        return self._workflows.keep(workflow_id, asked)

    def results(self, tasks: Iterable[Task]) -> Mapping[str, Any]:
        """The results of tasks that are done, by the tasks' names; those that are there soon.

        :raises WfbreakError: if the engine cannot be asked for one that is waited for.
        """
        tasks = list(tasks)
        with self._lock:
            for task in tasks:
                key = _key(task)
                if key not in self._reading and self._results.get(key) is None:
                    self._reading[key] = self._pool.submit(self._read, key, task)
            reading = [self._reading[_key(t)] for t in tasks if _key(t) in self._reading]
        done, _ = wait(reading, timeout=_PATIENCE)
        for future in done:
            future.result()
        return {task.name: kept[0] for task in tasks if (kept := self._results.get(_key(task)))}

    def lacks(self, tasks: Iterable[Task]) -> bool:
        """Whether the results of some are still being read."""
        with self._lock:
            return any(_key(task) in self._reading for task in tasks)

    def _read(self, key: Any, task: Task) -> None:
        try:
            answer: Mapping[str, Any] = self._ask(lambda client: client.results([task]))
            self._results.keep(key, (answer[task.name],))
        finally:
            with self._lock:
                del self._reading[key]

    def end(self) -> None:
        """Read no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Reading:
    """What one page reads; it ``lacks`` results if not all of them were there soon."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.lacks = False

    def workflow(self, workflow_id: str) -> Workflow:
        return self._memory.workflow(workflow_id)

    def results(self, tasks: Iterable[Task]) -> Mapping[str, Any]:
        tasks = list(tasks)
        found = self._memory.results(tasks)
        self.lacks = self.lacks or len(found) < len(tasks)
        return found


def _key(task: Task) -> Any:
    """A task that is run again is done once more."""
    return task.id, task.state, task.started_at, task.finished_at
