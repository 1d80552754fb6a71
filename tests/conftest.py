"""The engine that the tests share: a real Mistral in a process of its own.

With ``WFBREAK_TEST_CLUSTER=postgresql`` or ``mariadb`` it is a cluster (``cluster``) on that
database: the same tests of what stacks do, and of what kills do, hold there.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from engine.process import EngineProcess

from wfbreak import translate
from wfbreak.engine.client import EngineClient

if TYPE_CHECKING:
    from cluster.cluster import Cluster

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def shared_cluster(pytestconfig: pytest.Config) -> Iterator[Cluster | None]:
    """The cluster that stands in for every engine, where one is asked for."""
    asked = os.environ.get("WFBREAK_TEST_CLUSTER")
    if not asked:
        yield None
        return
    from cluster.given import given_cluster

    with given_cluster(pytestconfig, asked) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def engine_state(tmp_path_factory: pytest.TempPathFactory, shared_cluster: Cluster | None) -> Path:
    """The folder of the engine that all tests share; its ``seal.key`` is there."""
    if shared_cluster is not None:
        return shared_cluster.settings.folder.seal_key.parent
    return tmp_path_factory.mktemp("engine") / "state"


@pytest.fixture
def own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack's name is taken once: each stack that a test translates has one of its own."""
    name = translate._stack_name
    monkeypatch.setattr(translate, "_stack_name", lambda path: f"{name(path)}{next(_NUMBERS)}")


@pytest.fixture(scope="session")
def engine(engine_state: Path, shared_cluster: Cluster | None) -> Iterator[EngineClient]:
    """A client of the engine that all tests share."""
    if shared_cluster is not None:
        from cluster.process import ClusterProcess

        yield ClusterProcess(shared_cluster).client
        return
    with EngineProcess(engine_state) as process:
        yield process.client


@pytest.fixture
def process(tmp_path: Path, shared_cluster: Cluster | None) -> Iterator[EngineProcess]:
    """An engine that the test may kill and start again."""
    if shared_cluster is not None:
        from cluster.process import ClusterProcess

        yield ClusterProcess(shared_cluster)
        shared_cluster.check()
        return
    with EngineProcess(tmp_path / "state") as own:
        yield own


@pytest.fixture(scope="session")
def evaluate() -> Any:
    """Mistral's own evaluation of a task's input against the workflow's inputs."""
    from mistral import config, expressions

    config.parse_args([])  # once in a process: it refuses a second time
    return expressions.evaluate_recursively
