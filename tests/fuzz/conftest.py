"""Limits for the fuzzing: how many inputs, how long one may take, how much memory all may."""

from __future__ import annotations

import datetime
import os
import resource
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

FUZZED = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "200")),
    # A hang shows as an input that takes this long; the slowest known takes a tenth of it.
    deadline=datetime.timedelta(seconds=20),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

MEMORY = 3 << 30
"""Bytes of address space that a process may take: an input that needs more ends in an error."""


@pytest.fixture(autouse=True)
def bounded_memory() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)
