"""The engine that the tests share: a real Mistral in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from engine.process import EngineProcess

from wfbreak.engine.client import EngineClient


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    """A client of the engine that all tests share."""
    with EngineProcess(tmp_path_factory.mktemp("engine") / "state") as process:
        yield process.client
