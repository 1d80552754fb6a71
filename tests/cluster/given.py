"""The cluster of one test run, which ends with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cloud.lab.errors import LabError
from cloud.lab.folder import Folder

from cluster.cluster import Cluster, own_cluster
from cluster.settings import Database

ROOT = Path(__file__).parents[2]
VENV = Path(sys.prefix)


@contextmanager
def given_cluster(
    config: pytest.Config,
    database: str,
    skew: tuple[tuple[str, int], ...] = (),
    folder: str | None = None,
) -> Iterator[Cluster]:
    """A cluster on the database of this name; what goes wrong fails the tests that want it."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    where = Folder(ROOT / f".cluster-{folder or database}")
    try:
        with own_cluster(where, VENV, terminal.write_line, Database(database), skew) as cluster:
            yield cluster
    except LabError as error:
        pytest.fail(f"the cluster cannot be had: {error}", pytrace=False)
