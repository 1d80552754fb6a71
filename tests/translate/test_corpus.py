"""Real templates, written by others: translated with Heat's graph, or refused by name at a line.

Runs where the corpus lies beside the checkout; the project's own fixtures cover every feature
without it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wfbreak.diagnostics import Code, InputError
from wfbreak.translate import Request, Translation, translate
from wfbreak.translate.dependencies import needs

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
NOT_YET = {
    Code.UNSUPPORTED_FUNCTION,
    Code.UNSUPPORTED_RESOURCE,
}
"""What may refuse a template that Heat takes."""

REFUSED_ON_VALIDATION = {
    # A property of a nested template is missing; asked to validate, Heat says "Property
    # octavia_provider not assigned" (the answers here stop short of that).
    "magnum/magnum/drivers/k8s_coreos_v1/templates/kubecluster.yaml": Code.PARAMETER_MISSING,
}
"""What Heat builds a graph of, and refuses to create."""

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="there is no corpus beside the checkout"
)


def answers() -> list[dict[str, Any]]:
    path = CORPUS / "heat-says.jsonl"
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def accepted(answer: dict[str, Any]) -> bool:
    return all(stage == "ok" for stage in answer["stages"].values())


def attempt(answer: dict[str, Any]) -> Translation:
    """Translate with the recorded dummy values; without those that break their constraints, which
    Heat was not asked about."""
    options = dict(answer.get("parameters") or {})
    while True:
        try:
            return translate(Request(answer["template"], (), options))
        except InputError as error:
            broken = [d for d in error.diagnostics.errors if d.code is Code.PARAMETER_CONSTRAINT]
            names = {name for name in options for d in broken if f"'{name}'" in d.message}
            if not names:
                raise
            for name in names:
                del options[name]


@pytest.mark.parametrize(
    "answer", [a for a in answers() if accepted(a)], ids=lambda answer: answer["template"]
)
def test_what_heat_takes(answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CORPUS)
    try:
        translation = attempt(answer)
    except InputError as error:
        for finding in error.diagnostics.errors:
            allowed = {*NOT_YET, REFUSED_ON_VALIDATION.get(answer["template"])}
            assert finding.code in allowed, finding.render()
            assert finding.position is not None
        return
    graph = translation.graph
    outermost = translation.template.resources
    explicit, full = needs(graph, by_type=False), needs(graph)
    assert {n: explicit[n] for n in outermost} == {n: set(r) for n, r in answer["explicit"].items()}
    assert {n: full[n] for n in outermost} == {n: set(r) for n, r in answer["requires"].items()}
    assert sorted(translation.template.outputs) == answer["outputs"]
    assert sorted(translation.template.disabled) == answer["disabled_by_condition"]


@pytest.mark.parametrize(
    "answer", [a for a in answers() if not accepted(a)], ids=lambda answer: answer["template"]
)
def test_what_heat_does_not_take(answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CORPUS)
    with pytest.raises(InputError) as error:
        attempt(answer)
    assert all(finding.position for finding in error.value.diagnostics.errors)


def test_most_of_it_translates(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a change that refuses everything does not pass as caution."""
    monkeypatch.chdir(CORPUS)
    good = 0
    for answer in answers():
        try:
            attempt(answer)
            good += 1
        except InputError:
            continue
    assert good >= 125
