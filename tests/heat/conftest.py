"""Heat 27.0.1 in an interpreter of its own: ``make test-heat`` makes one and names it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine.process import EngineProcess

from wfbreak.engine.client import EngineClient
from wfbreak.keys import KEY_FILE_VARIABLE

pytest.register_assert_rewrite("heat.both_make", "heat.both_change")

HERE = Path(__file__).parent


class Judge:
    """Asks Heat; one process for all questions."""

    def __init__(self, python: str, script: str = "judge.py") -> None:
        self._process = subprocess.Popen(
            [python, str(HERE / script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __call__(self, template: Path | str, **request: Any) -> dict[str, Any]:
        return self.ask({"template": str(template), **request})

    def properties(
        self, kind: str, properties: dict[str, Any], description: str | None = None
    ) -> dict[str, Any]:
        """What Heat makes of the properties of a resource of that type: see ``type_values``."""
        return self.ask({"type": kind, "properties": properties, "description": description})

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "Heat has died"
        decoded: dict[str, Any] = json.loads(answer)
        return decoded

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    """An engine whose key is this process's too: hidden values are compared in the clear."""
    state = tmp_path_factory.mktemp("engine") / "state"
    with EngineProcess(state) as process, pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY_FILE_VARIABLE, str(state / "seal.key"))
        yield process.client


@pytest.fixture(scope="session")
def heat() -> Iterator[Judge]:
    judge = Judge(python())
    yield judge
    judge.close()


@pytest.fixture(scope="session")
def real() -> Iterator[Judge]:
    """Heat that makes resources: see ``real.py``."""
    judge = Judge(python(), "real.py")
    yield judge
    judge.close()


def python() -> str:
    python = os.environ.get("HEAT_PYTHON", ".venv-heat/bin/python")
    if not Path(python).exists():
        pytest.fail(f"there is no Heat at {python}: run 'make test-heat', or set HEAT_PYTHON")
    return python
