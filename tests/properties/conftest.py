"""How many examples the random suites run: few in ``make test``, many in ``make test-engine``, very
few on each of the clusters of ``make test-cluster``."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("properties.driver")

_QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]

settings.register_profile("fast", max_examples=12, deadline=None, suppress_health_check=_QUIET)
settings.register_profile("full", max_examples=20, deadline=None, suppress_health_check=_QUIET)
settings.register_profile("cluster", max_examples=2, deadline=None, suppress_health_check=_QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


@pytest.fixture(autouse=True)
def _names(own_names: None) -> None:
    pass
