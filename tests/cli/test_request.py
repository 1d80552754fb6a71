"""Options that are badly written are told, without what could be a secret."""

from __future__ import annotations

import pytest

from cli.command import wfbreak

BAD_INPUT = 3


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("db_password=hunter2", "--parameter-secret db_password: it takes NAME= and a secret's id"),
        ("hunter2", "--parameter-secret: it takes NAME= and a secret's id"),
    ],
)
def test_a_secret_that_is_none_is_not_shown(option: str, words: str) -> None:
    answer = wfbreak("translate", "web.yaml", "--parameter-secret", option)
    assert answer.status == BAD_INPUT
    assert words in answer.err
    assert "hunter2" not in answer.out + answer.err
