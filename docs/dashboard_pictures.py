"""Make the pictures of docs/dashboard.md, in a real Horizon: ``make pictures``.

The argument is the interpreter's folder in which Horizon and Mistral are installed.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from cli.command import EXAMPLE
from cloud.lab.cloud import WITH_DASHBOARD, Cloud, own_cloud
from cloud.lab.folder import Folder
from cloud.lab.identity import MEMBER
from cloud.person import Person
from ui.browser import chromium
from ui.horizon import Dashboard

IMAGES = Path(__file__).parent / "images"
_WIDTH = 1180
_MESSAGE = "look at the size of its volume"


def main(venv: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        own_cloud(Folder(Path(folder, "cloud")), venv, print, WITH_DASHBOARD) as cloud,
        chromium() as driver,
    ):
        execution = _stopped(cloud, Path(folder))
        dashboard = Dashboard(driver, cloud.dashboard)
        dashboard.log_in(MEMBER.user, cloud.settings.password)

        def picture(name: str, height: int) -> None:
            size = {"width": _WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            dashboard.picture(IMAGES / f"dashboard-{name}.png", whole=False)

        dashboard.open_menu(execution)
        picture("executions", 480)
        dashboard.execution(execution)
        picture("execution", 700)
        tasks = {row.text["Name"]: row for row in dashboard.tasks(execution)}
        picture("tasks", 880)
        dashboard.task(tasks["db:pre-create"].ident)
        picture("breakpoint", 560)


def _stopped(cloud: Cloud, folder: Path) -> str:
    """A stack at the first of its two stops; its execution."""
    person = Person(cloud, MEMBER)
    place = folder / "example"
    shutil.copytree(EXAMPLE, place)
    (place / "password").write_text("only for a picture")
    (place / "breaks.yaml").write_text(f"breakpoints: [{{resource: db, message: {_MESSAGE}}}]")
    stops = ("--break-file", "breaks.yaml", "--break", "web1")
    stack = ("web.yaml", "--parameter-file", "db_password=password", "--provider", "rehearse")
    options = (*stops, "--reason", "a new flavor for the database", "--name", "web", "-f", "json")
    answer = person.wfbreak("run", *stack, *options, cwd=place)
    if answer.status != 5:
        sys.exit(f"the stack did not stop: {answer.err}")
    return str(json.loads(answer.out)["execution"])


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
