"""Who may have a sealed value opened, on a real engine, before and after a rotation of the keys."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from keystoneauth1 import noauth, session

from engine.support import resume, tasks_of, wait
from wfbreak import keys, secrets
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.engine.sealing import Sealer
from wfbreak.translate import Request, translate

TEMPLATE = """\
heat_template_version: 2021-04-16
parameters:
  password: {type: string, hidden: true}
resources:
  first: {type: OS::Heat::Value, properties: {value: {get_param: password}}}
  last: {type: OS::Heat::Value, properties: {value: {get_attr: [first, value]}}}
outputs:
  value: {value: {get_attr: [last, value]}}
"""


class _As(noauth.NoAuth):  # type: ignore[misc]
    """Says who asks, in the headers with which Keystone's middleware says it."""

    def __init__(self, url: str, said: Mapping[str, str]) -> None:
        super().__init__(endpoint=url)
        self._said = said

    def get_headers(self, *_: Any, **__: Any) -> dict[str, str]:
        return dict(self._said)


def of_project(engine: EngineClient, project: str, **more: str) -> EngineClient:
    said = {"X-Project-Id": project, "X-Auth-Token": "token", **more}
    return EngineClient(engine.url, session.Session(auth=_As(engine.url, said)))


def start(client: EngineClient, folder: Path) -> Execution:
    (folder / "t.yaml").write_text(TEMPLATE)
    translation = translate(Request(str(folder / "t.yaml"), breaks=("last",)))
    workflow = client.upload(translation.text(), f"test-{translation.digest()}")
    ident = str(uuid.uuid4())
    values = {"password": Sealer(client, ident)("hunter2")}
    return wait(client, client.start(workflow, values, execution_id=ident), State.PAUSED)


def header(sealed: Mapping[str, str]) -> dict[str, Any]:
    text = sealed[secrets.SEALED].partition(".")[0]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "==="))
    return found


def test_a_value_is_sealed_for_its_execution_and_project(
    engine: EngineClient, tmp_path: Path
) -> None:
    client = of_project(engine, "mine")
    execution = start(client, tmp_path)
    said = header(client.execution(execution.id).input["password"])
    assert (said["execution"], said["project"]) == (execution.id, "mine")
    resume(client, execution)
    assert wait(client, execution).state is State.SUCCESS
    # The engine without authentication knows no project.
    assert header(Sealer(engine, "x")("y"))["project"] is None


@pytest.mark.parametrize(
    ("project", "more", "words"),
    [
        ("other", {}, "a value that was sealed for another project is not opened"),
        ("", {}, "a value that was sealed for another project is not opened"),
        (
            "mine",
            {
                "X-Target-Auth-Uri": "http://127.0.0.1:9/v3",
                "X-Target-Auth-Token": "any",
                "X-Target-Project-Id": "mine",
            },
            "nothing is opened or sealed for a request with X-Target-* headers",
        ),
    ],
)
def test_who_works_elsewhere_has_nothing_opened(
    engine: EngineClient, tmp_path: Path, project: str, more: dict[str, str], words: str
) -> None:
    execution = start(of_project(engine, "mine"), tmp_path)
    stranger = of_project(engine, project, **more)
    resume(stranger, execution)
    assert wait(engine, execution).state is State.ERROR
    assert words in (tasks_of(engine, execution)["last"].state_info or "")
    # Its owner goes on.
    owner = of_project(engine, "mine")
    owner.rerun(tasks_of(owner, execution)["last"])
    assert wait(owner, execution, State.SUCCESS).state is State.SUCCESS


def test_a_rotation_while_a_stack_stands(
    engine: EngineClient, engine_state: Path, tmp_path: Path
) -> None:
    execution = start(engine, tmp_path)
    path = engine_state / "seal.key"
    before = header(execution.input["password"])["key"]
    for _ in range(2):
        ring = keys.rotate_keys(path)
    resume(engine, execution)
    ended = wait(engine, execution)
    assert ended.state is State.SUCCESS
    sealed = ended.output["value"]
    assert header(sealed)["key"] == ring.sealing.ident != before
    box = secrets.Box(secrets.Place(execution.id), lambda: ring)
    assert secrets.unseal(sealed, box) == "hunter2"


def test_executors_without_a_key_are_told_of(
    engine: EngineClient, engine_state: Path, tmp_path: Path
) -> None:
    execution = start(engine, tmp_path)
    path = engine_state / "seal.key"
    path.rename(path.with_name("away"))
    try:
        with pytest.raises(secrets.SealError, match=r"seal\.key: the key file cannot be used"):
            Sealer(engine, "x")("y")
        resume(engine, execution)
        assert wait(engine, execution).state is State.ERROR
        failed = tasks_of(engine, execution)["last"]
        assert "the key file cannot be used" in (failed.state_info or "")
    finally:
        path.with_name("away").rename(path)
    engine.rerun(failed)
    assert wait(engine, execution, State.SUCCESS).state is State.SUCCESS
