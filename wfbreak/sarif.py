"""Diagnostics as SARIF 2.1.0, which code hosts and editors show beside the lines they are about.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from typing import Any

from wfbreak import __version__
from wfbreak.diagnostics import Code, Diagnostic, Diagnostics, Severity
from wfbreak.rules import rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(diagnostics: Diagnostics) -> dict[str, Any]:
    """One run of wfbreak with a result for each finding; rules are those that occur."""
    codes = list(dict.fromkeys(finding.code for finding in diagnostics))
    run = {
        "tool": {
            "driver": {
                "name": "wfbreak",
                "version": __version__,
                "rules": [_rule(code) for code in codes],
            }
        },
        "results": [_result(finding, codes) for finding in diagnostics],
        "columnKind": "unicodeCodePoints",
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _level(severity: Severity) -> str:
    return "error" if severity is Severity.ERROR else "warning"


def _rule(code: Code) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": code.ident,
        "name": "".join(part.capitalize() for part in code.name.split("_")),
        "shortDescription": {"text": code.title},
        "defaultConfiguration": {"level": _level(code.severity)},
    }
    page = rule(code.ident)
    if page is not None:
        found["fullDescription"] = {"text": page.meaning}
        found["help"] = {"text": page.remedy, "markdown": page.page()}
    return found


def _result(finding: Diagnostic, codes: list[Code]) -> dict[str, Any]:
    hint = f" ({finding.hint})" if finding.hint else ""
    result: dict[str, Any] = {
        "ruleId": finding.code.ident,
        "ruleIndex": codes.index(finding.code),
        "level": _level(finding.severity),
        "message": {"text": f"{finding.message}{hint}"},
    }
    position = finding.position
    if position is not None:
        region: dict[str, Any] = {}
        if position.line > 0:
            region = {"startLine": position.line, "startColumn": max(position.column, 1)}
        if region and finding.snippet is not None:
            region["snippet"] = {"text": finding.snippet}
        place: dict[str, Any] = {"artifactLocation": {"uri": position.file.replace("\\", "/")}}
        if region:
            place["region"] = region
        result["locations"] = [{"physicalLocation": place}]
    return result
