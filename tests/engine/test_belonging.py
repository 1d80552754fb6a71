"""What an engine believes of who belongs to whom, asked of its own functions."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from wfbreak import parts
from wfbreak.engine import belonging


@pytest.fixture(autouse=True)
def _options() -> None:
    importlib.import_module("mistral.config")


@pytest.fixture
def via_rpc() -> Iterator[None]:
    from oslo_config import cfg

    cfg.CONF.set_override("start_subworkflows_via_rpc", True, group="engine")
    yield
    cfg.CONF.clear_override("start_subworkflows_via_rpc", group="engine")


def begun(**params: Any) -> dict[str, Any]:
    """What is left of the params of a request that starts an execution."""
    return dict(belonging._start_workflow(None, lambda _, **said: said, **params))


SAID = {"root_execution_id": "a", "task_execution_id": "b", "env": {}, "notify": []}


def test_a_request_does_not_say_of_what_it_is_a_part() -> None:
    assert begun(**SAID) == {"env": {}, "notify": []}


@pytest.mark.usefixtures("via_rpc")
def test_where_engines_tell_each_other_they_are_heard_and_nothing_is_a_part() -> None:
    assert begun(**SAID) == SAID
    said = SimpleNamespace(id="c", tags=[parts.TAG], task_execution_id="b", root_execution_id="a")
    assert belonging.stack_id(said) == "c"
    assert not belonging.is_part(said)


def test_whoever_has_the_id_of_a_part_is_not_the_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(belonging, "_stacks", {("c", "b"): "a"})
    part = SimpleNamespace(id="c", tags=[parts.TAG], task_execution_id="b")
    assert belonging.stack_id(part) == "a"
    assert belonging.stack_id(SimpleNamespace(id="c", tags=[], task_execution_id="b")) == "c"
    taken = SimpleNamespace(id="c", tags=[parts.TAG], task_execution_id=None)
    assert belonging.stack_id(taken) == "c"
