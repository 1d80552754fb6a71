"""What is said against properties while translating is what Heat says when it creates.

Runs where the corpus lies beside the checkout; the types themselves are compared in ``test_types``.
"""

from __future__ import annotations

from typing import Any

import pytest
from translate.test_corpus import CORPUS, accepted, answers

from heat.conftest import Judge
from wfbreak.diagnostics import Code, InputError
from wfbreak.translate import Request, translate

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="there is no corpus beside the checkout"
)

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
    there = said(heat(answer["template"], parameters=parameters))
    there = [name for name in there if known is None or known not in name]
    assert bool(here) == bool(there), (here, there)
