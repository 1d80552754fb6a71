"""Each diagnostic has its page, each example brings about what it is an example of."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from wfbreak.diagnostics import Code, Diagnostics, InputError
from wfbreak.rules import RULES, Rule
from wfbreak.sarif import sarif
from wfbreak.translate import Request, translate

DOCS = Path(__file__).parents[1] / "docs"


def findings(rule: Rule, folder: Path) -> Diagnostics:
    template = folder / "template.yaml"
    template.write_text(rule.example or "")
    environments: tuple[str, ...] = ()
    if rule.environment is not None:
        (folder / "env.yaml").write_text(rule.environment)
        environments = (str(folder / "env.yaml"),)
    try:
        return translate(Request(str(template), environments, breaks=rule.breaks)).diagnostics
    except InputError as error:
        return error.diagnostics


def test_every_diagnostic_has_one_page() -> None:
    assert sorted(rule.code.ident for rule in RULES) == sorted(code.ident for code in Code)
    for rule in RULES:
        assert (rule.example is None) == (rule.no_example is not None), rule.code


@pytest.mark.parametrize(
    "rule", [r for r in RULES if r.example is not None], ids=lambda rule: rule.code.ident
)
def test_the_example_brings_it_about(rule: Rule, tmp_path: Path) -> None:
    assert rule.code in {finding.code for finding in findings(rule, tmp_path)}


def test_the_pages_are_those_of_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    import generate

    written = {path.name: path.read_text() for path in (DOCS / "diagnostics").glob("*.md")}
    assert written == generate.pages(), "run 'make docs'"


@pytest.mark.parametrize(
    "rule", [r for r in RULES if r.example is not None], ids=lambda rule: rule.code.ident
)
def test_sarif(rule: Rule, tmp_path: Path) -> None:
    """The parts of the format that a reader relies on."""
    diagnostics = findings(rule, tmp_path)
    report = json.loads(json.dumps(sarif(diagnostics)))
    assert report["version"] == "2.1.0"
    (run,) = report["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len(run["results"]) == len(list(diagnostics))
    for result, finding in zip(run["results"], diagnostics, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.code.ident
        assert result["level"] in ("error", "warning")
        assert finding.message in result["message"]["text"]
        if finding.position is not None:
            (location,) = result["locations"]
            region = location["physicalLocation"]["region"]
            assert region["startLine"] == finding.position.line
            assert region["startColumn"] >= 1
