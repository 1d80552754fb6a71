"""All stacks at a glance, and a stack's page, on a Mistral with Keystone: one's project's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from ui.serving import TWO, UiProcess

from cloud.lab.identity import MEMBER
from cloud.person import Person

TIMEOUT = 60


@pytest.fixture
def stopped(as_member: Person, tmp_path: Path) -> Iterator[str]:
    """The member's stack at its breakpoint; the execution's id."""
    (tmp_path / "t.yaml").write_text(TWO)
    rehearsed = ("--provider", "rehearse", "--break", "last", "-f", "json")
    answer = as_member.wfbreak("run", "t.yaml", *rehearsed, cwd=tmp_path)
    assert answer.status == 5, answer.err
    execution = str(json.loads(answer.out)["execution"])
    yield execution
    as_member.wfbreak("cancel", execution)


def entered(ui: UiProcess) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.get(ui.address, timeout=TIMEOUT).raise_for_status()
    return session


def pages(person: Person) -> UiProcess:
    return UiProcess("--os-cloud", person.account.entry, **person.variables)


def test_a_member_decides_on_a_page(as_member: Person, stopped: str) -> None:
    with pages(as_member) as ui:
        session = entered(ui)
        assert stopped in session.get(ui.root, timeout=TIMEOUT).text
        url = f"{ui.root}/stacks/{stopped}"
        page = session.get(url, timeout=TIMEOUT).text
        assert "It stands at last:pre-create" in page
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        said = {"csrf_token": token[1], "which": "all", "reason": "looks good"}
        answer = session.post(f"{url}/resume", said, timeout=TIMEOUT)
        assert answer.ok, answer.text
    assert as_member.wfbreak("wait", stopped).status == 0
    trail = json.loads(as_member.wfbreak("audit", stopped, "-f", "json").out)
    (resumed,) = [each for each in trail if each["event"] == "resume"]
    assert resumed["who"].startswith(f"{MEMBER.user} (")
    assert resumed["why"] == "looks good"


def test_a_stranger_sees_none_of_it(as_other_member: Person, stopped: str) -> None:
    with pages(as_other_member) as ui:
        session = entered(ui)
        assert stopped not in session.get(ui.root, timeout=TIMEOUT).text
        assert session.get(f"{ui.root}/stacks/{stopped}", timeout=TIMEOUT).status_code == 404
    assert stopped not in as_other_member.wfbreak("top", "-f", "json").out


def test_top(as_member: Person, stopped: str) -> None:
    found = json.loads(as_member.wfbreak("top", "-f", "json", "--only", "paused").out)
    (row,) = [each for each in found if each["execution"] == stopped]
    assert (row["stands at"], row["done"], row["resources"]) == (["last:pre-create"], 2, 3)
