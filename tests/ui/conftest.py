"""Reports of real executions, ``wfbreak ui`` beside an engine, and the browser that reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cli.command import EXAMPLE, run_example, wfbreak
from engine.process import EngineProcess
from graph.pictures import groups

from ui.browser import chromium, text, visit
from ui.live import Live, until
from ui.serving import UiProcess

HOSTILE = "</script><img src=x onerror=alert(1)>\"'&amp;"
_TEMPLATE = f"""\
heat_template_version: 2021-04-16
description: {json.dumps(HOSTILE)}
resources:
  {json.dumps("r" + HOSTILE.replace("/", ""))}:
    type: OS::Heat::Value
    properties: {{value: {json.dumps(HOSTILE)}}}
  last: {{type: OS::Heat::RandomString, depends_on: {json.dumps("r" + HOSTILE.replace("/", ""))}}}
outputs: {{o: {{value: {json.dumps(HOSTILE)}}}}}
"""
_BREAKS = f"""\
breakpoints:
  - {{resource: last, message: {json.dumps(HOSTILE)}}}
"""


@dataclass(frozen=True)
class Pages:
    """Files of reports: of a stack at its second stop, of one of 300 resources, of one whose texts
    are an attack."""

    stopped: Path
    large: Path
    hostile: Path
    execution: str


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    folder = tmp_path_factory.mktemp("pages")
    with EngineProcess(folder / "state") as engine:
        state = ("--state", engine.state)

        def written(execution: str, cwd: Path) -> Path:
            page = folder / f"{execution}.html"
            answer = wfbreak("report", execution, *state, "-o", page, cwd=cwd)
            assert answer.status == 0, answer.err
            return page

        asked = ("-f", "json", "--break", "member1:post-create", "--reason", "a first look")
        stopped = json.loads(run_example(engine.state, *asked).out)["execution"]
        done = wfbreak("resume", stopped, *state, "--reason", "the database is fine")
        assert done.status == 5, done.err
        groups(folder, 100)
        answer = wfbreak(
            "run", "groups.yaml", "--break", "net", "--break", "web/7/server", *state, cwd=folder
        )
        assert answer.status == 5, answer.err
        (folder / "hostile.yaml").write_text(_TEMPLATE)
        (folder / "breaks.yaml").write_text(_BREAKS)
        asked = ("hostile.yaml", "--break-file", "breaks.yaml", "--reason", HOSTILE, "-f", "json")
        ran = wfbreak("run", *asked, *state, cwd=folder)
        assert ran.status == 5, ran.err
        large = json.loads(wfbreak("list", "-f", "json", *state).out)[1]["execution"]
        hostile = json.loads(ran.out)["execution"]
        yield Pages(
            written(stopped, EXAMPLE), written(large, folder), written(hostile, folder), stopped
        )


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium() as driver:
        yield driver


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("live")
    state = folder / "state"
    with (
        EngineProcess(state) as engine,
        UiProcess("--state", state, "--sources", str(folder)) as ui,
    ):
        yield Live(ui, engine, folder)


@pytest.fixture
def inside(browser: Any, live: Live) -> Any:
    """The browser, let in."""
    visit(browser, live.ui.address)
    until(browser, lambda: text(browser, "h1") == "Stacks")
    return browser
