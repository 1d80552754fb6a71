"""A group is updated batch by batch on the real engine, and stops between them."""

from __future__ import annotations

from pathlib import Path

import pytest

from wfbreak.cli.begin import begin
from wfbreak.cli.former import former
from wfbreak.cli.stacks import read_status
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.status import ResourceState
from wfbreak.translate import Request, translate

from .support import resume, tasks_of, wait

pytestmark = pytest.mark.engine

TEMPLATE = """\
heat_template_version: 2018-08-31
resources:
  web:
    type: OS::Heat::ResourceGroup
    update_policy: {rolling_update: {max_batch_size: 2}}
    properties:
      count: COUNT
      POLICIES
      resource_def: {type: OS::Cinder::Volume, properties: {size: 1, availability_zone: zLENGTH}}
  reader: {type: OS::Heat::Value, properties: {value: {get_attr: [web, refs_map]}}}
outputs:
  shown: {value: {get_attr: [reader, value]}}
"""


class Scene:
    def __init__(self, engine: EngineClient, folder: Path, name: str) -> None:
        self.engine, self.name = engine, name
        self.path = folder / "t.yaml"

    def go(
        self, count: int, length: int, *breaks: str, update: bool = True, policies: str = ""
    ) -> Execution:
        text = TEMPLATE.replace("COUNT", str(count)).replace("LENGTH", str(length))
        self.path.write_text(text.replace("POLICIES", policies))
        before = former(self.engine, self.name) if update else None
        stock = before.stock if before else None
        asked = Request(str(self.path), stack=self.name, stock=stock, breaks=breaks)
        what = "update" if update else "run"
        execution = begin(self.engine, translate(asked), what, None, before=before)
        return wait(self.engine, execution, State.SUCCESS, State.PAUSED, State.ERROR)

    def states(self, execution: Execution, action: str) -> dict[str, ResourceState]:
        status = read_status(self.engine, execution)
        return {r.name: r.state for r in status.resources if r.action == action}

    def members(self) -> dict[str, str]:
        stock = former(self.engine, self.name).stock
        assert not stock.leftovers
        return {n: str(e.ref) for n, e in stock.resources.items() if n.startswith("web/")}


@pytest.fixture
def scene(engine: EngineClient, tmp_path: Path, request: pytest.FixtureRequest) -> Scene:
    return Scene(engine, tmp_path, request.node.name)


def test_batch_by_batch(scene: Scene) -> None:
    scene.go(4, 8, update=False)
    before = scene.members()
    execution = scene.go(5, 9, "web:post-batch")
    assert execution.state is State.PAUSED
    assert execution.state_info == "stopped after batch 1 of web"
    done = {n for n, s in scene.states(execution, "update").items() if s is ResourceState.DONE}
    made = {n for n, s in scene.states(execution, "create").items() if s is ResourceState.DONE}
    assert (done, made) == ({"web/3"}, {"web/4"})
    resume(scene.engine, execution)
    execution = wait(scene.engine, execution, State.PAUSED)
    # What was replaced in a batch has gone before the next begins.
    tasks = tasks_of(scene.engine, execution)
    gone = {n for n, t in tasks.items() if n.endswith(":delete") and t.state is State.SUCCESS}
    assert gone == {"web/1:delete", "web/2:delete", "web/3:delete"}
    resume(scene.engine, execution)
    execution = wait(scene.engine, execution)
    assert execution.state is State.SUCCESS
    after = scene.members()
    assert sorted(after) == [f"web/{number}" for number in range(5)]
    assert not set(after.values()) & set(before.values())
    shown = read_status(scene.engine, execution, with_results=True).outputs["shown"]
    assert shown == {name.removeprefix("web/"): ref for name, ref in after.items()}


def test_an_edit_in_the_midst_goes_on_with_what_is_left(scene: Scene) -> None:
    scene.go(4, 8, update=False)
    scene.go(4, 9, "web:post-batch")
    half = scene.members()
    execution = scene.go(4, 9)
    assert execution.state is State.SUCCESS
    after = scene.members()
    assert {n for n in after if after[n] == half[n]} == {"web/2", "web/3"}


def test_a_member_that_was_taken_away_stays_away(scene: Scene) -> None:
    scene.go(3, 8, update=False)
    gone = scene.members()["web/1"]
    scene.go(3, 8, policies=f"removal_policies: [{{resource_list: ['{gone}']}}]")
    assert sorted(scene.members()) == ["web/0", "web/2", "web/3"]
    scene.go(3, 8)
    assert sorted(scene.members()) == ["web/0", "web/2", "web/3"]
