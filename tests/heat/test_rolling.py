"""The batches of a group's update are those of Heat's own groups."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from heat.conftest import Judge, python
from wfbreak.translate import batching, membership
from wfbreak.translate.batching import Policy
from wfbreak.translate.membership import Membership


@pytest.fixture(scope="module")
def rolling() -> Iterator[Judge]:
    judge = Judge(python(), "rolling.py")
    yield judge
    judge.close()


def test_batches(rolling: Judge) -> None:
    @settings(deadline=None, max_examples=1000)
    @given(
        st.integers(1, 7),
        st.integers(1, 8),
        st.integers(1, 4),
        st.integers(0, 8),
        st.booleans(),
    )
    def run(there: int, size: int, batch: int, in_service: int, scaling: bool) -> None:
        past = Membership(tuple(map(str, range(there))))
        policy = Policy(batch, in_service)
        names = membership.scaled(past, size) if scaling else list(map(str, range(size)))
        cut = batching.of_scaled if scaling else batching.of_update
        ours = cut(names, past, policy)
        request = {"there": past.names, "size": size, "batch": batch, "in_service": in_service}
        steps = rolling.ask({**request, "scaling": scaling})["batches"]
        theirs = [set(changed) for changed, _ in steps if changed]
        if scaling and size > there:
            # The names of new members are random in Heat; they come last, all at once.
            assert len(theirs.pop()) == len(ours[-1]) == size - there
            ours = ours[:-1]
        if any(step - set(names) for step in theirs):
            event("larger for a time, to keep more in service: see batching")
            return
        assert [set(each) for each in ours] == theirs

    run()
