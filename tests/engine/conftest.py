"""A stack's name is taken once: each stack that a test translates has one of its own."""

from __future__ import annotations

import itertools

import pytest

from wfbreak import translate

_NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    name = translate._stack_name
    monkeypatch.setattr(translate, "_stack_name", lambda path: f"{name(path)}{next(_NUMBERS)}")
