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
from wfbreak.translate.partition import Partition

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
    "parts": Request(f"{THREE_TIER}/web.yaml", (f"{THREE_TIER}/env.yaml",), partition=Partition(4)),
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
    workflows = parser.get_workflow_list_spec_from_yaml(translation.text(), validate=True)
    found = {w.get_name(): {task.get_name() for task in w.get_tasks()} for w in workflows}
    bodies = {name: body for name, body in translation.document.items() if name != "version"}
    assert found == {name: set(body["tasks"]) for name, body in bodies.items()}


@pytest.mark.parametrize("name", CASES)
def test_the_text_says_what_the_document_says(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    translation = translated(CASES[name], monkeypatch)
    assert yaml.safe_load(translation.text()) == translation.document


def test_no_hidden_value_in_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    translation = translated(CASES["features"], monkeypatch)
    assert "not-in-the-text" not in translation.text()
    assert translation.inputs == {"password": "not-in-the-text"}
    assert translation.missing == ("given", "zones", "my-param")
