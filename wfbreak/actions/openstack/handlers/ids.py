"""Ids, told from the names that may stand in their place."""

from __future__ import annotations

from uuid import UUID


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
