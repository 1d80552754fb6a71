"""A stack's workflows as one text and as several."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from wfbreak import parts
from wfbreak.translate.document import dump

NAMES = st.from_regex(r"[a-zA-Z][a-zA-Z0-9_.-]{0,254}", fullmatch=True)


@given(st.dictionaries(NAMES.filter(lambda n: n != "version"), st.text(), min_size=1, max_size=4))
def test_split_and_whole_again(bodies: dict[str, str]) -> None:
    workflows = {name: {"description": text, "tasks": {"a": {}}} for name, text in bodies.items()}
    text = dump({"version": "2.0", **workflows})
    texts = parts.split(text)
    assert [yaml.safe_load(each) for each in texts] == [
        {"version": "2.0", name: body} for name, body in workflows.items()
    ]
    assert parts.whole(texts) == text


def test_wherever_the_version_is() -> None:
    text = "a:\n  tasks: {}\n'version': '2.0'\nversions:\n  tasks: {}\n"
    first, second = map(yaml.safe_load, parts.split(text))
    assert (list(first), list(second)) == (["version", "a"], ["version", "versions"])


def test_a_single_workflow_stays_as_it_is_written() -> None:
    text = "# Why.\n---\nversion: '2.0'\n# What.\na:\n  tasks: {}\n"
    assert parts.split(text) == [text]


def test_without_parts_nothing_is_joined() -> None:
    body = {"tasks": {"a": {"action": "std.noop"}}, "output": {"x": "<% task(a).result %>"}}
    assert parts.joined(body, {}) == body


def test_keys_of_properties_are_nobodys_expressions() -> None:
    body = {"input": {"<% a %>": "<% a %>"}, "on-success": ["x", {"<% a %>": "<% a %>"}]}
    assert parts.rewritten(body, lambda _: "new") == {
        "input": {"<% a %>": "new"},
        "on-success": ["x", {"new": "new"}],
    }
