"""Real templates, run on the engine: every property of every resource is what Heat makes of it.

Runs where the corpus lies beside the checkout.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from translate.test_corpus import CORPUS, REFUSED_ON_VALIDATION, accepted, answers

from heat.both import differences, run, translated
from heat.conftest import Judge
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import State

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="there is no corpus beside the checkout"),
]


FAILING = {"heat-templates/hot/resource_group/random.yaml"}
"""Those whose recorded parameters are no values that the resource takes (a length of "dummy1")."""

OTHERWISE = {
    # The name that the group will have, which Heat does not know before it is created.
    "heat-templates/hot/instance_group.yaml": "server_group/0.properties: ",
}
"""What is known to differ."""


def cases() -> list[Any]:
    return [a for a in answers() if accepted(a) and a["template"] not in REFUSED_ON_VALIDATION]


@pytest.mark.parametrize("answer", cases(), ids=lambda answer: answer["template"])
def test_values(
    answer: dict[str, Any], engine: EngineClient, heat: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CORPUS)
    template = Path(answer["template"])
    parameters = dict(answer.get("parameters") or {})
    translation, given = translated(template, (), parameters)
    ran = run(engine, translation, given)
    assert ran.state is State.SUCCESS or answer["template"] in FAILING or "parameters" in ran.failed
    found = differences(heat, template, translation, ran, parameters=parameters)
    known = OTHERWISE.get(answer["template"], "nothing")
    assert [line for line in found if not line.startswith(known)] == []
