"""What an execution is described as, within what Mistral keeps of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from wfbreak import audit
from wfbreak.cli.begin import _description
from wfbreak.translate import Request, translate

TEMPLATE = """\
heat_template_version: 2021-04-16
description: |
  A first line.
  A second line.
resources:
  a: {type: OS::Heat::RandomString}
"""


@pytest.mark.parametrize("reason", [None, "a new\nsize", "x" * 120, "y" * 300])
def test_it_says_what_whose_and_why_in_255_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    template = Path("t.yaml")
    template.write_text(TEMPLATE)
    body = translate(Request(str(template))).document["t"]
    said = _description(body, audit.record("run", reason, user="ann"))
    assert len(said) <= 255
    assert said.startswith(f"Stack t, translated from {template} by wfbreak ")
    assert f"Begun (run) by {audit.whoami('ann')}" in said
    if reason and len(reason) < 20:
        assert ": a new size. Tasks are named as their resources; " in said
    if reason and len(reason) == 300:
        assert said.endswith("y…")
