"""What a workflow's document says of its stack, as it was written."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from wfbreak.engine.model import Execution, State, Workflow
from wfbreak.status import build
from wfbreak.translate import Request, translate

TEMPLATE = """\
heat_template_version: 2021-04-16
parameters: {text: {type: string}}
resources:
  "{{ a }}": {type: OS::Heat::Value, properties: {value: {get_param: text}}}
  b: {type: OS::Heat::Value, depends_on: "{{ a }}", properties: {value: "<% 1 %>"}}
"""

BREAKS = """\
breakpoints:
  - {resource: b, message: 'say "<% 1 + 1 %>"'}
  - {resource: "{{ a }}", hook: post-create, condition: "'{% x %}' != y"}
"""


def test_what_the_engine_could_evaluate_is_shown_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    breaks = tmp_path / "{{ breaks }}.yaml"
    breaks.write_text(BREAKS)
    made = translate(Request(str(tmp_path / "t.yaml"), break_files=(str(breaks),)))
    workflow = Workflow("w", made.name, "", made.text())
    now = datetime.now(UTC)
    execution = Execution("e", made.name, "", "w", "", State.RUNNING, None, now, None)
    status = build(execution, workflow, {})
    after, before = sorted(status.breakpoints, key=lambda stop: stop.number)
    assert (after.resource, after.condition) == ("{{ a }}", "'{% x %}' != y")
    assert after.armed_by == (f"{breaks}:3:16",)
    assert (before.resource, before.message) == ("b", 'say "<% 1 + 1 %>"')
    assert [r.name for r in status.resources] == ["{{ a }}", "b"]
    assert status.resources[1].blocked_by == (before.name,)
