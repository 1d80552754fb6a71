"""The cluster of the faults: on PostgreSQL, and with two clocks that are wrong. Where all suites
have one (``WFBREAK_TEST_CLUSTER``) it is that one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cluster.cluster import Cluster
from cluster.given import given_cluster
from cluster.settings import SKEW


@pytest.fixture(scope="session")
def cluster(pytestconfig: pytest.Config, shared_cluster: Cluster | None) -> Iterator[Cluster]:
    if shared_cluster is not None:
        yield shared_cluster
        return
    with given_cluster(pytestconfig, "postgresql", SKEW, "faults") as own:
        yield own
