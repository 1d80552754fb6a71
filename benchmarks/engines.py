"""The two peers that are a Mistral in one process: wfbreak's embedded engine, and a plain one.

Each run has a process and a folder of its own, so that memory at its peak is the run's.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import NoReturn

import psutil
import pytest
from engine.process import EngineProcess

from benchmarks.cases import Ending, Run
from benchmarks.measure import WARM_UP, Unfinished, looks
from benchmarks.shapes import Graph
from benchmarks.usage import Meter, family
from wfbreak.cli.begin import begin
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.translate import Request, translate

_STACK = "bench"

_STEP = 0.05
"""Seconds between two looks at whether a stack has stopped."""

_LOOK = 0.3
"""Seconds that a look waits at least, as those of ``wfbreak run`` do."""


class _PlainEngine(EngineProcess):
    """A Mistral without anything of wfbreak's."""

    program = ("-m", "benchmarks.plain_mistral")


@dataclass(frozen=True, slots=True)
class _Times:
    """Moments of a run: its beginning, when its workflow was there, when it was done."""

    began: float
    ready: float
    uploaded: float
    ended: float
    cpu: float = 0.0
    """What was taken in this process on the peer's behalf."""
    to_paused: float | None = None

    def parts(self) -> dict[str, float]:
        found = {"translate": self.ready - self.began, "upload": self.uploaded - self.ready}
        return found if self.to_paused is None else found | {"to_paused": self.to_paused}


@dataclass(frozen=True, slots=True)
class WfbreakBench:
    """A template is translated, uploaded, started, and followed until it is done.

    With ``stops`` there is a breakpoint after the last resource, and it is followed until it
    stops. What the translation takes in this process counts as the peer's.
    """

    stops: bool = False

    def run(self, graph: Graph, limit: float) -> Run:
        with tempfile.TemporaryDirectory() as folder:
            return _measured(EngineProcess(Path(folder, "state")), self._make, graph, limit)

    def close(self) -> None:
        """Nothing outlives a run."""

    def _make(self, engine: EngineProcess, graph: Graph, title: str, limit: float) -> _Times:
        template = engine.state.with_name(f"{title}.yaml")
        template.write_text(graph.template())
        breaks = (f"{graph.last}:post-create",) if self.stops else ()
        began, own = time.monotonic(), time.process_time()
        translation = translate(Request(str(template), breaks=breaks))
        translated = time.monotonic()
        with redirect_stderr(StringIO()):  # it says the execution's id
            execution = begin(engine.client, translation, "run", None)
        own, begun = time.process_time() - own, time.monotonic()
        to_paused = None
        if self.stops:
            to_paused = _watch_stop(engine.state, execution.id, len(graph.needs), limit)
        else:
            _await(engine.client, execution, limit)
        return _Times(began, translated, begun, time.monotonic(), own, to_paused)


@dataclass(frozen=True, slots=True)
class FlatBench:
    """A workflow as one would write it by hand is uploaded, started and followed."""

    def run(self, graph: Graph, limit: float) -> Run:
        with tempfile.TemporaryDirectory() as folder:
            return _measured(_PlainEngine(Path(folder, "state")), self._make, graph, limit)

    def close(self) -> None:
        """Nothing outlives a run."""

    def _make(self, engine: EngineProcess, graph: Graph, title: str, limit: float) -> _Times:
        text = graph.workflow(title)
        began = time.monotonic()
        workflow = engine.client.upload(text)
        uploaded = time.monotonic()
        _follow(engine.client, engine.client.start(workflow, {}), limit)
        return _Times(began, began, uploaded, time.monotonic())


_Make = Callable[[EngineProcess, Graph, str, float], _Times]


def _measured(engine: EngineProcess, make: _Make, graph: Graph, limit: float) -> Run:
    with _started(engine) as start:
        make(engine, WARM_UP, "first", limit)
        with Meter(lambda: family([engine.pid])) as meter:
            times = make(engine, graph, _STACK, limit)
    usage = meter.usage
    return Run(
        times.ended - times.began,
        usage.cpu + times.cpu,
        usage.rss,
        usage.pss,
        start,
        parts=times.parts(),
    )


@contextmanager
def _started(engine: EngineProcess) -> Iterator[float]:
    """The engine, up; the seconds that took. It ends with the block, at once."""
    began = time.monotonic()
    try:
        engine.start()
    except pytest.fail.Exception as error:
        raise Unfinished(Ending.FAILED, str(error)) from None
    try:
        yield time.monotonic() - began
    finally:
        if psutil.pid_exists(engine.pid):
            engine.kill()


def _follow(client: EngineClient, execution: Execution, limit: float) -> None:
    for _ in looks(limit):
        if _is_done(client.execution(execution.id)):
            return
    _give_up(client, execution, limit)


def _await(client: EngineClient, execution: Execution, limit: float) -> None:
    """As ``wfbreak run`` follows: by looks that the engine answers when the state has changed."""
    for gone in looks(limit, pause=0.0):
        if _is_done(client.changed(execution, max(_LOOK, gone / 20))):
            return
    _give_up(client, execution, limit)


def _is_done(execution: Execution) -> bool:
    if execution.state is State.RUNNING:
        return False
    if execution.state is not State.SUCCESS:
        raise Unfinished(Ending.FAILED, f"{execution.state.value}: {execution.state_info}")
    return True


def _give_up(client: EngineClient, execution: Execution, limit: float) -> NoReturn:
    done = sum(task.state is State.SUCCESS for task in client.tasks(execution.id))
    raise Unfinished(Ending.OVER, f"{done} tasks done after {limit:.0f} s")


def _watch_stop(state: Path, execution: str, resources: int, limit: float) -> float:
    """Wait until an execution is paused; the seconds from its last resource's end until then.

    Mistral notes times in whole seconds only, so its database is looked at, 20 times a second.
    """
    query = """
        SELECT (SELECT COUNT(*) FROM action_executions_v2 AS action
                JOIN task_executions_v2 AS task ON task.id = action.task_execution_id
                WHERE task.workflow_execution_id = workflow.id
                AND action.name = 'wfbreak.create' AND action.state = 'SUCCESS'),
               workflow.state
        FROM workflow_executions_v2 AS workflow WHERE workflow.id = ?
    """
    began = time.monotonic()
    ended: float | None = None
    done = 0
    address = f"file:{state / 'mistral.sqlite'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        while time.monotonic() < began + limit:
            done, now = connection.execute(query, (execution,)).fetchone()
            if ended is None and done == resources:
                ended = time.monotonic()
            if now == State.PAUSED.value and ended is not None:
                return time.monotonic() - ended
            if now != State.RUNNING.value:
                raise Unfinished(Ending.FAILED, f"{now} with {done} resources done")
            time.sleep(_STEP)
    raise Unfinished(Ending.OVER, f"{done} of {resources} done after {limit:.0f} s")
