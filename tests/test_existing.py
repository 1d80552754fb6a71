"""What exists says itself in a task's input, and is read there again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfbreak.existing import Existing, ExistingError
from wfbreak.providers import Provider

DATA = st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.text(max_size=5))


@st.composite
def existing(draw: st.DrawFn) -> Existing:
    return Existing(
        draw(st.text()),
        "OS::Heat::Value",
        draw(st.uuids().map(str)),
        provider=draw(st.sampled_from(Provider)),
        physical_id=draw(st.none() | st.text(min_size=1)),
        ref=draw(st.none() | st.text(min_size=1)),
        properties=draw(DATA),
        metadata=draw(DATA),
        attempted=draw(st.none() | DATA.filter(bool)),
        needs=tuple(draw(st.lists(st.text()))),
        deletion_policy=draw(st.sampled_from([None, "Retain", "Snapshot"])),
        external=draw(st.booleans()),
        source=draw(st.none() | st.just("t.yaml:1:1")),
    )


@given(existing())
def test_it_comes_back(one: Existing) -> None:
    said = json.loads(json.dumps(one.to_plain()))
    assert Existing.from_plain(said) == one


@pytest.mark.parametrize("data", [{}, {"resource": "a"}, {"provider": "nobody"}, {"needs": 3}])
def test_anything_else_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ExistingError, match="does not say what exists"):
        Existing.from_plain(data)
