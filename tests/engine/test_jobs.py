"""Jobs of the engine's own scheduler outlive the database's absence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from oslo_db import exception

from wfbreak.engine import jobs


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
