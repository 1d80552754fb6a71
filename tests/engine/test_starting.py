"""Starts that a broker brings twice or late: each counts once, and for the state that it is for.

The engine here is told some of its starts once more, or late.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import requests

from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.translate import Request, translate

from .process import EngineProcess
from .support import tasks_of, wait, wait_for_task
from .test_ending import actions

pytestmark = pytest.mark.engine

TOLD = """\
import sys
from wfbreak.engine import serve, starting
install = starting.install
def told_install():
    from mistral.engine import default_engine
    from mistral.db.v2 import api as db
    start_task = default_engine.DefaultEngine.start_task
    def is_breakpoint(task):
        with db.transaction(read_only=True):
            return db.get_task_execution(task).spec["action"] == "wfbreak.breakpoint"
    def told(self, task, first_run, *args, **said):
        if is_breakpoint(task):
            {what}
        start_task(self, task, first_run, *args, **said)
    default_engine.DefaultEngine.start_task = told
    install()
starting.install = told_install
sys.exit(serve.main())
"""

FIRST_ONCE_MORE = "first_run or start_task(self, task, True, *args, **said)"
"""After a resume, and before what it sends."""

TWICE = "first_run or start_task(self, task, first_run, *args, **said)"
"""What a resume sends."""

OVERTAKEN = """\
if first_run:
                return
            start_task(self, task, True, *args, **said)"""
"""The first start comes after the resume, and before what that sends."""

TEMPLATE = """\
heat_template_version: 2018-08-31
resources:
  first: {type: OS::Heat::None}
  other: {type: OS::Heat::None, depends_on: first}
  last: {type: OS::Heat::None, depends_on: other}
"""


class Told(EngineProcess):
    def __init__(self, folder: Path, what: str) -> None:
        self.program = ("-c", TOLD.replace("{what}", what))
        super().__init__(folder / "state")


def start(client: EngineClient, folder: Path) -> Execution:
    """A stack that is paused before ``other`` is made, which takes its time."""
    path = folder / "stack.yaml"
    path.write_text(TEMPLATE)
    translation = translate(Request(str(path), breaks=("other", "last")))
    behaviour = {"rehearsal": {"other": {"seconds": 4}}}
    env = {"__actions": {"wfbreak.create": behaviour}}
    execution = client.start(client.upload(translation.text()), {}, env=env)
    return wait(client, execution, State.PAUSED)


def resume(process: Told, execution: Execution) -> None:
    """As the dashboard does, which does not wait until the breakpoints stand."""
    url = f"{process.client.url}/executions/{execution.id}"
    requests.put(url, json={"state": "RUNNING"}, timeout=60).raise_for_status()


@pytest.mark.parametrize(
    "what",
    [FIRST_ONCE_MORE, TWICE, OVERTAKEN],
    ids=["the first once more", "twice", "the first late"],
)
def test_it_stops_at_each_breakpoint_once(tmp_path: Path, what: str) -> None:
    with Told(tmp_path, what) as process:
        client, execution = process.client, start(process.client, tmp_path)
        resume(process, execution)
        wait_for_task(client, execution, "last:pre-create", State.IDLE)
        time.sleep(3)
        execution = client.execution(execution.id)
        assert (execution.state, execution.state_info) == (
            State.PAUSED,
            "stopped before last is created",
        )
        resume(process, execution)
        ended = wait(client, execution, State.PAUSED, State.SUCCESS, State.ERROR)
        assert ended.state is State.SUCCESS, ended.state_info
        for name, task in tasks_of(client, execution).items():
            assert task.state is State.SUCCESS, name
            assert len(actions(process, execution, name)) == 1, name
