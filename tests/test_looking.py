"""How often an engine is looked at."""

from __future__ import annotations

import pytest

from wfbreak.looking import pause


@pytest.mark.parametrize(
    ("took", "quiet", "seconds"),
    [
        pytest.param(0.01, 0.0, 0.3, id="at first as often as may be"),
        pytest.param(0.01, 20.0, 1.0, id="an end is seen a twentieth late"),
        pytest.param(0.01, 86_400.0, 5.0, id="but no later than that"),
        pytest.param(3.0, 0.0, 12.0, id="what takes long is done seldom"),
    ],
)
def test_the_next_look(took: float, quiet: float, seconds: float) -> None:
    assert pause(0.3, took=took, quiet=quiet) == pytest.approx(seconds)
