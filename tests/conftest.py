"""The engine that the tests share: a real Mistral in a process of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine.process import EngineProcess

from wfbreak import translate
from wfbreak.engine.client import EngineClient

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def engine_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the engine that all tests share."""
    return tmp_path_factory.mktemp("engine") / "state"


@pytest.fixture
def own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack's name is taken once: each stack that a test translates has one of its own."""
    name = translate._stack_name
    monkeypatch.setattr(translate, "_stack_name", lambda path: f"{name(path)}{next(_NUMBERS)}")


@pytest.fixture(scope="session")
def engine(engine_state: Path) -> Iterator[EngineClient]:
    """A client of the engine that all tests share."""
    with EngineProcess(engine_state) as process:
        yield process.client


@pytest.fixture(scope="session")
def evaluate() -> Any:
    """Mistral's own evaluation of a task's input against the workflow's inputs."""
    from mistral import config, expressions

    config.parse_args([])  # once in a process: it refuses a second time
    return expressions.evaluate_recursively
