"""The client: what it makes of the engine's answers, and of their absence."""

from __future__ import annotations

import http.server
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml
from keystoneauth1 import access, session, token_endpoint

from wfbreak import audit
from wfbreak.diagnostics import ExitStatus
from wfbreak.engine.client import (
    EngineClient,
    EngineRefused,
    EngineUnreachable,
    ExecutionNotFound,
)
from wfbreak.engine.model import State, Task

from .process import client_of
from .support import resume, start, start_named, tasks_of, text, wait, wait_for_task

pytestmark = pytest.mark.engine

TRIVIAL = yaml.safe_dump({"version": "2.0", "trivial": {"tasks": {"a": {"action": "std.noop"}}}})


def test_nobody_listens() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/v2"
    with pytest.raises(EngineUnreachable) as raised:
        client_of(url).executions()
    assert url in str(raised.value)
    assert "--mistral-url" in str(raised.value)
    assert raised.value.exit_status is ExitStatus.UNREACHABLE


@pytest.fixture
def stranger() -> Iterator[str]:
    """A web server that is no Mistral."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<h1>It works!</h1>")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v2"
    server.shutdown()
    server.server_close()


def test_something_else_listens(stranger: str) -> None:
    with pytest.raises(EngineUnreachable, match="not Mistral's API"):
        client_of(stranger).executions()


@pytest.mark.parametrize(
    "ident",
    [str(uuid.UUID(int=1)), "f" * 36, "no-such-execution", "", "a/b c", f"../workflows?{'x' * 23}"],
)
def test_unknown_executions(engine: EngineClient, ident: str) -> None:
    with pytest.raises(ExecutionNotFound) as raised:
        engine.execution(ident)
    assert raised.value.exit_status is ExitStatus.NOT_FOUND
    assert "Traceback" not in str(raised.value)


def test_the_beginning_of_an_id_is_enough_if_it_is_the_only_one(engine: EngineClient) -> None:
    known = engine.upload(TRIVIAL, "client-prefix")
    head = uuid.uuid4().hex[:8]
    one = engine.start(known, {}, execution_id=f"{head}-1111-4000-8000-{uuid.uuid4().hex[:12]}")
    two = engine.start(known, {}, execution_id=f"{head}-2222-4000-8000-{uuid.uuid4().hex[:12]}")
    assert engine.execution(f"{head}-1").id == one.id
    assert engine.execution(two.id).id == two.id
    with pytest.raises(ExecutionNotFound, match="several"):
        engine.execution(head)
    with pytest.raises(ExecutionNotFound):
        engine.execution(head[:3])


def test_an_upload_of_the_same_text_is_the_same_workflow(engine: EngineClient) -> None:
    first = engine.upload(TRIVIAL, "client-upload")
    assert engine.upload(TRIVIAL, "client-upload") == first
    assert engine.workflow(first.id).definition == TRIVIAL


def test_another_text_under_the_same_name_is_refused(engine: EngineClient) -> None:
    engine.upload(TRIVIAL, "client-other")
    with pytest.raises(EngineRefused, match="another workflow 'trivial'"):
        engine.upload(TRIVIAL.replace("std.noop", "std.fail"), "client-other")


def test_validation_says_what_is_wrong(engine: EngineClient) -> None:
    engine.validate(TRIVIAL)
    with pytest.raises(EngineRefused) as raised:
        engine.validate(TRIVIAL.replace("action", "acton"))
    assert "acton" in str(raised.value)
    assert "Traceback" not in str(raised.value)


def test_executions_are_listed_oldest_first_without_sub_workflows(engine: EngineClient) -> None:
    child = engine.upload(TRIVIAL, "client-list")
    parent = yaml.safe_dump(
        {"version": "2.0", "parent": {"tasks": {"a": {"workflow": child.name}}}}
    )
    known = engine.upload(parent, "client-list")
    first = engine.start(known, {}, description="first")
    wait(engine, first)
    time.sleep(1.1)  # Mistral keeps times in whole seconds
    second = start(engine, TRIVIAL)
    listed = [execution.id for execution in engine.executions()]
    assert listed.index(first.id) < listed.index(second.id)
    children = [e for e in engine.executions() if e.workflow_namespace == "client-list"]
    assert [e.id for e in children] == [first.id]


def test_only_what_is_paused_can_be_resumed(engine: EngineClient) -> None:
    execution = wait(engine, start(engine, TRIVIAL))
    with pytest.raises(EngineRefused, match="SUCCESS, not PAUSED"):
        engine.resume(execution)


def test_a_resume_waits_until_the_breakpoints_stand(engine: EngineClient) -> None:
    """Without that, a third of these pause a second time, in the middle of the run."""
    stops = [f"stop_{number}" for number in range(6)]
    tasks: dict[str, Any] = {
        "settled": {"action": "std.noop", "on-success": [*stops, 'pause msg="all"']}
    }
    for stop in stops:
        tasks[stop] = {"pause-before": True, "action": "std.noop", "on-success": [f"{stop}_next"]}
        tasks[f"{stop}_next"] = {"action": "std.noop"}
    document = yaml.safe_dump({"version": "2.0", "hasty": {"tasks": tasks}})
    for _ in range(6):
        execution = start(engine, document)
        while (paused := engine.execution(execution.id)).state is not State.PAUSED:
            pass
        engine.resume(paused)
        ended = wait(engine, execution, State.PAUSED, State.SUCCESS)
        assert ended.state is State.SUCCESS


def test_a_resume_waits_for_a_start_that_is_late(
    engine: EngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the engine that has the message is cut off: longer than a start ever takes."""
    execution = wait(engine, start_named(engine, "barrier"), State.PAUSED)
    wait_for_task(engine, execution, "server:pre-create", State.IDLE)
    late = time.monotonic() + 5
    tasks = engine.tasks

    def with_a_late_start(ident: str) -> list[Task]:
        found = tasks(ident)
        if time.monotonic() > late:
            return found
        return [replace(task, state_info=None) for task in found]

    monkeypatch.setattr(engine, "tasks", with_a_late_start)
    resume(engine, execution)
    assert time.monotonic() > late
    monkeypatch.undo()
    engine.cancel(engine.execution(execution.id), "seen")


def test_what_has_ended_cannot_be_cancelled(engine: EngineClient) -> None:
    execution = wait(engine, start(engine, TRIVIAL))
    with pytest.raises(EngineRefused, match="has ended"):
        engine.cancel(execution, "too late")


def test_only_what_has_failed_can_run_again_or_be_skipped(engine: EngineClient) -> None:
    execution = wait(engine, start(engine, TRIVIAL))
    task = tasks_of(engine, execution)["a"]
    for step in (engine.rerun, engine.skip):
        with pytest.raises(EngineRefused, match="ERROR"):
            step(task)


def test_missing_inputs_are_refused_with_mistrals_words(engine: EngineClient) -> None:
    with pytest.raises(EngineRefused, match="given"):
        start_named(engine, "literals")


def test_results_by_name(engine: EngineClient) -> None:
    execution = wait(engine, start_named(engine, "names"))
    results = engine.results(engine.tasks(execution.id))
    assert results == {
        "a.b-c:d": "dots",
        "group[0]": "brackets",
        "größe": "letters",
        "größe:post-create": "hook",
    }


def test_times_are_utc_and_tasks_come_in_order(engine: EngineClient) -> None:
    execution = start_named(engine, "barrier")
    paused = wait(engine, execution, State.PAUSED)
    wait_for_task(engine, execution, "server:pre-create", State.IDLE)
    offset = paused.created_at.utcoffset()
    assert offset is not None
    assert not offset
    times = [task.created_at for task in engine.tasks(execution.id)]
    assert times == sorted(times)
    resume(engine, execution)
    engine.cancel(engine.execution(execution.id), "seen")


def test_long_lists_come_whole(engine: EngineClient) -> None:
    # Mistral's pages hold 1,000; a smaller one is asked for, not 1,000 tasks made.
    execution = wait(engine, start_named(engine, "names"))
    path = f"/executions/{execution.id}/tasks?limit=1&sort_keys=created_at,id&sort_dirs=asc,asc"
    assert len(engine._all(path, "tasks")) == 4


def test_the_documents_here_are_valid(engine: EngineClient) -> None:
    for name in ("barrier", "failure", "names", "literals", "pause_expression"):
        engine.validate(text(name))


class Known(token_endpoint.Token):  # type: ignore[misc]
    """Keystone's answer to whoever comes, as keystoneauth gives it."""

    def get_access(self, session: Any) -> access.AccessInfo:
        return access.create(body={"token": {"user": {"name": "jo"}}}, auth_token="t")


def test_the_clouds_user_is_known_where_there_is_one(engine: EngineClient) -> None:
    assert engine.user is None
    known = EngineClient(engine.url, session.Session(auth=Known(engine.url, "t")))
    assert known.user == "jo"
    assert audit.whoami(known.user).startswith("jo (")
    assert "(" not in audit.whoami(engine.user)
