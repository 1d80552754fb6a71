"""What is asked of an engine to see all of its executions: little, and only what has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.support import start, wait
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State, Task, Workflow
from wfbreak.overview import AT_ONCE, Attention, Overview
from wfbreak.status import ResourceState
from wfbreak.translate import Mode, Request, translate

pytestmark = pytest.mark.engine

TEMPLATE = """\
heat_template_version: 2021-04-16
resources:
  first: {type: OS::Heat::None}
  second: {type: OS::Heat::None, depends_on: first}
"""


class Counting:
    """A client of the real engine that counts what it is asked."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self.asked: Counter[str] = Counter()
        self.ids: list[str] = []

    def executions(self) -> list[Execution]:
        self.asked["executions"] += 1
        return self._client.executions()

    def execution(self, ident: str) -> Execution:
        self.asked["execution"] += 1
        return self._client.execution(ident)

    def tasks(self, ident: str) -> list[Task]:
        self.asked["tasks"] += 1
        self.ids.append(ident)
        return self._client.tasks(ident)

    def workflow(self, ident: str) -> Workflow:
        self.asked["workflow"] += 1
        return self._client.workflow(ident)

    def since(self) -> dict[str, int]:
        """What was asked since the last time."""
        found, self.asked = dict(self.asked), Counter()
        return found


@pytest.fixture
def counting(engine: EngineClient) -> Counting:
    return Counting(engine)


@pytest.fixture
def overview(counting: Counting) -> Overview:
    return Overview(lambda question: question(counting))  # type: ignore[arg-type]


def begin(
    engine: EngineClient,
    folder: Path,
    *breaks: str,
    mode: Mode = Mode.NON_STOP,
    env: Mapping[str, Any] | None = None,
) -> Execution:
    (folder / "t.yaml").write_text(TEMPLATE)
    request = Request(str(folder / "t.yaml"), breaks=breaks, mode=mode)
    return start(engine, translate(request).text(), env=env)


def test_what_has_not_changed_is_not_asked_again(
    engine: EngineClient, counting: Counting, overview: Overview, tmp_path: Path
) -> None:
    stopped = wait(engine, begin(engine, tmp_path, "second"), State.PAUSED)
    ended = wait(engine, begin(engine, tmp_path))
    idents = (stopped.id, ended.id)
    overview.look()
    assert counting.since() == {"executions": 1}
    assert overview.ask(idents) == 0
    assert counting.since() == {"tasks": 2, "workflow": 2}
    for _ in range(3):
        overview.look()
        assert overview.ask(idents) == 0
    assert counting.since() == {"executions": 3}
    engine.resume(engine.execution(stopped.id))
    wait(engine, stopped, State.SUCCESS)
    overview.look()
    assert overview.ask(idents) == 0
    assert counting.since() == {"executions": 1, "tasks": 1}
    found = {e.execution.id: e for e in overview.entries()}
    assert found[stopped.id].attention is Attention.ENDED
    assert found[stopped.id].count(ResourceState.DONE) == found[stopped.id].total == 2


def test_what_runs_is_asked_a_few_at_a_time_in_turns(
    engine: EngineClient, counting: Counting, overview: Overview, tmp_path: Path
) -> None:
    env = {"__actions": {"wfbreak.create": {"rehearsal": {"*": {"seconds": 3600}}}}}
    running = [begin(engine, tmp_path, env=env) for _ in range(12)]
    idents = [e.id for e in running]
    overview.look()
    assert overview.ask(idents) == 12 - AT_ONCE
    assert counting.since()["tasks"] == AT_ONCE
    assert overview.ask(idents) == 0
    assert counting.since()["tasks"] == 12 - AT_ONCE
    assert overview.ask(idents) == 0
    assert counting.since() == {}
    # From now on a look asks about eight, and the next look about those that have waited longest.
    seen: set[str] = set()
    for _ in range(2):
        counting.ids.clear()
        overview.look()
        assert overview.ask(idents) == 0
        assert counting.since() == {"executions": 1, "tasks": AT_ONCE}
        seen |= {*counting.ids}
    assert seen == {*idents}
    overview.look()
    overview.ask(idents, opened=idents[-1])
    # The one that is opened with its env, too.
    assert counting.since() == {"executions": 1, "tasks": AT_ONCE, "execution": 1}
    for execution in running:
        engine.cancel(engine.execution(execution.id), "enough")


def test_since_when_it_stands_and_why(
    engine: EngineClient, overview: Overview, tmp_path: Path
) -> None:
    execution = wait(engine, begin(engine, tmp_path, "second"), State.PAUSED)
    overview.look()
    before = next(e for e in overview.entries() if e.execution.id == execution.id)
    assert (before.details, before.total, before.standing) == (None, None, ())
    assert before.attention is Attention.WAITS
    overview.ask([execution.id])
    entry = next(e for e in overview.entries() if e.execution.id == execution.id)
    (standing,) = entry.standing
    assert standing.stop.name == "second:pre-create"
    assert entry.since == standing.since >= execution.created_at
    assert entry.message == "stopped before second is created"
    assert (entry.mode, entry.count(ResourceState.DONE)) == (Mode.NON_STOP, 1)


def test_a_stop_that_has_failed_the_execution_waits_for_somebody(
    engine: EngineClient, overview: Overview, tmp_path: Path
) -> None:
    begun = begin(engine, tmp_path, "second", mode=Mode.ABORT)
    execution = wait(engine, begun, State.ERROR)
    overview.look()
    overview.ask([execution.id])
    entry = next(e for e in overview.entries() if e.execution.id == execution.id)
    assert entry.attention is Attention.WAITS
    assert entry.mode is Mode.ABORT


def test_one_that_has_been_deleted_is_gone(
    engine: EngineClient, overview: Overview, tmp_path: Path
) -> None:
    execution = wait(engine, begin(engine, tmp_path))
    overview.look()
    engine.delete(execution)
    assert overview.ask([execution.id]) == 0
    assert all(e.details is None for e in overview.entries() if e.execution.id == execution.id)
    overview.look()
    assert execution.id not in {e.execution.id for e in overview.entries()}
