"""A task that was run twice has one result; Mistral's own function is the one that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from mistral.workflow import data_flow

from wfbreak.engine import results


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Here, and not in what other tests of this process ask."""
    monkeypatch.setattr(data_flow, "get_task_execution_result", data_flow.get_task_execution_result)
    results.install.cache_clear()
    results.install()
    yield
    results.install.cache_clear()


def task(*returned: Any, accepted: int, **spec: Any) -> Any:
    """One whose last ``accepted`` actions count; the last of all was made first."""
    actions = [
        SimpleNamespace(
            runtime_context={"index": 0},
            output={"result": result},
            accepted=number >= len(returned) - accepted,
            created_at=-number,
        )
        for number, result in enumerate(returned)
    ]
    base = {"version": "2.0", "name": "t", "type": "direct", "action": "std.noop"}
    return SimpleNamespace(executions=actions, spec=base | spec)


def test_of_two_that_count_the_first_is_read() -> None:
    read = data_flow.get_task_execution_result
    assert read(task({"reference": "b"}, {"reference": "a"}, accepted=2)) == {"reference": "a"}


def test_what_mistral_hands_on_otherwise_stays() -> None:
    read = data_flow.get_task_execution_result
    assert read(task({"reference": "a"}, {"reference": "b"}, accepted=1)) == {"reference": "b"}
    assert read(task([1, 2], accepted=1)) == [1, 2]
    assert read(task("no", accepted=0)) == []
    assert read(task(1, 2, accepted=2, **{"with-items": "i in <% [1, 2] %>"})) == [1, 2]


@pytest.mark.parametrize(
    ("result", "one"), [([{"a": 1}, {"a": 1}], {"a": 1}), ({"a": 1}, {"a": 1}), ([], None)]
)
def test_what_the_api_tells(result: Any, one: Any) -> None:
    assert results.one_of(result) == one
