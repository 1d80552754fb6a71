"""How a person names a secret of a key manager's."""

from __future__ import annotations

import pytest

from wfbreak.key_manager import secret_id

IDENT = "5956de4f-7d2b-41b2-b6a2-3da4af74a7e5"


@pytest.mark.parametrize(
    "text",
    [
        IDENT,
        IDENT.upper(),
        f" {IDENT}\n",
        f"https://keys.example:9311/v1/secrets/{IDENT}",
        f"http://elsewhere/secrets/{IDENT}/",
    ],
)
def test_only_the_id_counts(text: str) -> None:
    assert secret_id(text) == IDENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hunter2",
        IDENT[:-1],
        f"{IDENT}0",
        f"{IDENT}/payload",
        f"https://keys.example/v1/containers/{IDENT}",
        f"https://keys.example/v1/secrets/{IDENT}/payload",
        f"https://keys.example/v1/secrets/{IDENT}?a=b",
        f"file:///v1/secrets/{IDENT}",
        f"{IDENT} {IDENT}",
    ],
)
def test_nothing_else_is_taken_or_shown(text: str) -> None:
    with pytest.raises(ValueError, match="a secret's id") as error:
        secret_id(text)
    assert not text or text not in str(error.value)
