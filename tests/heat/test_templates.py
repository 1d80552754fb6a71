"""The project's own templates, nested ones and CloudFormation's too, run and asked of Heat."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heat.both import differences, run, translated
from heat.conftest import Judge
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import State

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "translate" / "golden"

CASES: dict[str, tuple[Path, tuple[str, ...], dict[str, Any]]] = {
    "nested": (GOLDEN / "nested" / "template.yaml", ("env-without-stops.yaml",), {}),
    "cfn": (GOLDEN / "cfn" / "template.yaml", (), {"Name": "a,b"}),
    "vpc": (Path(__file__).parent / "fixtures" / "vpc.yaml", (), {}),
    "deep": (Path(__file__).parent / "fixtures" / "deep" / "root.yaml", ("env.yaml",), {}),
}


@pytest.mark.parametrize("name", CASES)
def test_values(name: str, engine: EngineClient, heat: Judge) -> None:
    template, files, parameters = CASES[name]
    environments = tuple(str(template.parent / file) for file in files)
    translation, given = translated(template, environments, parameters)
    ran = run(engine, translation, given)
    assert ran.state is State.SUCCESS, ran.failed
    asked = {"environments": list(environments), "parameters": parameters}
    assert differences(heat, template, translation, ran, **asked) == []
