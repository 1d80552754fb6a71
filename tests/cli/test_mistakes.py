"""A mistake of wfbreak's own is told as such, and not hidden."""

from __future__ import annotations

import pytest

from wfbreak.cli.common import guarded


def test_it_asks_for_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError):
        guarded(lambda: 1 // 0)
    told = capsys.readouterr().err
    assert told.startswith("wfbreak failed (ZeroDivisionError: ")
    assert "please report it" in told
