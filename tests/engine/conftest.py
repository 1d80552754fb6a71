"""All of these tests start stacks on the engine that they share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _names(own_names: None) -> None:
    pass
