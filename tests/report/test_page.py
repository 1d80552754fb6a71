"""What the page needs, and what is said where it is missing."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wfbreak.engine.model import Execution, State, Workflow
from wfbreak.report import page, sources
from wfbreak.report.facts import Facts
from wfbreak.status import build
from wfbreak.translate import Request, translate

NOW = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)


def facts_of(template: Path, properties: dict[str, Any]) -> Facts:
    """What an engine would tell of a stack that has just begun."""
    made = translate(Request(str(template), stack="s"))
    workflow = Workflow("w", made.name, "", made.text())
    execution = Execution("e", made.name, "", "w", "", State.RUNNING, None, NOW, None)
    status = build(execution, workflow, {})
    return Facts(execution, workflow, {}, status, (), properties, NOW)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "t.yaml"
    path.write_text(
        "heat_template_version: 2021-04-16\nresources:\n  a: {type: OS::Heat::RandomString}\n"
    )
    return path


def test_without_the_extra_it_says_so(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = facts_of(template, {})
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(page.ReportUnavailable, match=r"wfbreak\[report\]"):
        page.render(facts, sources.NONE)


def test_any_text_is_text(template: Path) -> None:
    text = "</script><b>\x00\x1b[0m\ud800 \u202e"
    written = page.render(facts_of(template, {"a": {text: [text]}}), sources.NONE)
    assert "<b>" not in written
    assert "\x00" not in written
    assert written.count("</script>") == 1
    assert written.encode()
    assert "&lt;/script&gt;&lt;b&gt;" in written


def test_a_stack_without_resources(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text("heat_template_version: 2021-04-16\nresources: {}\n")
    written = page.render(facts_of(path, {}), sources.NONE)
    assert "0 of 0 resources" in written
