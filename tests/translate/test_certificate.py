"""Each construct in its place: exact, approximated and how, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from translate.support import HEAD_OF_TESTS, made, refused, write
from wfbreak.diagnostics import Code, Diagnostics, InputError
from wfbreak.translate import Request, certify, translate
from wfbreak.translate.certificate import Certificate, Verdict
from wfbreak.translate.constructs import APPROXIMATED

GOLDEN = Path(__file__).parent / "golden"


def certified(request: Request) -> Certificate:
    try:
        diagnostics: Diagnostics = translate(request).diagnostics
    except InputError as error:
        diagnostics = error.diagnostics
    return certify(request, diagnostics)


def test_every_file_is_looked_at() -> None:
    folder = GOLDEN / "nested"
    request = Request(str(folder / "template.yaml"), (str(folder / "env.yaml"),))
    found = certified(request)
    files = {Path(e.position.file).name for e in found.entries if e.position}
    assert files == {"template.yaml", "env.yaml", "web.yaml"}
    assert [e.construct for e in found.of(Verdict.APPROXIMATED)] == [
        "type:OS::Heat::AutoScalingGroup"
    ]
    constructs = {e.construct for e in found.of(Verdict.EXACT)}
    assert {"function:str_replace", "hook:pre-create", "constraint:length"} <= constructs


def test_cloudformation() -> None:
    found = certified(Request(str(GOLDEN / "cfn" / "template.yaml")))
    assert {e.construct for e in found.of(Verdict.APPROXIMATED)} == {
        "function:Fn::GetAZs",
        "parameter:AWS::StackId",
    }


CASES: dict[str, Any] = {
    "parameter:OS::stack_id": "outputs:\n  o: {value: {get_param: 'OS::stack_id'}}  #!\n",
    "function:get_attr of all attributes": "resources:\n  a: {type: T}\n"
    "outputs:\n  o: {value: {get_attr: [a]}}  #!\n",
    "constraint:custom_constraint nova.flavor": "parameters:\n  p:\n    type: string\n"
    "    constraints:\n      - custom_constraint: nova.flavor  #!\n",
    "type:OS::Heat::AutoScalingGroup": "resources:\n  g:\n    type: OS::Heat::ResourceGroup\n"
    "    properties:\n      resource_def:\n        type: OS::Heat::AutoScalingGroup  #!\n"
    "        properties: {min_size: 1, max_size: 1, resource: {type: T}}\n",
    "property:concurrent of OS::Heat::ResourceChain": "resources:\n  c:\n"
    "    type: OS::Heat::ResourceChain\n    properties:\n      resources: [T]\n"
    "      concurrent: true  #!\n",
    "type:OS::Heat::Stack with a context": "resources:\n  s:\n    type: OS::Heat::Stack  #!\n"
    "    properties: {template: x, context: {region_name: r}}\n",
}


@pytest.mark.parametrize("construct", CASES)
def test_what_is_approximated(construct: str, tmp_path: Path) -> None:
    text = HEAD_OF_TESTS + CASES[construct]
    line = next(n for n, t in enumerate(text.splitlines(), 1) if t.endswith("#!"))
    write(tmp_path, template=text)
    found = certified(Request(str(tmp_path / "template.yaml")))
    (entry,) = found.of(Verdict.APPROXIMATED)
    assert entry.construct == construct
    assert entry.note
    assert entry.position is not None
    assert entry.position.line == line
    made(tmp_path)
    (finding,) = refused(tmp_path, strict=True)
    assert finding.code is Code.STRICT
    assert finding.position == entry.position


def test_what_is_refused(tmp_path: Path) -> None:
    write(
        tmp_path,
        template=HEAD_OF_TESTS + "outputs:\n  o: {value: {get_param: 'OS::region'}}\n",
    )
    found = certified(Request(str(tmp_path / "template.yaml")))
    (entry,) = found.of(Verdict.REFUSED)
    assert entry.position is not None
    assert entry.position.line == 3


def test_each_approximation_says_how() -> None:
    assert all(APPROXIMATED.values())
