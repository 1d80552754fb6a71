"""How many examples the random suites run: few in ``make test``, many in ``make test-engine``."""

from __future__ import annotations

import itertools
import os

import pytest
from hypothesis import HealthCheck, settings

from wfbreak import translate

pytest.register_assert_rewrite("properties.driver")

_QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]

settings.register_profile("fast", max_examples=12, deadline=None, suppress_health_check=_QUIET)
settings.register_profile("full", max_examples=50, deadline=None, suppress_health_check=_QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


_NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack's name is taken once: each stack that a test translates has one of its own."""
    name = translate._stack_name
    monkeypatch.setattr(translate, "_stack_name", lambda path: f"{name(path)}{next(_NUMBERS)}")
