"""Stacks that live, on the real engine: whatever people do with them and whatever goes wrong, at
every good end what exists is what the last template says, each thing once, and nothing else."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from engine.process import EngineProcess
from hypothesis import Phase, event, given, note, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition, HypothesisException

from properties import filecloud
from properties.graphs import PARTITIONS
from properties.lives import Life, edits, lives
from wfbreak import audit, decide, difference, live, translate
from wfbreak.cli.begin import begin
from wfbreak.cli.former import former
from wfbreak.cli.rollback import roll_back
from wfbreak.cli.stacks import read_status
from wfbreak.difference import Fate, Row
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.engine.succession import is_over
from wfbreak.existing import Stock
from wfbreak.failure import OnFailure
from wfbreak.status import is_hung
from wfbreak.translate import Mode

if TYPE_CHECKING:
    from cluster.cluster import Cluster

TESTS = Path(__file__).parents[1]

MOST = 8
"""Things that are done before the stack is brought to a good end."""

PATIENCE = 240.0
"""Seconds; most of them for a cluster of which something was killed, on a busy machine."""

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "fast")
"""A life takes as long as several sessions: half as many of them."""


class FileCloudEngine(EngineProcess):
    """An engine whose rehearsals make things in a file."""

    program = (
        "-c",
        "from properties import filecloud\n"
        "filecloud.install()\n"
        "from wfbreak.engine import serve\n"
        "raise SystemExit(serve.main())\n",
    )


@pytest.fixture
def process(tmp_path: Path, shared_cluster: Cluster | None) -> Iterator[EngineProcess]:
    if shared_cluster is not None:
        from cluster.process import ClusterProcess

        yield ClusterProcess(shared_cluster)
        shared_cluster.check()
        return
    variables = {"PYTHONPATH": str(TESTS), filecloud.FILE: str(tmp_path / "cloud")}
    with FileCloudEngine(tmp_path / "state", variables) as engine:
        yield engine


@pytest.fixture
def cloud(tmp_path: Path, shared_cluster: Cluster | None) -> Path:
    """The file in which things are made."""
    return tmp_path / "cloud" if shared_cluster is None else shared_cluster.things


class Living:
    """One stack's life."""

    def __init__(self, process: EngineProcess, cloud: Path, data: st.DataObject, name: str) -> None:
        self.process, self.cloud, self.data, self.name = process, cloud, data, name
        self.client: EngineClient = process.client
        self.life = Life({})
        """What the last template says that was asked for."""
        self.good = Life({})
        """What the stack was when it last came to a good end."""
        self.head: Execution | None = None
        self.retained: set[str] = set()
        self.predicted: list[Row] = []
        self.lost = ""
        self.others = {thing.id for thing in filecloud.things(cloud)}

    def choose(self, *ways: str) -> str:
        way = self.data.draw(st.sampled_from(ways))
        event(way)
        note(way)
        return way

    # --- what people do -----------------------------------------------------------------------

    def act(self) -> None:
        if self.head is None or is_over(self.head):
            self.run()
        elif self.head.state is State.PAUSED:
            getattr(self, self.choose("resume", "resume", "update", "back", "delete", "cancel"))()
        elif self.head.state is State.ERROR:
            ways = ("retry", "retry", "update", "same", "back", "delete")
            getattr(self, self.choose(*ways))()
        else:
            if self.data.draw(st.integers(0, 2)) == 0:
                self.lose()
            getattr(self, self.choose("update", "update", "update", "same", "delete"))()
        if self.data.draw(st.integers(0, 4)) == 0:
            note("kill")
            event("kill")
            time.sleep(self.data.draw(st.floats(0, 0.6)))
            self.process.kill()
            self.client = self.process.start()
        self.settle()

    def lose(self) -> None:
        """Somebody takes a thing away behind the stack's back; a dry run cannot know."""
        mine = [t.id for t in filecloud.things(self.cloud) if t.id not in self.others]
        if mine:
            self.lost = self.data.draw(st.sampled_from(sorted(mine)))
            note(f"lost {self.lost}")
            filecloud.lose(self.cloud, self.lost)

    def run(self) -> None:
        self.good = Life({})
        self._begin(self.data.draw(lives()), "run")

    def update(self) -> None:
        self._begin(self.data.draw(edits(self.life)), "update")

    def same(self) -> None:
        self._begin(self.life, "update")

    def _begin(self, life: Life, what: str) -> None:
        self.life = life
        self._retain(life)
        note(f"{what} {life}")
        is_calm = not life.things
        breaks = [] if is_calm else self._some(life, ["", ":post-create", ":post-update"])
        with tempfile.TemporaryDirectory() as folder:
            request = translate.Request(
                life.write(Path(folder)),
                breaks=tuple(breaks),
                mode=self.data.draw(st.sampled_from([Mode.NON_STOP, Mode.ALL_STOP, Mode.STEP])),
                stack=self.name,
                on_failure=self.data.draw(st.sampled_from([OnFailure.CONTINUE, OnFailure.STOP])),
                partition=self.data.draw(PARTITIONS),
            )
            before = None
            if what == "update":
                before = former(self.client, self.name)
                request = replace(request, stock=before.stock)
            translation = translate.translate(request)
        self.predicted = []
        if before is not None:
            self._predict(translation, before.stock)
        env = self._troubles(life)
        self.head = begin(self.client, translation, what, None, before=before, env=env)

    def _predict(self, translation: translate.Translation, stock: Stock) -> None:
        """What a dry run says; while something is lost that no update has found, it cannot know."""
        if not self.lost:
            self.predicted = difference.find(translation, stock)

    def _some(self, life: Life, hooks: list[str]) -> list[str]:
        names = st.sampled_from(sorted(life.things))
        chosen = self.data.draw(st.lists(names, max_size=1))
        found = []
        for name in chosen:
            # Whether a hook fits depends on what exists; the first always does.
            found.append(name + hooks[0])
        return found

    def _troubles(self, life: Life) -> dict[str, Any]:
        """What fails, for the env: before anything is done or midway, once or for good."""
        names = sorted({*life.things, *self.good.things})
        if not names or self.data.draw(st.booleans()):
            return {}
        name = self.data.draw(st.sampled_from(names))
        how: dict[str, Any] = {"fail": self.data.draw(st.sampled_from(["no", filecloud.MIDWAY]))}
        if self.data.draw(st.booleans()):
            how["fail_times"] = 1
        note(f"trouble {name} {how}")
        actions = ("wfbreak.create", "wfbreak.delete")
        return {"__actions": {action: {"rehearsal": {name: how}} for action in actions}}

    def _retain(self, life: Life) -> None:
        self.retained |= {name for name, thing in life.things.items() if thing.retained}

    def resume(self) -> None:
        status = read_status(self.client, self._head())
        decision = decide.resume(status)
        env = audit.record("resume", None, decision)
        decide.carry_out(self.client, status, decision, env)

    def retry(self) -> None:
        status = read_status(self.client, self._head())
        decision = decide.retry(status)
        env = audit.record("retry", None, decision)
        # What failed for good shall not for ever.
        env = live.merged(env, {"__actions": {"wfbreak.create": {"rehearsal": None}}})
        decide.carry_out(self.client, status, decision, env)

    def back(self) -> None:
        self.life = self.good
        self.predicted = []
        self.head = roll_back(self.client, self.name, "rollback", None)

    def delete(self) -> None:
        before = former(self.client, self.name)
        gone = translate.delete(translate.Deletion(self.name, before.stock))
        env = self._troubles(self.life)
        self.life, self.predicted = Life({}), []
        self.head = begin(self.client, gone, "delete", None, before=before, env=env)

    def cancel(self) -> None:
        self.client.cancel(self._head(), "a test")

    # --- what becomes of it -------------------------------------------------------------------

    def _head(self) -> Execution:
        assert self.head is not None
        return self.client.execution(self.head.id)

    def settle(self) -> None:
        """Wait until the stack stands, and look at what exists if that is a good end."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.head = self._head()
            state = self.head.state
            if state.is_final or (state is State.PAUSED and self._stands()):
                break
            tasks = [(t.name, t.state.value) for t in self.client.tasks(self.head.id)]
            assert time.monotonic() < deadline, (state, self.head.state_info, tasks)
            time.sleep(0.05)
        note(f"{state.value} {self.head.state_info}")
        assert not is_hung(self.head, self.client.tasks(self.head.id))
        if state is State.SUCCESS:
            self.check()

    def _stands(self) -> bool:
        return bool(read_status(self.client, self._head()).stopped)

    def check(self) -> None:
        self.good = self.life
        self.check_prediction()
        self.lost = ""
        found = [t for t in filecloud.things(self.cloud) if t.id not in self.others]
        of_stack = former(self.client, self.name).stock if not is_over(self._head()) else None
        present = (
            {} if of_stack is None else {e.physical_id: e for e in of_stack.resources.values()}
        )
        here = {t.resource: t for t in found if t.id in present}
        assert set(here) == set(self.life.things)
        ids = {name: thing.id for name, thing in here.items()}
        for name, thing in self.life.things.items():
            assert (here[name].type, here[name].properties) == (thing.kind, thing.resolved(ids))
        rest = [t for t in found if t.id not in present]
        assert {t.resource for t in rest} <= self.retained, json.dumps([t.id for t in rest])
        if of_stack is not None:
            assert not of_stack.leftovers

    def check_prediction(self) -> None:
        """What a dry run was certain of has happened; what it was not may have."""
        status = read_status(self.client, self._head(), with_results=True)
        done = {r.name: r.change for r in status.resources if r.action == "update"}
        for row in self.predicted:
            if row.change is Fate.DELETED:
                continue  # what is left over under the name of one that there is
            if row.resource in done and done[row.resource] is not None:
                may = {row.change.value, *([row.perhaps.value] if row.perhaps else [])}
                if row.perhaps is Fate.REPLACED:
                    may.add(Fate.UPDATED.value)
                assert done[row.resource] in may, row
        self.predicted = []

    def finish(self) -> None:
        """Bring the stack to a good end, and then to its very end."""
        for _ in range(20):
            head = self._head()
            if head.state is State.SUCCESS:
                break
            if head.state is State.PAUSED:
                self.resume()
            else:
                self._calm_update()
            self.settle()
        if is_over(self._head()):
            return
        before = former(self.client, self.name)
        gone = translate.delete(translate.Deletion(self.name, before.stock))
        self.life = Life({})
        self.head = begin(self.client, gone, "delete", None, before=before)
        self.settle()
        assert is_over(self._head())

    def _calm_update(self) -> None:
        before = former(self.client, self.name)
        with tempfile.TemporaryDirectory() as folder:
            path = self.life.write(Path(folder))
            request = translate.Request(path, stack=self.name, stock=before.stock)
            translation = translate.translate(request)
        self.predicted = []
        self._predict(translation, before.stock)
        self.head = begin(self.client, translation, "update", None, before=before)


@pytest.mark.engine
@pytest.mark.timeout(1200)
def test_whatever_becomes_of_stacks(process: EngineProcess, cloud: Path) -> None:
    count, enough = 0, max(1, settings.get_profile(PROFILE).max_examples // 2)
    failed: list[Exception] = []

    # What a kill does is not the same twice: there is nothing to make smaller.
    @settings(phases=[Phase.explicit, Phase.reuse, Phase.generate], max_examples=enough)
    @given(st.data())
    def run(data: st.DataObject) -> None:
        nonlocal count
        count += 1
        living = Living(process, cloud, data, f"stack{count}")
        try:
            for _ in range(MOST):
                living.act()
            living.finish()
        except HypothesisException:
            raise
        except Exception as error:
            failed.append(error)
            raise

    # What is drawn goes by what was seen. Of two lives that begin alike and go on otherwise
    # Hypothesis says so, and runs no more: that is no failure, and the others are still to live.
    while count < enough:
        try:
            run()
        except FlakyStrategyDefinition:
            if failed:
                raise failed[0] from None
