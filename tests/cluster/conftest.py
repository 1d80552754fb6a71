"""The cluster of the faults: on PostgreSQL, and with two clocks that are wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cluster.cluster import Cluster
from cluster.given import given_cluster
from cluster.settings import SKEW


@pytest.fixture(scope="session")
def cluster(pytestconfig: pytest.Config) -> Iterator[Cluster]:
    with given_cluster(pytestconfig, "postgresql", SKEW, "faults") as own:
        yield own
