"""OpenStack's own dashboard, to an auditor who has never heard of wfbreak.

A real Horizon with mistral-dashboard, a real Keystone and Mistral. Whatever is asked here is
answered by the text of its pages. What they look like is kept in ``.dashboard-pictures``.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from cli.command import PASSWORD
from cloud.lab.cloud import WITH_DASHBOARD, Cloud, find, own_cloud
from cloud.lab.errors import LabError
from cloud.lab.folder import Folder
from cloud.lab.identity import MEMBER
from cloud.person import Person

from ui.browser import chromium
from ui.horizon import Dashboard, Row

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / ".dashboard-pictures"
WHY = "a new flavor for the database"
MESSAGE = "look at the size of its volume"
BREAKS = f"""\
breakpoints:
  - {{resource: db, message: {MESSAGE}}}
  - {{resource: web1}}
"""

pytestmark = pytest.mark.timeout(300, func_only=True)


@contextmanager
def dashboard_cloud(say: Any) -> Iterator[Cloud]:
    """A cloud of the run's own, or the one that ``WFBREAK_TEST_DASHBOARD`` names."""
    if given := os.environ.get("WFBREAK_TEST_DASHBOARD"):
        yield find(Folder(ROOT / given))
        return
    venv = ROOT / os.environ.get("CLOUD_VENV", ".venv-cloud")
    if not (venv / ".cloud").exists():
        raise LabError(f"Horizon is not installed in {venv}: run 'make test-ui'")
    with own_cloud(Folder(ROOT / ".cloud-ui"), venv, say, WITH_DASHBOARD) as own:
        yield own


@pytest.fixture(scope="module")
def cloud(pytestconfig: pytest.Config) -> Iterator[Cloud]:
    terminal = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    try:
        with dashboard_cloud(terminal.write_line) as found:
            yield found
    except LabError as error:
        pytest.fail(f"the cloud cannot be had: {error}", pytrace=False)


@pytest.fixture(scope="module")
def ann(cloud: Cloud) -> Person:
    """A plain member, at a shell."""
    return Person(cloud, MEMBER)


@pytest.fixture(scope="module")
def dashboard(cloud: Cloud) -> Iterator[Dashboard]:
    """The same member, in a browser."""
    PICTURES.mkdir(exist_ok=True)
    with chromium() as driver:
        driver.set_window_size(1280, 900)
        page = Dashboard(driver, cloud.dashboard)
        page.log_in(MEMBER.user, cloud.settings.password)
        yield page


def named() -> str:
    """A name that no stack has: the cloud may be one that has been used before."""
    return f"stack-{token_hex(3)}"


def run(person: Person, *options: str | Path, status: int = 5, stack: str = "") -> str:
    """Run the example; its execution."""
    files = ("web.yaml", "-e", "env.yaml", "-P", f"db_password={PASSWORD}")
    asked = ("--provider", "rehearse", "-f", "json", "--name", stack or named())
    answer = person.wfbreak("run", *files, *asked, *options)
    assert answer.status == status, answer.err
    return str(json.loads(answer.out)["execution"])


@pytest.fixture(scope="module")
def stopped(ann: Person, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A stack at the first of two stops, which no test moves."""
    breaks = tmp_path_factory.mktemp("breaks") / "breaks.yaml"
    breaks.write_text(BREAKS)
    execution = run(ann, "--break-file", breaks, "--reason", WHY, stack="shop")
    yield execution
    ann.wfbreak("cancel", execution)
    ann.wfbreak("delete", execution)


def made(person: Person, execution: str) -> dict[str, str]:
    """What exists, by the resources' names: its ids."""
    shown = json.loads(person.wfbreak("show", execution, "-f", "json").out)
    return {r["name"]: r["ref"] for r in shown["resources"] if r["ref"]}


# The reader


def test_the_list_shows_that_it_is_stopped_and_why(
    dashboard: Dashboard, ann: Person, stopped: str
) -> None:
    row = dashboard.executions()[stopped]
    dashboard.picture(PICTURES / "executions.png")
    assert (row.text["Workflow"], row.text["State"]) == ("shop", "Paused")
    lines = row.hover["State"].splitlines()
    assert lines[0] == f"stopped before db is created ({MESSAGE})."
    # A browser may show no more than this of it.
    assert "14 of 20 resources exist" in row.hover["State"][:1024]


def test_what_is_it_waiting_for(dashboard: Dashboard, stopped: str) -> None:
    said = dashboard.execution(stopped)
    dashboard.picture(PICTURES / "execution.png")
    assert said["State"] == "PAUSED"
    assert said["State Info"].startswith(f"stopped before db is created ({MESSAGE}). ")
    assert "Tasks are named as their resources" in said["Description"]
    assert "web.yaml" in said["Description"]


def test_since_when(dashboard: Dashboard, stopped: str) -> None:
    said = dashboard.execution(stopped)["State Info"]
    (since,) = re.findall(r"Since (\S+ \S+) UTC\.", said)
    at = datetime.fromisoformat(since).replace(tzinfo=UTC)
    assert timedelta() <= datetime.now(UTC) - at < timedelta(hours=1)


def test_who_set_it_and_why(dashboard: Dashboard, stopped: str) -> None:
    said = dashboard.execution(stopped)
    (setter,) = re.findall(r"Breakpoint db:pre-create, set by (.*?)\. Begun", said["State Info"])
    assert "env.yaml:7:" in setter
    assert "breaks.yaml:2:" in setter
    assert re.search(rf"Begun \(run\) by ann \(\S+\), because: {WHY}\.", said["State Info"])
    assert WHY in said["Description"]


def test_what_exists(dashboard: Dashboard, ann: Person, stopped: str) -> None:
    said = dashboard.execution(stopped)["State Info"]
    exists = made(ann, stopped)
    assert len(exists) == 14
    assert f"{len(exists)} of 20 resources exist: " in said
    for name, ident in exists.items():
        assert re.search(rf"\b{name} \(OS::\w+::\w+ {re.escape(ident)}\)", said), name
    assert "web1 (" not in said


def test_which_tasks_are_resources_and_which_are_breakpoints(
    dashboard: Dashboard, ann: Person, stopped: str
) -> None:
    rows = {row.text["Name"]: row for row in dashboard.tasks(stopped)}
    dashboard.picture(PICTURES / "tasks.png")
    names = list(rows)  # in the page's order
    assert names.index("parameters") < names.index("router") < names.index("router_app")
    assert names[-1] == "db:pre-create"
    exists = made(ann, stopped)
    assert {name for name, row in rows.items() if row.text["State"] == "SUCCESS"} >= set(exists)
    idle = [name for name, row in rows.items() if row.text["State"] == "IDLE"]
    assert idle == ["db:pre-create"]
    assert f"breakpoint before db is created ({MESSAGE})" in rows["db:pre-create"].hover["State"]
    assert "db" not in rows
    said = dashboard.task(rows["db:pre-create"].ident)
    dashboard.picture(PICTURES / "breakpoint.png")
    assert f"breakpoint before db is created ({MESSAGE}), set by " in said["State Info"]
    assert exists["router"] in dashboard.task(rows["router"].ident)["Result"]
    dashboard.picture(PICTURES / "resource.png")
    (action,) = dashboard.action_executions(rows["router"].ident)
    given = dashboard.action_execution(action.ident)["Input"]
    dashboard.picture(PICTURES / "action.png")
    assert json.loads(given)["type"] == "OS::Neutron::Router"
    assert json.loads(given)["source"].startswith("web.yaml:")


def test_no_page_shows_a_hidden_value(dashboard: Dashboard, stopped: str) -> None:
    pages = [dashboard.execution(stopped) and dashboard.source]
    for row in dashboard.tasks(stopped):
        dashboard.task(row.ident)
        pages.append(dashboard.source)
        for action in dashboard.action_executions(row.ident):
            dashboard.action_execution(action.ident)
            pages.append(dashboard.source)
    assert "wfbreak:sealed" in pages[0]
    assert len(pages) > 30
    assert not [page for page in pages if PASSWORD in page]


def test_a_stack_that_stands_cannot_be_deleted_by_mistake(
    dashboard: Dashboard, ann: Person, stopped: str
) -> None:
    """Its button is the first of the row."""
    assert "Delete Execution" in dashboard.actions(stopped)
    (answer,) = dashboard.press(stopped, "Delete Execution", confirm=True)
    assert "Unable to delete execution" in answer
    assert dashboard.executions()[stopped].text["State"] == "Paused"
    assert len(made(ann, stopped)) == 14


def test_the_link_to_its_workflow_is_mistral_dashboards_mistake(
    dashboard: Dashboard, ann: Person, stopped: str
) -> None:
    """It asks for the name without the namespace. The document is there all the same, by its id."""
    assert 'Unable to get workflow "shop"' in dashboard.workflow("shop")
    ident = ann.connection().workflow.get(f"/executions/{stopped}").json()["workflow_id"]
    assert "pause-before" in dashboard.workflow(ident)


# Resuming


def test_a_resume_does_what_was_said_and_is_recorded(
    dashboard: Dashboard, ann: Person, tmp_path: Path
) -> None:
    (tmp_path / "breaks.yaml").write_text(BREAKS)
    execution = run(ann, "--break-file", tmp_path / "breaks.yaml")
    before = made(ann, execution)
    said = dashboard.execution(execution)["State Info"]
    (promised, then, left) = re.findall(
        r"Resume: \d+ resources are created: (.*); then it stops again (.*), with (\d+) still", said
    )[0]
    dashboard.press(execution, "Resume Execution")
    assert ann.wfbreak("wait", execution).status == 5
    row = dashboard.executions()[execution]
    dashboard.picture(PICTURES / "resumed.png")
    assert row.text["State"] == "Paused"
    assert row.hover["State"].startswith(f"stopped {then}.\n")
    after = made(ann, execution)
    assert set(after) - set(before) == set(promised.split(", "))
    assert len(after) + int(left) == 20
    said = dashboard.execution(execution)["State Info"]
    (promised,) = re.findall(r"Resume: \d+ resources are created: (.*); then the stack", said)
    dashboard.press(execution, "Resume Execution")
    assert ann.wfbreak("wait", execution).status == 0
    assert dashboard.executions()[execution].text["State"] == "Success"
    assert set(made(ann, execution)) - set(after) == set(promised.split(", "))
    output = dashboard.execution(execution)["Output"]
    assert json.loads(output)["url"].startswith("http://")
    trail = json.loads(ann.wfbreak("audit", execution, "-f", "json").out)
    resumes = [(e["who"], e["breakpoints"]) for e in trail if e["event"] == "resume"]
    assert resumes == [
        ("ann (another client)", "db:pre-create"),
        ("ann (another client)", "web1:pre-create"),
    ]


def test_what_somebody_armed_later_is_told_with_the_name(dashboard: Dashboard, ann: Person) -> None:
    execution = run(ann, "--break", "member1")
    first = dashboard.execution(execution)["State Info"]
    assert "then it stops again before member1 is created" in first
    assert ann.wfbreak("break", "clear", execution, "member1").status == 0
    cleared = dashboard.execution(execution)["State Info"]
    assert "then the stack is done" in cleared
    assert cleared.split(" Breakpoint", 1)[0] == first.split(" Breakpoint", 1)[0]
    why = ("--reason", "to see the pool first")
    assert ann.wfbreak("break", "set", execution, "member1", *why).status == 0
    armed = dashboard.execution(execution)["State Info"]
    assert "then it stops again before member1 is created" in armed
    dashboard.press(execution, "Resume Execution")
    assert ann.wfbreak("wait", execution).status == 5
    said = dashboard.execution(execution)["State Info"]
    by = r"member1:pre-create, set by ann \(\S+\) at \S+ \S+ UTC, because: to see the pool first\."
    assert re.search(by, said)


# Modes


def test_all_stop_says_what_waits_without_being_blocked(dashboard: Dashboard, ann: Person) -> None:
    execution = run(ann, "--mode", "all-stop")
    said = dashboard.execution(execution)
    assert "mode all-stop" in said["Description"]
    exists = made(ann, execution)
    assert f"{len(exists)} of 20 resources exist" in said["State Info"]
    assert len(exists) < 14
    assert "web_security_group" in re.findall(r"Resume: [^.]*", said["State Info"])[0]
    dashboard.press(execution, "Resume Execution")
    assert ann.wfbreak("wait", execution).status == 0


def test_a_resume_in_step_mode_is_one_step(dashboard: Dashboard, ann: Person) -> None:
    execution = run(ann, "--mode", "step")
    for done in range(3):
        said = dashboard.execution(execution)["State Info"]
        assert said.startswith("stopped before ")
        assert "A step ends here" in said
        assert f"{done} of 20 resources exist" in said
        (name, then) = re.findall(
            r"Resume: 1 resource is created: (\w+); then it stops again before (\w+) is", said
        )[0]
        before = made(ann, execution)
        dashboard.press(execution, "Resume Execution")
        assert ann.wfbreak("wait", execution).status == 5
        assert set(made(ann, execution)) - set(before) == {name}
        title = dashboard.executions()[execution].hover["State"]
        assert title.startswith(f"stopped before {then} is created.")


def test_abort_mode_says_where_and_how_to_go_on(dashboard: Dashboard, ann: Person) -> None:
    """The dashboard resumes no execution that has failed."""
    execution = run(ann, "--mode", "abort", status=4)
    row = dashboard.executions()[execution]
    assert row.text["State"] == "Error"
    assert "stopped before db is created" in row.hover["State"]
    assert "wfbreak resume" in row.hover["State"]
    assert "Resume Execution" not in dashboard.actions(execution)
    dashboard.execution(execution)
    dashboard.picture(PICTURES / "aborted.png")


def test_an_update_and_a_deletion_say_what_they_do(
    dashboard: Dashboard, ann: Person, tmp_path: Path
) -> None:
    template = tmp_path / "t.yaml"
    body = "heat_template_version: 2021-04-16\nresources:\n"
    body += "  a: {type: OS::Heat::Value, properties: {value: %s}}\n"
    template.write_text(body % 1 + "  b: {type: OS::Heat::RandomString}\n")
    asked = ("--provider", "rehearse", "--name", named(), "-f", "json")
    ran = ann.wfbreak("run", template, *asked)
    assert ran.status == 0, ran.err
    created = json.loads(ran.out)["execution"]
    template.write_text(body % 2)
    changed = (created, template, "--provider", "rehearse", "--break", "a:pre-update")
    updated = ann.wfbreak("update", *changed, "--reason", "a is 2 now", "-f", "json")
    assert updated.status == 5, updated.err
    execution = json.loads(updated.out)["execution"]
    said = dashboard.execution(execution)
    assert "stopped before a is updated." in said["State Info"]
    assert "As they were before: a." in said["State Info"]
    assert "Begun (update) by ann" in said["State Info"]
    assert "a is 2 now" in said["Description"]
    dashboard.press(execution, "Resume Execution")
    assert ann.wfbreak("wait", execution).status == 0


def test_a_stack_in_parts_is_one_with_its_parts_beside_it(
    dashboard: Dashboard, ann: Person
) -> None:
    execution = run(ann, "--partition", "4", stack=(name := named()))
    said = dashboard.execution(execution)["State Info"]
    assert "stopped before db is created." in said
    for resource, ident in made(ann, execution).items():
        assert f"{resource} (" in said
        assert ident in said
    names = [row.text["Name"] for row in dashboard.tasks(execution)]
    assert {"part:1", "settled:1", "db:pre-create"} <= set(names)
    rows = [row for row in dashboard.executions().values() if name in row.text["Workflow"]]
    states = {row.text["Workflow"]: row.text["State"] for row in rows}
    assert states.pop(name) == "Paused"
    assert f"{name}.part-1" in states
    assert set(states.values()) == {"Success"}
    dashboard.press(execution, "Resume Execution")
    assert ann.wfbreak("wait", execution).status == 0


# What else its buttons do


def is_run(row: Row, name: str) -> bool:
    return (row.text["Workflow"], row.text["State"]) == (name, "Running")


def test_a_stack_that_somebody_set_to_error_says_so(dashboard: Dashboard, ann: Person) -> None:
    asked = (ann, "--rehearse", "*:seconds=10")
    with ThreadPoolExecutor() as shell:
        ran = shell.submit(run, *asked, stack=(name := named()), status=4)
        while not (found := [r for r in dashboard.executions().values() if is_run(r, name)]):
            assert not ran.done(), ran.result()
        dashboard.press(found[0].ident, "Cancel Execution")
        execution = ran.result()
    last = json.loads(ann.wfbreak("audit", execution, "-f", "json").out)[-1]
    assert (last["event"], last["who"]) == ("error", "(another client)")
    assert "Cancel Execution" in last["why"]
