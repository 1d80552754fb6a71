"""What the workflow of a template looks like, for a reviewer to see what a change does to it.

``make golden`` writes the expected files anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from mistral.lang import parser

from wfbreak.translate import Mode, Request, Translation, translate

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
THREE_TIER = "examples/three-tier"

CASES = {
    "three-tier": Request(f"{THREE_TIER}/web.yaml", (f"{THREE_TIER}/env.yaml",)),
    "features": Request("features/template.yaml", ("features/env.yaml",)),
    "markers": Request("markers/template.yaml", break_files=("markers/breakpoints.yaml",)),
    "names": Request("names/template.yaml", ("names/env.yaml",)),
    "cfn": Request("cfn/template.yaml"),
    "nested": Request("nested/template.yaml", ("nested/env.yaml",)),
    "stages-non-stop": Request("stages/template.yaml", ("stages/env.yaml",)),
    "stages-all-stop": Request(
        "stages/template.yaml", ("stages/env.yaml",), mode=Mode.ALL_STOP, stack="all"
    ),
}


def translated(request: Request, monkeypatch: pytest.MonkeyPatch) -> Translation:
    monkeypatch.chdir(ROOT if request.template.startswith("examples") else HERE / "golden")
    return translate(request)


@pytest.mark.parametrize("name", CASES)
def test_the_workflow_is_as_before(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = translated(CASES[name], monkeypatch).text()
    expected = HERE / "golden" / f"{name}.expected.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(text)
    assert text == expected.read_text()


@pytest.mark.parametrize("name", CASES)
def test_mistral_takes_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    translation = translated(CASES[name], monkeypatch)
    (workflow,) = parser.get_workflow_list_spec_from_yaml(translation.text(), validate=True)
    assert workflow.get_name() == translation.name
    expected = translation.document[translation.name]["tasks"]
    assert {task.get_name() for task in workflow.get_tasks()} == set(expected)


@pytest.mark.parametrize("name", CASES)
def test_the_text_says_what_the_document_says(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    translation = translated(CASES[name], monkeypatch)
    assert yaml.safe_load(translation.text()) == translation.document


def test_no_hidden_value_in_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    translation = translated(CASES["features"], monkeypatch)
    assert "not-in-the-text" not in translation.text()
    assert translation.inputs == {"password": "not-in-the-text"}
    assert translation.missing == ("given", "zones", "my-param")
