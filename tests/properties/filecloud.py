"""A cloud in a file, for stacks that live: what exists in it is what was really made and not taken
away, whatever wfbreak thinks of it.

It answers as the rehearsal does, and is level-triggered as every provider. A failure that is told
to come ``midway`` comes after the thing was made, changed or taken away.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wfbreak.actions import making
from wfbreak.actions.provider import (
    Created,
    CreateRequest,
    DeleteRequest,
    ReplaceNeeded,
    Updated,
    UpdateRequest,
)
from wfbreak.actions.rehearse import RehearseProvider
from wfbreak.types.changes import Change

FILE = "WFBREAK_TEST_FILE_CLOUD"
"""The variable that names the file."""

MIDWAY = "midway"


@dataclass(frozen=True)
class Thing:
    """What exists."""

    id: str
    resource: str
    type: str
    properties: dict[str, Any]
    execution: str


class FileCloud(RehearseProvider):
    """Makes things in the file that the environment names."""

    def create(self, request: CreateRequest) -> Created:
        if not _is_midway(request):
            created = super().create(request)
        if request.external_id is not None:
            return super().create(request)
        with _file() as file:
            found = _marked(file, request)
            ident = found[0] if found else f"{request.resource}-{os.urandom(6).hex()}"
            if not found:
                said = (ident, request.execution_id, request.resource, request.type, _json(request))
                file.execute("INSERT INTO things VALUES (?, ?, ?, ?, ?)", said)
        created = super().create(request)
        return Created(ident, ident, created.attributes)

    def update(self, request: UpdateRequest) -> Updated:
        wanted = request.wanted
        with _file() as file:
            there = file.execute("SELECT 1 FROM things WHERE id = ?", (request.physical_id,))
            if not there.fetchone():
                raise ReplaceNeeded("it is gone")
        if self._change(request) is not Change.REPLACED and _is_midway(wanted):
            _write(request)
        updated = super().update(request)
        _write(request)
        made = updated.created
        return Updated(
            Created(request.physical_id, request.physical_id, made.attributes), updated.change
        )

    def delete(self, request: DeleteRequest) -> None:
        if not _is_midway(request):
            super().delete(request)
        with _file() as file:
            if request.physical_id is not None:
                file.execute("DELETE FROM things WHERE id = ?", (request.physical_id,))
            else:
                for ident in _marked(file, request):
                    file.execute("DELETE FROM things WHERE id = ?", (ident,))
        super().delete(request)


def _is_midway(request: CreateRequest | DeleteRequest) -> bool:
    return (request.rehearsal.fail or "").startswith(MIDWAY)


def _write(request: UpdateRequest) -> None:
    with _file() as file:
        said = (_json(request.wanted), request.physical_id)
        file.execute("UPDATE things SET properties = ? WHERE id = ?", said)


def _json(request: CreateRequest) -> str:
    return json.dumps(dict(request.properties), sort_keys=True)


def _marked(file: sqlite3.Connection, request: CreateRequest | DeleteRequest) -> list[str]:
    mark = (request.execution_id, request.resource)
    return [
        row[0]
        for row in file.execute("SELECT id FROM things WHERE execution = ? AND resource = ?", mark)
    ]


@contextmanager
def _file(path: str | None = None) -> Iterator[sqlite3.Connection]:
    file = sqlite3.connect(path or os.environ[FILE], timeout=30)
    try:
        with file:
            file.execute(
                "CREATE TABLE IF NOT EXISTS things "
                "(id TEXT PRIMARY KEY, execution TEXT, resource TEXT, type TEXT, properties TEXT)"
            )
            file.execute("BEGIN IMMEDIATE")
            yield file
    finally:
        file.close()


def things(path: Path) -> list[Thing]:
    """All that exists."""
    return _things(path, "")


def made(path: Path, execution: str) -> list[Thing]:
    """What was made in an execution's name."""
    return _things(path, "WHERE execution = ?", execution)


def _things(path: Path, which: str, *values: str) -> list[Thing]:
    columns = "id, resource, type, properties, execution"
    with _file(str(path)) as file:
        rows = file.execute(f"SELECT {columns} FROM things {which}", values).fetchall()
    return [Thing(row[0], row[1], row[2], json.loads(row[3]), row[4]) for row in rows]


def lose(path: Path, ident: str) -> None:
    """Take a thing away."""
    with _file(str(path)) as file:
        file.execute("DELETE FROM things WHERE id = ?", (ident,))


def install() -> None:
    """Have this process's rehearsals make things in the file."""
    making.RehearseProvider = FileCloud  # type: ignore[misc]
