"""Options that are badly written are told, without what could be a secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.command import wfbreak

BAD_INPUT = 3
PARTS = ["web", "web.part-1", "web.part-2", "web.part-3"]


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


def test_limits_of_another_cloud(tmp_path: Path) -> None:
    template = tmp_path / "web.yaml"
    template.write_text(
        "heat_template_version: 2018-08-31\nresources: {a: {type: T}, b: {type: T}}"
    )
    for option, value, status in (
        ("--max-resources", "1", BAD_INPUT),
        ("--max-resources", "2", 0),
        ("--max-resources", "-1", 0),
        ("--max-template-size", "10", BAD_INPUT),
        ("--max-template-size", "-1", 0),
    ):
        answer = wfbreak("translate", str(template), option, value)
        assert answer.status == status, (option, value, answer.err)
        if status:
            assert option in answer.err


@pytest.mark.parametrize("value", ["0", "-2", "many"])
def test_a_limit_that_is_none(value: str) -> None:
    answer = wfbreak("translate", "web.yaml", "--max-resources", value)
    assert f"'{value}' is neither -1 nor a number above 0" in answer.err


@pytest.mark.parametrize("value", ["0", "1", "-2", "fine"])
def test_parts_that_are_none(value: str) -> None:
    answer = wfbreak("translate", "web.yaml", "--partition", value)
    assert answer.status == 2
    assert f"'{value}' is neither auto nor off nor a number from 2 on" in answer.err


@pytest.mark.parametrize(("value", "names"), [("auto", ["web"]), ("off", ["web"]), ("9", PARTS)])
def test_parts(value: str, names: list[str]) -> None:
    answer = wfbreak("translate", "web.yaml", "-e", "env.yaml", "--partition", value)
    assert answer.status == 0, answer.err
    assert list(yaml.safe_load(answer.out)) == ["version", *names]
    drawn, whole = (
        json.loads(wfbreak("graph", "web.yaml", "-e", "env.yaml", *asked, "-f", "json").out)
        for asked in (("--partition", value), ())
    )
    assert _parts_of(drawn) == _parts_of(whole)


def _parts_of(drawn: dict[str, Any]) -> dict[str, Any]:
    """What is drawn, in whatever order."""
    return {
        key: sorted(map(repr, said)) if isinstance(said, list) else said
        for key, said in drawn.items()
    }
