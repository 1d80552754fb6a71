"""Parameters whose values lie in a key manager: hidden inputs, not known while translating."""

from __future__ import annotations

from pathlib import Path

import pytest

from translate.support import made, refused, write
from wfbreak.diagnostics import Code
from wfbreak.providers import parse

IDENT = "5956de4f-7d2b-41b2-b6a2-3da4af74a7e5"
REAL = (parse("openstack"),)

TEMPLATE = """
    heat_template_version: 2018-08-31
    parameters:
      password: {type: string, default: shown}
      other: {type: string}
    resources:
      one: {type: OS::Heat::Value, properties: {value: {get_param: password}}}
    """


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, template=TEMPLATE)
    return tmp_path


def test_it_is_an_input_that_is_given_hidden_whatever_the_template_says(folder: Path) -> None:
    translation = made(folder, secrets={"password": IDENT}, providers=REAL)
    assert translation.secrets == {"password": IDENT}
    assert translation.missing == ("other",)
    assert translation.inputs == {}
    text = translation.text()
    assert IDENT not in text
    assert "shown" not in text
    (checked,) = [
        task["input"]["declared"]["password"]
        for task in translation.document["stack"]["tasks"].values()
        if task["action"] == "wfbreak.parameters"
    ]
    assert checked["hidden"] is True


def test_a_rehearsal_has_none(folder: Path) -> None:
    (finding,) = refused(folder, secrets={"password": IDENT})
    assert finding.code is Code.PARAMETER_SECRET
    assert "a rehearsal has no key manager to fetch password from" in finding.message


def test_it_is_given_once(folder: Path) -> None:
    write(folder, env="parameters: {password: topsecret}\n")
    for given in ({"options": {"password": "topsecret"}}, {"environments": ["env.yaml"]}):
        (finding,) = refused(folder, secrets={"password": IDENT}, providers=REAL, **given)
        assert finding.code is Code.PARAMETER_SECRET
        assert "topsecret" not in finding.render()


def test_a_default_of_an_environments_does_not_count(folder: Path) -> None:
    write(folder, env="parameter_defaults: {password: elsewhere}\n")
    secrets = {"password": IDENT}
    translation = made(folder, secrets=secrets, providers=REAL, environments=["env.yaml"])
    assert translation.secrets == secrets
    assert "elsewhere" not in translation.text()


def test_the_template_must_have_the_parameter(folder: Path) -> None:
    (finding,) = refused(folder, secrets={"pasword": IDENT}, providers=REAL)
    assert finding.code is Code.PARAMETER_UNKNOWN
    assert "'pasword', which the command line gives" in finding.message


def test_a_condition_cannot_read_it(tmp_path: Path) -> None:
    head, _, rest = TEMPLATE.partition("    resources:")
    condition = "    conditions: {c: {equals: [{get_param: password}, x]}}\n"
    write(tmp_path, template=f"{head}{condition}    resources:{rest}")
    findings = refused(tmp_path, secrets={"password": IDENT}, providers=REAL)
    (finding,) = [f for f in findings if f.code is Code.PARAMETER_SECRET]
    assert "it lies in a key manager" in finding.message
