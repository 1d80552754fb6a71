"""Real templates, written by others: translated with Heat's graph, or refused by name at a line.

Runs where the corpus lies beside the checkout; the project's own fixtures cover every feature
without it.
"""

from __future__ import annotations

import json
import re
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
    # Secrets that expire in 2017.
    "heat-templates/hot/barbican/container_generic.yaml": Code.PROPERTY_VALUE,
    "heat-templates/hot/barbican/order.yaml": Code.PROPERTY_VALUE,
    "heat-templates/hot/barbican/secret.yaml": Code.PROPERTY_VALUE,
    # A health monitor's 'max_retries_down', which Octavia has and Heat's type has not.
    "heat-templates/hot/octavia/servers_with_octavia.yaml": Code.UNKNOWN_PROPERTY,
    # A list for the map 'config' of a StructuredConfig.
    "heat-templates/hot/software-config/example-templates/example-chef-template.yaml": (
        Code.PROPERTY_VALUE
    ),
}
"""What Heat builds a graph of, and refuses to create (tests/heat/test_type_checks.py asks it)."""

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
    """Translate with the recorded dummy values; without those that break their constraints, or that
    a resource's property does not take, which Heat was not asked about."""
    options = dict(answer.get("parameters") or {})
    while True:
        try:
            return translate(Request(answer["template"], (), options))
        except InputError as error:
            errors = error.diagnostics.errors
            broken = [d.message for d in errors if d.code is Code.PARAMETER_CONSTRAINT]
            names = {name for name in options for message in broken if f"'{name}'" in message}
            lines = [d.snippet or "" for d in errors if d.code is Code.PROPERTY_VALUE]
            names |= {
                n for n in options if any(re.search(rf"get_param: \[?{n}\b", x) for x in lines)
            }
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
    assert good >= 120
