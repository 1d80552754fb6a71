"""The cases of Heat's own functional tests of hooks give the same stops.

The cases are those of heat_integrationtests/functional/test_hooks.py that create stacks: a chain of
three resources, with a hook before, after, inside a nested stack, and by a pattern.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.support import resume, states_of, wait
from wfbreak.cli.stacks import read_status
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import State
from wfbreak.status import ResourceState
from wfbreak.translate import Request, translate

CHAIN = """\
heat_template_version: '2013-05-23'
resources:
  {0}_step1: {{type: OS::Heat::RandomString}}
  {0}_step2: {{type: OS::Heat::RandomString, depends_on: {0}_step1}}
  {0}_step3: {{type: OS::Heat::RandomString, depends_on: {0}_step2}}
"""
NESTED = (
    CHAIN.format("foo")
    .replace("foo_step2: {type: OS::Heat::RandomString,", "nested: {type: nested.yaml,")
    .replace("depends_on: foo_step2", "depends_on: nested")
)
HOOKS = "resource_registry: {{resources: {0}}}\n"


@pytest.mark.parametrize(
    ("template", "hooks", "expected"),
    [
        pytest.param(
            CHAIN.format("foo"),
            "{foo_step2: {hooks: pre-create}}",
            [("foo_step2:pre-create", {"foo_step1"})],
            id="pre-create",
        ),
        pytest.param(
            CHAIN.format("foo"),
            "{foo_step2: {hooks: [post-create]}}",
            [("foo_step2:post-create", {"foo_step1", "foo_step2"})],
            id="post-create",
        ),
        pytest.param(
            CHAIN.format("foo"),
            "{foo_step2: {hooks: [pre-create, post-create]}}",
            [
                ("foo_step2:pre-create", {"foo_step1"}),
                ("foo_step2:post-create", {"foo_step1", "foo_step2"}),
            ],
            id="both",
        ),
        pytest.param(
            CHAIN.format("foo"),
            "{'foo_*': {hooks: pre-create}}",
            [
                ("foo_step1:pre-create", set()),
                ("foo_step2:pre-create", {"foo_step1"}),
                ("foo_step3:pre-create", {"foo_step1", "foo_step2"}),
            ],
            id="wildcard",
        ),
        pytest.param(
            NESTED,
            "{nested: {nested_step2: {hooks: pre-create}}}",
            [("nested/nested_step2:pre-create", {"foo_step1", "nested/nested_step1"})],
            id="nested",
        ),
        pytest.param(
            NESTED,
            "{'nest*': {'*_step3': {hooks: pre-create}}}",
            [
                (
                    "nested/nested_step3:pre-create",
                    {"foo_step1", "nested/nested_step1", "nested/nested_step2"},
                )
            ],
            id="nested wildcard",
        ),
    ],
)
def test_the_same_stops(
    engine: EngineClient,
    tmp_path: Path,
    template: str,
    hooks: str,
    expected: list[tuple[str, set[str]]],
) -> None:
    (tmp_path / "t.yaml").write_text(template)
    (tmp_path / "nested.yaml").write_text(CHAIN.format("nested"))
    (tmp_path / "env.yaml").write_text(HOOKS.format(hooks))
    translation = translate(Request(str(tmp_path / "t.yaml"), (str(tmp_path / "env.yaml"),)))
    workflow = engine.upload(translation.text(), f"test-{translation.digest()}")
    execution = engine.start(workflow, {})
    for stop, exist in expected:
        execution = wait(engine, execution, State.PAUSED, State.SUCCESS, State.ERROR)
        status = read_status(engine, execution)
        assert [b.name for b in status.breakpoints if stop == b.name] == [stop]
        done = {r.name for r in status.resources if r.state is ResourceState.DONE}
        assert done == exist
        resume(engine, execution)
    assert wait(engine, execution).state is State.SUCCESS
    assert set(states_of(engine, execution).values()) == {State.SUCCESS}
