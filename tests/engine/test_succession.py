"""Who comes first goes on: the engine lets one execution take a stack's name, and one the place of
another."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from wfbreak import chain
from wfbreak.cli.begin import begin
from wfbreak.cli.former import Former, former
from wfbreak.engine.client import EngineClient, EngineRefused
from wfbreak.engine.model import Execution, State
from wfbreak.engine.succession import Conflict
from wfbreak.failure import OnFailure
from wfbreak.providers import Provider, Rule
from wfbreak.translate import Deletion, Request, Translation, delete, translate

from .support import PATIENCE, hangs, resume, tasks_of, wait, wait_for_task

pytestmark = pytest.mark.engine

TEMPLATE = """\
heat_template_version: 2018-08-31
resources:
  first: {type: OS::Heat::Value, properties: {value: 1}}
  bad: {type: OS::Heat::TestResource, properties: {fail: FAIL}}
  last: {type: OS::Heat::Value, depends_on: first, properties: {value: 1}}
"""


class Scene:
    def __init__(self, engine: EngineClient, folder: Path, name: str) -> None:
        self.engine, self.folder, self.name = engine, folder, name

    def translation(
        self, before: Former | None = None, *, fail: bool = False, breaks: tuple[str, ...] = ()
    ) -> Translation:
        path = self.folder / "t.yaml"
        path.write_text(TEMPLATE.replace("FAIL", str(fail).lower()))
        stock = before.stock if before is not None else None
        return translate(Request(str(path), breaks=breaks, stack=self.name, stock=stock))

    def run(self, *, fail: bool = False, breaks: tuple[str, ...] = ()) -> Execution:
        translation = self.translation(fail=fail, breaks=breaks)
        execution = begin(self.engine, translation, "run", None)
        return wait(self.engine, execution, State.SUCCESS, State.PAUSED, State.ERROR)

    def update(self, before: Former, translation: Translation | None = None) -> Execution:
        changed = translation or self.translation(before)
        return begin(self.engine, changed, "update", None, before=before)


@pytest.fixture
def scene(engine: EngineClient, tmp_path: Path, request: pytest.FixtureRequest) -> Scene:
    return Scene(engine, tmp_path, request.node.name.replace("[", "_").replace("]", ""))


def test_a_refused_start_leaves_nothing(scene: Scene) -> None:
    scene.run()
    before = {e.id for e in scene.engine.executions()}
    for _ in range(3):
        with pytest.raises(Conflict, match="there is a stack"):
            scene.run()
    assert {e.id for e in scene.engine.executions()} == before
    # What was scheduled in a transaction that is taken back would break every later task.
    other = Scene(scene.engine, scene.folder, f"{scene.name}_other")
    assert other.run().state is State.SUCCESS


def test_of_two_that_start_one_does(scene: Scene) -> None:
    translation = scene.translation()
    outcomes = at_once(lambda: begin(scene.engine, translation, "run", None))
    assert sorted(outcomes) == ["Conflict", "Conflict", "Conflict", "Execution"]


def test_of_two_updates_one_begins(scene: Scene) -> None:
    first = scene.run(breaks=("last",))
    before = former(scene.engine, first.id)
    translation = scene.translation(before)
    outcomes = at_once(lambda: scene.update(before, translation))
    assert sorted(outcomes) == ["Conflict", "Conflict", "Conflict", "Execution"]
    after = wait(scene.engine, scene.engine.execution(chain.successor(first.id)))
    assert after.state is State.SUCCESS, after.state_info


def at_once(act: object) -> list[str]:
    """What becomes of four who do the same at the same time."""
    outcomes: list[str] = []
    barrier = threading.Barrier(4)

    def run() -> None:
        barrier.wait()
        try:
            outcomes.append(type(act()).__name__)  # type: ignore[operator]
        except Exception as error:
            outcomes.append(type(error).__name__ + ("" if _is_told(error) else f": {error}"))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def _is_told(error: Exception) -> bool:
    return isinstance(error, Conflict)


def test_a_resume_comes_before_an_update(scene: Scene) -> None:
    first = scene.run(breaks=("last",))
    before = former(scene.engine, first.id)
    assert wait(scene.engine, resume(scene.engine, first)).state is State.SUCCESS
    with pytest.raises(Conflict, match="has gone on meanwhile"):
        scene.update(before)
    assert scene.engine.execution(first.id).state is State.SUCCESS
    assert scene.update(former(scene.engine, first.id))


def test_an_update_comes_before_a_resume(scene: Scene) -> None:
    first = scene.run(breaks=("last",))
    second = scene.update(former(scene.engine, first.id))
    with pytest.raises(EngineRefused, match="CANCELLED, not PAUSED"):
        resume(scene.engine, first)
    scene.engine._update(first.id, {"state": "RUNNING"})  # Mistral's own API, unasked
    now = scene.engine.execution(first.id)
    assert (now.state, now.state_info) == (State.CANCELLED, f"succeeded by {second.id}")
    with pytest.raises(Conflict, match="has a successor"):
        former(scene.engine, first.id)


def test_what_has_failed_is_not_run_again_after_its_successor(scene: Scene) -> None:
    first = scene.run(fail=True)
    assert first.state is State.ERROR
    bad = tasks_of(scene.engine, first)["bad"]
    scene.update(former(scene.engine, first.id))
    with pytest.raises(EngineRefused, match="must be in ERROR"):
        scene.engine.rerun(bad)
    assert scene.engine.execution(first.id).state is State.CANCELLED


def test_nobody_takes_the_place_of_a_stranger(scene: Scene) -> None:
    first = scene.run()
    other = Scene(scene.engine, scene.folder, f"{scene.name}_other")
    stranger = former(scene.engine, other.run().id)
    wrong = Former(scene.engine.execution(first.id), stranger.tasks, stranger.stock)
    with pytest.raises(Conflict, match="has gone on meanwhile"):
        scene.update(wrong)


def test_what_waits_for_its_next_try_is_tried_no_more(scene: Scene) -> None:
    """Mistral goes on trying the tasks of an execution that has been cancelled."""
    path = scene.folder / "waits.yaml"
    path.write_text(
        "heat_template_version: 2018-08-31\n"
        "resources:\n"
        "  handle: {type: OS::Heat::WaitConditionHandle}\n"
        "  waits:\n"
        "    type: OS::Heat::WaitCondition\n"
        "    properties: {handle: {get_resource: handle}, timeout: 600}\n"
    )
    engine = scene.engine
    rules = (Rule("*", Provider.OPENSTACK),)
    first = begin(
        engine, translate(Request(str(path), stack=scene.name, providers=rules)), "run", None
    )
    wait_for_task(engine, first, "waits", State.DELAYED)
    engine.cancel(first, "not wanted")
    before = tries(engine, first)
    deadline = time.monotonic() + PATIENCE
    while tries(engine, first) == before and time.monotonic() < deadline:
        time.sleep(0.5)
    assert tries(engine, first) > before  # the surprise
    taken = former(engine, first.id)
    assert [e.resource for e in taken.stock.leftovers] == ["waits"]
    deletion = delete(Deletion(scene.name, taken.stock))
    last = wait(engine, begin(engine, deletion, "delete", None, before=taken))
    assert last.state is State.SUCCESS, last.state_info
    after = tries(engine, first)
    time.sleep(8)  # longer than what is between two of its next tries
    assert tries(engine, first) == after


def tries(engine: EngineClient, execution: Execution) -> int:
    task = tasks_of(engine, execution)["waits"]
    answer = engine._json(engine._http.get(f"/tasks/{task.id}/action_executions"))
    return len(answer["action_executions"])


def test_a_stack_that_hangs_is_taken_over(scene: Scene) -> None:
    """Whoever pauses an execution by hand makes the engine lose a join (test_wake)."""
    path = scene.folder / "joins.yaml"
    slow = "{type: OS::Heat::Delay, properties: {min_wait: 2}}"
    path.write_text(
        f"heat_template_version: 2018-08-31\nresources:\n  left: {slow}\n  right: {slow}\n"
        "  joined: {type: OS::Heat::Value, depends_on: [left, right], properties: {value: 1}}\n"
    )
    engine = scene.engine
    first = begin(engine, translate(Request(str(path), stack=scene.name)), "run", None)
    wait_for_task(engine, first, "right", State.RUNNING)
    engine.pause(first)
    for task in ("left", "right"):
        wait_for_task(engine, first, task, State.SUCCESS)
    resume(engine, first)
    assert hangs(engine, first, "joined")
    before = former(engine, first.id)
    assert set(before.stock.resources) == {"left", "right"}
    again = translate(Request(str(path), stack=scene.name, stock=before.stock))
    last = wait(engine, begin(engine, again, "update", None, before=before))
    assert last.state is State.SUCCESS, last.state_info
    assert engine.execution(first.id).state is State.CANCELLED


def test_what_has_begun_goes_on_when_something_fails(scene: Scene) -> None:
    """What waits is tried again, and its input with it: that is no new beginning."""
    path = scene.folder / "stops.yaml"
    path.write_text(
        "heat_template_version: 2018-08-31\nresources:\n"
        "  slow: {type: OS::Heat::Delay, properties: {min_wait: 6}}\n"
        "  bad: {type: OS::Heat::TestResource, properties: {fail: true, wait_secs: 2}}\n"
        "  late: {type: OS::Heat::Value, depends_on: slow, properties: {value: 1}}\n"
    )
    request = Request(
        str(path),
        stack=scene.name,
        providers=(Rule("*", Provider.OPENSTACK),),
        on_failure=OnFailure.STOP,
    )
    execution = wait(scene.engine, begin(scene.engine, translate(request), "run", None))
    assert execution.state is State.ERROR
    tasks = tasks_of(scene.engine, execution)
    assert tasks["slow"].state is State.SUCCESS, tasks["slow"].state_info
    assert "not begun" in str(tasks["late"].state_info)
    stock = former(scene.engine, execution.id).stock
    assert set(stock.resources) == {"slow"}
    assert [left.resource for left in stock.leftovers] == ["bad"]
