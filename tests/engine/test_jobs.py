"""Jobs of the engine's own scheduler outlive the database's absence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from oslo_db import exception

from wfbreak.engine import healing, jobs


def test_a_job_is_tried_again_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    from mistral.db.v2 import api as db

    refusals = iter([exception.DBConnectionError(), exception.DBConnectionError()])

    @contextmanager
    def transaction() -> Iterator[None]:
        for refusal in refusals:
            raise refusal
        yield

    monkeypatch.setattr(db, "transaction", transaction)
    monkeypatch.setattr(db, "load_workflow_execution", lambda ident: f"the execution {ident}")
    seen: list[str] = []
    jobs.with_execution("e1", seen.append)
    assert seen == ["the execution e1"]


def test_only_what_the_database_has_is_known_to_be_looked_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(healing.time, "monotonic", lambda: now)
    monkeypatch.setattr(healing, "_known", {"another": 1.0})
    is_new = True
    asked: list[str] = []

    def schedule(*_: object, execution: str) -> bool:
        asked.append(execution)
        return is_new

    monkeypatch.setattr(jobs, "schedule", schedule)
    healing.watch("e1")
    is_new = False
    healing.watch("e1")  # the first transaction may have come to nothing
    healing.watch("e1")
    healing.watch("e2")
    assert asked == ["e1", "e1", "e2"]
    now += healing._KNOWN
    healing.watch("e1")
    assert asked == ["e1", "e1", "e2", "e1"]
