"""What is hidden in a file is not in what is shown of it; everything else is, line by line."""

from __future__ import annotations

import string

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from wfbreak.report.hiding import Unreadable, hidden_names, hide

SECRET = "dftK3zebra8crossing"


def shown(text: str, *more: str) -> str:
    files = {"t": text, **{str(n): each for n, each in enumerate(more)}}
    safe = hide(files, hidden_names(files.values()))
    assert safe["t"].count("\n") == text.count("\n")
    return safe["t"]


@pytest.mark.parametrize(
    "declared",
    [
        f"p: {{type: string, hidden: true, default: {SECRET}}}",
        f"p: {{type: string, default: '{SECRET}', hidden: yes}}",
        f"p:\n    type: string\n    hidden: 'True'\n    default: |\n      {SECRET}\n      more",
        f"p:\n    type: string\n    hidden: true\n    default: >-\n      one\n\n      {SECRET}",
        f'p: {{"type": "string", "hidden": true, "default": "{SECRET}"}}',
        f"p: {{type: json, hidden: true, default: {{a: [x, {{b: {SECRET}}}]}}}}",
        f"p: {{type: comma_delimited_list, hidden: true, default: 'one,{SECRET}'}}",
        f"p: {{type: string, hidden: true, constraints: [{{allowed_values: [a, {SECRET}]}}]}}",
        f"p: {{type: string, hidden: true, constraints: [{{allowed_pattern: {SECRET}}}]}}",
        f"q: {{type: T, default: &d {SECRET}}}\n  p: {{type: T, hidden: true, default: *d}}",
        f"p: &m {{type: string, hidden: true, default: {SECRET}}}\n  q: {{<<: *m}}",
        f"# it was {SECRET} before\n  p: {{type: string, hidden: true, default: {SECRET}}}",
    ],
)
def test_a_default(declared: str) -> None:
    text = f"heat_template_version: 2021-04-16\nparameters:\n  {declared}\nresources: {{}}\n"
    yaml.safe_load(text)
    assert SECRET in text
    safe = shown(text)
    assert SECRET not in safe
    assert "parameters:" in safe
    assert "type: string" in safe or "type" in safe


def test_where_else_its_value_may_stand() -> None:
    template = (
        "heat_template_version: 2021-04-16\n"
        "parameters:\n  p: {type: string, hidden: true}\n  open: {type: string}\n"
        f"resources:\n  inner: {{type: inner.yaml, properties: {{p: {SECRET}, open: seen}}}}\n"
        "  other: {type: inner.yaml, properties: {p: {get_param: p}, open: seen}}\n"
    )
    safe = shown(template)
    assert SECRET not in safe
    assert "p: {get_param: p}" in safe
    assert safe.count("open: seen") == 2
    for environment in (
        f"parameters: {{p: {SECRET}, open: seen}}\n",
        f"parameter_defaults:\n  p: '{SECRET}'\n  open: seen\n",
        f"encrypted_param_names: [e]\nparameters:\n  e: {SECRET}\n  open: seen\n",
    ):
        safe = shown(environment, template)
        assert SECRET not in safe
        assert "open: seen" in safe
    # What the one file has as its secret is hidden in the others.
    assert SECRET not in shown(f"x: [a, 'user:{SECRET}']\n", template)


def test_a_cfn_template() -> None:
    text = (
        '{"AWSTemplateFormatVersion": "2010-09-09", "Parameters": {"P": {"Type": "String", '
        f'"NoEcho": "true", "Default": "{SECRET}", "AllowedValues": ["{SECRET}", "q"]}}}}}}\n'
    )
    safe = shown(text)
    assert SECRET not in safe
    assert '"NoEcho": "true"' in safe


def test_what_is_not_hidden_stays() -> None:
    text = (
        "heat_template_version: 2021-04-16\nparameters:\n"
        "  p: {type: number, hidden: true, default: 5, constraints: [{range: {min: 1, max: 9}}]}\n"
        "  q: {type: string, hidden: false, default: seen}\n"
        "resources: {r: {type: T, properties: {count: 5, on: true}}}\n"
    )
    safe = shown(text)
    assert safe == text.replace("default: 5", "default: ******")


LETTERS = st.text(string.ascii_letters + "äß'\"\\:#{}[]&*!|>%@ \n", min_size=4, max_size=40)


@settings(deadline=None)
@given(LETTERS, st.sampled_from(['"', "'", "|", "json"]))
def test_any_text_in_any_style(secret: str, style: str) -> None:
    secret = f"k7{secret}7k"
    if style == "json":
        import json

        value = json.dumps(secret)
    elif style == "|":
        value = yaml.dump(secret, default_style="|").strip().replace("\n", "\n      ")
    else:
        value = yaml.dump(secret, default_style=style, width=10_000).strip()
    text = (
        "parameters:\n  p:\n    type: string\n    hidden: true\n"
        f"    default: {value}\nresources: {{}}\n"
    )
    if yaml.safe_load(text)["parameters"]["p"]["default"].strip() != secret.strip():
        return
    safe = shown(text)
    assert "k7" not in safe
    assert "7k" not in safe
    assert safe.startswith("parameters:\n  p:\n    type: string\n    hidden: true\n    default: ")
    assert safe.endswith("resources: {}\n")


def test_what_cannot_be_read_is_not_shown() -> None:
    with pytest.raises(Unreadable):
        hidden_names(["a: ["])
    assert hide({"t": "a: [", "u": "a: 1\n"}, []) == {"u": "a: 1\n"}
    bomb = "a: &a [x, x, x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(12)
    )
    assert hide({"t": bomb}, {"x"}) == {"t": bomb}


def test_the_mark_of_an_editor() -> None:
    text = f"\ufeffparameters: {{p: {{type: string, hidden: true, default: {SECRET}}}}}\n"
    safe = shown(text)
    assert safe == "parameters: {p: {type: string, hidden: true, default: ******}}\n"
