"""A look that waits is answered when the state is another, at the latest when it said."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wfbreak.engine import awaiting
from wfbreak.engine.client import ExecutionNotFound
from wfbreak.engine.model import State

from .process import EngineProcess
from .support import resume, start_named, wait, wait_for_task

pytestmark = pytest.mark.engine


@pytest.fixture
def process(tmp_path: Path) -> Iterator[EngineProcess]:
    with EngineProcess(tmp_path / "state") as started:
        yield started


def test_looks_that_wait(process: EngineProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    client = process.client
    execution = start_named(client, "barrier")
    paused = wait(client, execution, State.PAUSED)
    wait_for_task(client, execution, "db:pre-create", State.IDLE)

    def slept(_: float) -> None:
        raise AssertionError("the engine does not wait")

    with monkeypatch.context() as patch:
        patch.setattr("wfbreak.engine.client.time.sleep", slept)
        began = time.monotonic()
        assert client.changed(paused, 0.5).state is State.PAUSED
        assert time.monotonic() - began >= 0.5
        # Another state than the one that is known: at once.
        known = replace(paused, state=State.RUNNING)
        assert client.changed(known, awaiting._LONGEST).state is State.PAUSED
    with ThreadPoolExecutor(awaiting._MOST) as pool:
        began = time.monotonic()
        looks = [
            pool.submit(client.changed, paused, awaiting._LONGEST) for _ in range(awaiting._MOST)
        ]
        time.sleep(0.5)
        # Others are answered meanwhile, and so is one that would wait too.
        assert client.execution(execution.id).state is State.PAUSED
        assert client.changed(paused, 0.01).state is State.PAUSED
        resume(client, execution)
        assert {look.result().state for look in looks} <= {State.RUNNING, State.PAUSED}
        assert time.monotonic() - began < awaiting._LONGEST
    wait(client, execution, State.PAUSED)
    with ThreadPoolExecutor(1) as pool:
        found: Any = pool.submit(client.changed, client.execution(execution.id), 10)
        time.sleep(0.5)
        began = time.monotonic()
        assert process.stop() == 0
        found.exception()
        assert time.monotonic() - began < awaiting._LONGEST - 1


def test_nothing_else_is_changed(process: EngineProcess) -> None:
    client = process.client
    ended = wait(client, start_named(client, "barrier"), State.PAUSED)
    headers = {awaiting.PREFER: "wait=5", awaiting.STATE: "PAUSED"}
    for path in ("/executions", f"/executions/{ended.id}/tasks", "/workflows"):
        began = time.monotonic()
        answer = client._http.get(path, headers=headers)
        assert awaiting.APPLIED not in answer.headers
        assert answer.status_code == 200
        assert time.monotonic() - began < 5
    with pytest.raises(ExecutionNotFound):
        client.changed(replace(ended, id="0" * 8 + ended.id[8:]), 5)
