"""What may pass is tried again by the engine, and only that; a join that is tried again waits."""

from __future__ import annotations

import pytest

from wfbreak.again import Again
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import State
from wfbreak.status import is_hung
from wfbreak.translate.document import dump

from .support import start, tasks_of, wait, wait_for_task

pytestmark = pytest.mark.engine

RETRY = {"count": 3, "delay": "<% wfbreak_delay() %>", "continue-on": "<% wfbreak_again() %>"}


def document(error: str, join: bool) -> str:
    """A task that fails with ``error``, after another or as a join after two."""
    failing = {"action": "std.fail", "input": {"error_data": error}}
    before = {"action": "std.noop", "on-success": ["failing"]}
    tasks = {"left": before, "failing": failing}
    if join:
        tasks |= {"right": before, "failing": {**failing, "join": "all"}}
    body = {"task-defaults": {"retry": RETRY}, "tasks": tasks}
    return dump({"version": "2.0", "w": body})


@pytest.mark.parametrize("join", [False, True], ids=["task", "join"])
def test_what_may_pass_is_tried_again(engine: EngineClient, join: bool) -> None:
    execution = start(engine, document(Again.PENDING.tell("BUILD"), join))
    state = State.WAITING if join else State.DELAYED
    tasks = wait_for_task(engine, execution, "failing", state)
    # A join waits for its inbound tasks first: until it has been tried its state says no more.
    while not tasks["failing"].is_retried:
        tasks = wait_for_task(engine, execution, "failing", state)
    assert not is_hung(engine.execution(execution.id), tasks.values())
    ended = wait(engine, execution)
    assert ended.state is State.ERROR
    failed = tasks_of(engine, execution)["failing"]
    assert failed.state_info == "not ready yet: BUILD"
    assert ended.state_info is not None
    assert ended.state_info.count("action_ex_id") == RETRY["count"] + 1


@pytest.mark.parametrize("join", [False, True], ids=["task", "join"])
def test_what_is_for_good_is_not(engine: EngineClient, join: bool) -> None:
    ended = wait(engine, start(engine, document("a quota is used up", join)))
    assert ended.state is State.ERROR
    assert (ended.state_info or "").count("action_ex_id") == 1
