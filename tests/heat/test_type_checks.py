"""What is said against properties while translating is what Heat says when it creates.

The types themselves are compared in ``test_types``.
"""

from __future__ import annotations

from typing import Any

import pytest
from translate.test_corpus import CORPUS, accepted, answers

from heat.conftest import Judge
from heat.test_templates import CASES, GOLDEN, ROOT
from wfbreak.diagnostics import Code, InputError
from wfbreak.translate import Request, translate

CODES = (Code.UNKNOWN_PROPERTY, Code.PROPERTY_MISSING, Code.PROPERTY_VALUE)

ONLY_HEAT = {
    # A parameter that is hidden, so that wfbreak checks its value when the workflow runs.
    "nectar/trove_database.yaml": "my_database",
    # The reference of a workflow that does not exist yet: Heat fails to make it up.
    "heat-templates/hot/mistral/templates/autoscaling_using_mistral.yaml": "trigger_",
    # The parameters of nested templates, which have their own diagnostic (E101).
    "magnum/magnum/drivers/k8s_coreos_v1/templates/kubecluster.yaml": "_lb",
}
"""Where only Heat says something, and against which resources."""


def said(answer: dict[str, Any], path: str = "") -> list[str]:
    """The resources, at all levels, whose properties Heat refuses."""
    found = [f"{path}{name}" for name in answer.get("invalid", {})]
    for name, inside in answer.get("nested", {}).items():
        found += said(inside, f"{path}{name}/")
    return found


@pytest.mark.skipif(not CORPUS.is_dir(), reason="there is no corpus beside the checkout")
@pytest.mark.parametrize(
    "answer", [a for a in answers() if accepted(a)], ids=lambda answer: answer["template"]
)
def test_both_say_something_or_neither(
    answer: dict[str, Any], heat: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CORPUS)
    parameters = answer.get("parameters") or {}
    here = []
    try:
        translate(Request(answer["template"], (), parameters))
    except InputError as error:
        here = [d for d in error.diagnostics.errors if d.code in CODES]
        if any(d.code is Code.PARAMETER_CONSTRAINT for d in error.diagnostics.errors):
            return  # Heat refuses the stack before it looks at a resource
    known = ONLY_HEAT.get(answer["template"])
    asked = heat(CORPUS / answer["template"], parameters=parameters)
    assert "refused" not in asked, asked
    there = [name for name in said(asked) if known is None or known not in name]
    assert bool(here) == bool(there), (here, there)


SECRET = {"db_password": "sixteen-letters!"}
FEATURES = {"given": "g", "zones": "a,b", "my-param": True}

OWN = {
    **CASES,
    "three-tier": (ROOT / "examples" / "three-tier" / "web.yaml", ("env.yaml",), SECRET),
    "features": (GOLDEN / "features" / "template.yaml", ("env.yaml",), FEATURES),
}


@pytest.mark.parametrize("name", OWN)
def test_heat_takes_our_own_templates(name: str, heat: Judge) -> None:
    template, files, parameters = OWN[name]
    environments = [str(template.parent / file) for file in files]
    asked = heat(template, environments=environments, parameters=parameters)
    assert "refused" not in asked, asked
    assert said(asked) == []
