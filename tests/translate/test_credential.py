"""A stack in a cloud begins with the task that makes the execution's own credential."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from translate.support import made, write
from wfbreak.diagnostics import Diagnostics
from wfbreak.providers import parse
from wfbreak.translate import Mode, Translation
from wfbreak.translate.verify import verify

TEMPLATE = """
    heat_template_version: 2018-08-31
    parameters:
      label: {type: string}
    resources:
      credential:
        type: OS::Heat::Value
        properties: {value: {get_param: label}}
      net:
        type: OS::Neutron::Net
      last:
        type: OS::Neutron::Net
        depends_on: net
    """
"""One of its resources has the task's name."""

REAL = (parse("OS::Neutron::*=openstack"),)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, template=TEMPLATE)
    return tmp_path


def tasks_of(translation: Translation) -> dict[str, Any]:
    return copy.deepcopy(dict(translation.document["stack"]["tasks"]))


def makers(tasks: dict[str, Any]) -> list[str]:
    return [name for name, task in tasks.items() if task["action"] == "wfbreak.credential"]


def test_a_rehearsal_has_none(folder: Path) -> None:
    tasks = tasks_of(made(folder))
    assert makers(tasks) == []
    assert all("credential" not in task.get("input", {}) for task in tasks.values())


def test_it_comes_after_the_parameters_and_before_all_else(folder: Path) -> None:
    """What the parameters refuse leaves nothing behind in the cloud."""
    tasks = tasks_of(made(folder, providers=REAL))
    (maker,) = makers(tasks)
    assert maker == "credential_2"  # the resource has its own name
    assert tasks["parameters"]["on-success"] == [maker]
    assert sorted(tasks[maker]["on-success"]) == ["credential", "net"]
    assert tasks[maker]["publish"] == {"credential": "<% wfbreak_credential(task().result) %>"}


def test_what_is_real_has_it_and_nothing_else_does(folder: Path) -> None:
    tasks = tasks_of(made(folder, providers=REAL))
    expression = "<% task('credential_2').result.credential %>"
    assert tasks["net"]["input"]["credential"] == expression
    assert tasks["last"]["input"]["credential"] == expression
    assert "credential" not in tasks["credential"]["input"]


def test_step_mode_has_it_first(folder: Path) -> None:
    tasks = tasks_of(made(folder, providers=REAL, mode=Mode.STEP))
    (maker,) = makers(tasks)
    assert tasks["parameters"]["on-success"] == [maker]
    (first,) = [clause for clause in tasks[maker]["on-success"] if isinstance(clause, str)]
    assert tasks[first]["action"] == "wfbreak.breakpoint"


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("breaks", [(), ("net",), ("last", "credential")])
def test_the_proof_wants_it(folder: Path, mode: Mode, breaks: tuple[str, ...]) -> None:
    """Without the task, or with a resource beside it, the workflow is refused."""
    translation = made(folder, providers=REAL, mode=mode, breaks=breaks)
    assert problems(translation, tasks_of(translation)) == []
    tasks = tasks_of(translation)
    (maker,) = makers(tasks)
    tasks[maker]["action"] = "std.noop"
    assert "0 tasks make a credential for 2 that need it" in problems(translation, tasks)
    tasks = tasks_of(translation)
    del tasks[maker]["on-success"]
    assert f"'net' does not wait for '{maker}'" in problems(translation, tasks)


def problems(translation: Translation, tasks: dict[str, Any]) -> list[str]:
    diagnostics = Diagnostics()
    names = {step: str(getattr(step, "name", step)) for step in translation.plan.order}
    verify({"tasks": tasks}, translation.plan, names, diagnostics)
    return [finding.message for finding in diagnostics]
