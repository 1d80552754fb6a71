"""``wfbreak report`` of stacks on a real engine: what a reader learns of the page, and does not."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from engine.process import EngineProcess

from cli.command import EXAMPLE, PASSWORD, run_example, wfbreak
from cli.written import forms
from wfbreak.engine.model import Execution, State, Workflow
from wfbreak.report import sources
from wfbreak.status import build
from wfbreak.translate import Request, translate

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with EngineProcess(tmp_path_factory.mktemp("report") / "state") as engine:
        yield engine.state


def report(execution: str, state: Path, *more: str | Path, cwd: Path = EXAMPLE) -> str:
    answer = wfbreak("report", execution, "--state", state, *more, cwd=cwd)
    assert answer.status == 0, answer.err
    return answer.out


def answers(page: str) -> dict[str, str]:
    """The questions of the page and its answers, as text."""
    found = re.findall(r"<dt>([^<]*\?)</dt><dd>(.*?)</dd>", page, re.DOTALL)
    return {q: html.unescape(re.sub(r"<[^>]*>", "", a)) for q, a in found}


def execution_of(out: str) -> str:
    return str(json.loads(out)["execution"])


@pytest.fixture(scope="module")
def twice(state: Path) -> tuple[str, str, str, str]:
    """An execution, and its pages at its first stop, its second, and its end."""
    asked = ("-f", "json", "--break", "member1:post-create", "--reason", "the first <try>")
    execution = execution_of(run_example(state, *asked).out)
    first = report(execution, state)
    assert wfbreak("resume", execution, "--state", state, "--reason", "db & all").status == 5
    second = report(execution, state)
    assert wfbreak("resume", execution, "--state", state).status == 0
    return execution, first, second, report(execution, state)


def test_at_a_stop_it_answers_what_a_reader_asks(twice: tuple[str, str, str, str]) -> None:
    execution, first, second, _ = twice
    found = answers(first)
    assert found["What is it waiting for?"] == (
        "For somebody to resume it. It stands at db:pre-create, before db is created."
    )
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, for .* when this was written\.", found["Since when?"]
    )
    set_by = found["Who set it?"]
    assert set_by.startswith("db:pre-create was set by env.yaml:7:14. The stack was started (run)")
    assert set_by.endswith("Z, because: the first <try>.")
    exists = found["What exists?"]
    assert exists.startswith("14 of 20 resources: app_net, app_subnet, db_net,")
    assert exists.endswith("pool, public_ip.")
    assert found["What will happen when I resume?"] == (
        "6 resources are created: db, db_attachment, web1, web2, member1, member2. "
        "Then it stops at member1:post-create, after member1 is created; "
        "then nothing is left to do."
    )
    assert found["How do I resume it?"] == f"wfbreak resume {execution}"
    found = answers(second)
    assert "at member1:post-create, after member1 is created" in found["What is it waiting for?"]
    assert "was set by --break member1:post-create." in found["Who set it?"]
    assert found["What will happen when I resume?"] == (
        "No resource is dealt with before that. "
        "Then the stack is done: there is no breakpoint ahead."
    )


def test_at_the_end(twice: tuple[str, str, str, str]) -> None:
    found = answers(twice[3])
    assert found["What is it waiting for?"] == "For nothing: it has ended (SUCCESS)."
    assert found["Since when?"].startswith("It ended at 20")
    assert found["What exists?"].startswith("20 of 20 resources: ")
    assert "What will happen when I resume?" not in found
    assert '<section id="outputs"' in twice[3]
    assert '<section id="outputs"' not in twice[1]


def test_what_a_pause_was(twice: tuple[str, str, str, str]) -> None:
    (pause,) = re.findall(r"<li>Paused for .*?</li>", twice[1])
    assert "so far" in pause
    first, second = re.findall(r"<li>Paused for .*?</li>", twice[3])
    text = html.unescape(re.sub(r"<[^>]*>", "", first))
    assert re.search(
        r"^Paused for .*, from .*Z, at db:pre-create, to .*Z: resume by .+ \(db & all\)\.$", text
    )
    assert "at <a" in second
    assert "so far" not in second


def test_everything_leads_somewhere(twice: tuple[str, str, str, str]) -> None:
    for page in twice[1:]:
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids))
        targets = {html.unescape(t) for t in re.findall(r'href="#([^"]*)"', page)}
        assert targets <= set(ids)
        # A resource's box leads to its row and its line, the row to both, the line to the box.
        (box,) = re.findall(r'<g class="[^"]*" data-id="db" id="([^"]+)">.*?</g>', page)
        (inside,) = re.findall(rf'id="{box}">(.*?)</g>', page, re.DOTALL)
        row, line = re.findall(r'href="#([^"]+)"', inside)
        (of_row,) = re.findall(rf'<details id="{row}".*?</details>', page, re.DOTALL)
        assert f'href="#{line}"' in of_row
        assert f'href="#{box}"' in of_row
        (of_line,) = re.findall(rf'<li id="{line}".*?</li>', page, re.DOTALL)
        assert f'href="#{box}"' in of_line
        assert "<code>  db:</code>" in of_line


def test_nothing_of_it_is_from_elsewhere(twice: tuple[str, str, str, str]) -> None:
    for page in twice[1:]:
        assert not re.findall(r'(?:src|href|action|data|poster)="(?!#)', page)
        assert set(re.findall(r"url\((.)", page)) == {"#"}
        assert "@import" not in page
        assert "default-src &#39;none&#39;" in page


def test_what_failed(state: Path) -> None:
    answer = run_example(
        state, "-f", "json", "--no-break", "db", "--rehearse", "web1:fail=no more room"
    )
    assert answer.status == 4, answer.err
    execution = execution_of(answer.out)
    page = report(execution, state)
    found = answers(page)
    assert found["What is it waiting for?"].startswith(
        "For nothing: it has failed. web1 has failed: "
    )
    assert f"wfbreak retry {execution}" in found["What can I do?"]
    assert f"wfbreak skip {execution} web1" in found["What can I do?"]
    assert "s-failed" in page


SMALL = """\
heat_template_version: 2021-04-16
resources:
  a: {type: OS::Heat::RandomString}
  b: {type: OS::Heat::RandomString, depends_on: a}
"""


def test_other_ends(state: Path, tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(SMALL)

    def run(*more: str) -> str:
        answer = wfbreak("run", "t.yaml", *more, "-f", "json", "--state", state, cwd=tmp_path)
        return execution_of(answer.out)

    def said(execution: str) -> dict[str, str]:
        return answers(report(execution, state, cwd=tmp_path))

    aborted = said(run("--break", "b", "--mode", "abort"))
    assert "It stands at b:pre-create, before b is created." in aborted["What is it waiting for?"]
    assert aborted["What will happen when I resume?"].startswith("1 resource is created: b.")
    stepping = said(run("--mode", "step"))
    assert "a:pre-create is where a step ends." in stepping["Who set it?"]
    assert "wfbreak step goes on by one resource." in stepping["What will happen when I resume?"]
    cancelled = run("--break", "b")
    assert wfbreak("cancel", cancelled, "--reason", "wrong one", "--state", state).status == 0
    assert said(cancelled)["What is it waiting for?"].endswith("wrong one.")
    assert run("--name", "going")
    wfbreak("delete", "going", "--break", "a", "--state", state)
    going = said("going")
    assert going["What exists?"] == "1 of 2 resources, which are to be deleted: a. Deleted: b."
    assert going["What will happen when I resume?"].startswith("1 resource is deleted: a.")


SECRETS = {
    "default": "dftK3zebra8crossing",
    "given": "gvnK3zebra8crossing",
    "inner": "innK3zebra8crossing",
    "environment": "envK3zebra8crossing",
}
TEMPLATE = f"""\
heat_template_version: 2021-04-16
parameters:
  default: {{type: string, hidden: true, default: {SECRETS["default"]}}}
  given: {{type: string, hidden: true}}
  environment: {{type: string, hidden: true}}
  seen: {{type: string, default: visibleQ7giraffe}}
resources:
  a:
    type: OS::Heat::Value
    properties: {{value: [{{get_param: default}}, {{get_param: given}}, {{get_param: seen}}]}}
  b: {{type: inner.yaml, properties: {{inner: {SECRETS["inner"]}}}}}
  c: {{type: OS::Heat::Value, properties: {{value: {{get_attr: [a, value]}}}}}}
  d: {{type: OS::Heat::RandomString, depends_on: c}}
outputs:
  all: {{value: [{{get_attr: [a, value]}}, {{get_param: environment}}, {{get_attr: [d, value]}}]}}
"""
INNER = """\
heat_template_version: 2021-04-16
parameters: {inner: {type: string, hidden: true}}
resources: {x: {type: OS::Heat::Value, properties: {value: {get_param: inner}}}}
"""
ENVIRONMENT = f"""\
parameters: {{environment: {SECRETS["environment"]}}}
resource_registry: {{resources: {{d: {{hooks: pre-create}}}}}}
"""


def test_no_secret_is_in_it(state: Path, tmp_path: Path) -> None:
    (tmp_path / "secrets.yaml").write_text(TEMPLATE)
    (tmp_path / "inner.yaml").write_text(INNER)
    (tmp_path / "env.yaml").write_text(ENVIRONMENT)
    asked = ("secrets.yaml", "-e", "env.yaml", "-P", f"given={SECRETS['given']}", "-f", "json")
    ran = wfbreak("run", *asked, "--state", state, cwd=tmp_path)
    assert ran.status == 5, ran.err
    execution = execution_of(ran.out)
    stopped = report(execution, state, cwd=tmp_path)
    assert wfbreak("resume", execution, "--state", state).status == 0
    done = report(execution, state, cwd=tmp_path)
    for page in (stopped, done):
        written = page.encode()
        for name, secret in SECRETS.items():
            for form in forms(secret):
                assert form not in written, name
        # The same places do show what is not hidden, and that something is.
        for file in ("secrets.yaml", "inner.yaml", "env.yaml"):
            assert f"<bdi>{file}</bdi>" in page
        assert page.count("visibleQ7giraffe") >= 2
        assert "default: ******" in page
        assert '<section id="certificate"' in page
    assert "******" in done[done.index('<section id="outputs"') :]


def test_a_file_that_has_changed_is_told(state: Path, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "web")
    execution = execution_of(run_example(state, "-f", "json").out)
    lines = (tmp_path / "web" / "web.yaml").read_text().splitlines(keepends=True)
    (tmp_path / "web" / "web.yaml").write_text("".join(["# new\n", *lines]))
    page = report(execution, state, cwd=tmp_path / "web")
    assert "This file has changed since" in page
    assert "There is none here" in page  # no certificate of what was not translated
    assert 'href="#f0-' not in page
    page = report(execution, state, cwd=tmp_path)
    assert "Not shown: web.yaml cannot be read: No such file" in page
    page = report(execution, state, "--sources", EXAMPLE, cwd=tmp_path)
    assert "<code>  db:</code>" in page
    page = report(execution, state, "--no-sources", cwd=tmp_path)
    assert "No file is shown." in page
    assert "<code>  db:</code>" not in page


def test_a_stranger_s_workflow_shows_no_file_of_mine(state: Path, tmp_path: Path) -> None:
    """Whoever starts a stack says which files it is of; a report shows none from elsewhere."""
    mine = tmp_path / "mine"
    theirs = mine / "work"
    theirs.mkdir(parents=True)
    (mine / "private.yaml").write_text("parameters: {key: mineK3zebra8crossing}\n")
    (theirs / "notes.yaml").write_text("key: mineK3zebra8crossing\n")
    (theirs / "link.yaml").symlink_to(mine / "private.yaml")

    (theirs / "t.yaml").write_text(
        "heat_template_version: 2021-04-16\nresources: {a: {type: OS::Heat::RandomString}}\n"
    )
    made = translate(Request(str(theirs / "t.yaml")))
    workflow = Workflow("w", made.name, "", made.text())
    execution = Execution("e", made.name, "", "w", "", State.PAUSED, None, datetime.now(UTC), None)
    status = build(execution, workflow, {})
    for name in ("../private.yaml", str(mine / "private.yaml"), "notes.yaml", "link.yaml"):
        strange = replace(status, resources=(replace(status.resources[0], source=f"{name}:1:1"),))
        found = sources.read(strange, [], theirs)
        assert [(f.name, f.lines) for f in found.files] == [(name, ())]
        assert found.files[0].missing


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("nowhere",), 7, "there is no execution and no stack 'nowhere'"),
        (("{}", "-o", "no/such/file.html"), 3, "cannot write no/such/file.html"),
        (("{}", "--sources", "no/such/folder"), 3, "there is no such folder"),
        (("{}", "-e", "nothing.yaml"), 3, "nothing.yaml cannot be read"),
    ],
)
def test_mistakes(
    state: Path,
    twice: tuple[str, str, str, str],
    arguments: tuple[str, ...],
    status: int,
    said: str,
) -> None:
    given = [argument.format(twice[0]) for argument in arguments]
    answer = wfbreak("report", *given, "--state", state)
    assert answer.status == status
    assert said in answer.err
    assert answer.out == ""


def test_the_file(state: Path, twice: tuple[str, str, str, str], tmp_path: Path) -> None:
    answer = wfbreak("report", twice[0], "--state", state, "-o", tmp_path / "r.html")
    assert (answer.status, answer.out) == (0, "")
    text = (tmp_path / "r.html").read_text()
    assert text.startswith("<!DOCTYPE html>")
    assert PASSWORD not in text
