"""The expression compiler: what Mistral evaluates is what the translator would have folded.

Random values with functions in them, compiled with their parameters unknown, and evaluated by
Mistral's own evaluator as a task's input is.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import yaml
from heat.test_random_values import PARAMETERS, VALUES
from hypothesis import given

from fuzz.conftest import FUZZED
from wfbreak.diagnostics import InputError
from wfbreak.translate import Request, Translation, translate
from wfbreak.translate.values import Unknown, known

GIVEN = {name: value for name, (_, value) in PARAMETERS.items()}
FAILED = {"failed": True}


def translated(value: Any, parameters: dict[str, Any]) -> Translation | None:
    document = {
        "heat_template_version": "2021-04-16",
        "parameters": {name: {"type": kind} for name, (kind, _) in PARAMETERS.items()},
        "resources": {"r": {"type": "T", "properties": {"p": value}}},
        "outputs": {"o": {"value": value}},
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.yaml"
        path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
        try:
            return translate(Request(str(path), (), parameters, stack="stack"))
        except InputError:
            return None


def test_evaluated_as_folded(evaluate: Any) -> None:
    from mistral.exceptions import MistralException

    @FUZZED
    @given(VALUES)
    def compare(value: Any) -> None:
        folded = translated(value, GIVEN)
        expected: Any = FAILED
        if folded is not None:
            try:
                expected = known(folded.template.outputs["o"].value)
            except Unknown as unknown:
                raise AssertionError(value) from unknown
        later = translated(value, {})
        if later is None:
            # A mistake that shows without the parameters is a mistake with them.
            assert expected == FAILED
            return
        task = later.document["stack"]["tasks"]["r"]
        context = dict(GIVEN)
        for item in later.document["stack"].get("input", ()):
            context |= item if isinstance(item, dict) else {}
        try:
            found = evaluate(task["input"]["properties"]["p"], context)
        except MistralException:
            found = FAILED
        assert json.loads(json.dumps(found)) == json.loads(json.dumps(expected)), value

    compare()
