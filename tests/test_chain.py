"""One successor each, which anybody can tell."""

from __future__ import annotations

import uuid

from hypothesis import given, settings
from hypothesis import strategies as st

from wfbreak import chain

IDS = st.uuids().map(str)


@settings(deadline=None)  # a stranger is looked for along ten thousand
@given(IDS, st.integers(1, 50))
def test_whoever_comes_later_is_known(ident: str, count: int) -> None:
    later = ident
    for _ in range(count):
        later = chain.successor(later)
    assert str(uuid.UUID(later)) == later
    assert chain.is_before(ident, later)
    assert not chain.is_before(later, ident)
    assert not chain.is_before(ident, ident)


@settings(deadline=None)  # a stranger is looked for along ten thousand
@given(IDS, IDS)
def test_strangers_are_not_related(one: str, other: str) -> None:
    assert one == other or chain.successor(one) != chain.successor(other)
    assert not chain.is_before(one, str(uuid.uuid4()))
    assert not chain.is_before("", other)
