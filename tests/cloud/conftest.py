"""The cloud that the tests share: their own, or a developer's that is up.

``make test-cloud`` sees to the packages. ``WFBREAK_TEST_CLOUD`` names the folder of a cloud that
``make cloud`` has brought up.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud.lab.cloud import Cloud, find, own_cloud
from cloud.lab.errors import LabError
from cloud.lab.folder import Folder
from cloud.lab.identity import ADMIN, MEMBER, OTHER_MEMBER
from cloud.person import Person

ROOT = Path(__file__).parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test's time limit does not count the minutes in which the cloud comes up."""
    for item in items:
        if Path(__file__).parent in item.path.parents and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(300, func_only=True))


@pytest.fixture(scope="session")
def cloud(pytestconfig: pytest.Config) -> Iterator[Cloud]:
    """The whole cloud: its programs can be killed and started, its databases and logs read."""
    given = os.environ.get("WFBREAK_TEST_CLOUD")
    venv = ROOT / os.environ.get("CLOUD_VENV", ".venv-cloud")
    try:
        if given:
            yield find(Folder(ROOT / given))
            return
        if not (venv / ".cloud").exists():
            raise LabError(f"the services are not installed in {venv}: run 'make test-cloud'")
        # It takes a minute or more: whoever waits sees how far it is.
        terminal = pytestconfig.pluginmanager.get_plugin("terminalreporter")
        with own_cloud(Folder(ROOT / ".cloud-tests"), venv, terminal.write_line) as own:
            yield own
    except LabError as error:
        pytest.fail(f"the cloud cannot be had: {error}", pytrace=False)


@pytest.fixture(scope="session")
def as_member(cloud: Cloud) -> Person:
    """A plain member of a project, who runs commands."""
    return Person(cloud, MEMBER)


@pytest.fixture(scope="session")
def as_other_member(cloud: Cloud) -> Person:
    """A plain member of another project."""
    return Person(cloud, OTHER_MEMBER)


@pytest.fixture(scope="session")
def as_admin(cloud: Cloud) -> Person:
    return Person(cloud, ADMIN)


@pytest.fixture(scope="session")
def member(cloud: Cloud) -> Any:
    """A plain member's ``openstack.connection.Connection``."""
    return cloud.connection(MEMBER)


@pytest.fixture(scope="session")
def other_member(cloud: Cloud) -> Any:
    """The connection of a plain member of another project."""
    return cloud.connection(OTHER_MEMBER)


@pytest.fixture(scope="session")
def admin(cloud: Cloud) -> Any:
    return cloud.connection(ADMIN)
