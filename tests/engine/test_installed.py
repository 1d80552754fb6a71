"""What is said to be left out is left out: each measure is in place where it belongs.

That a measure changes no answer is tested elsewhere, and holds without it too. Here processes of
their own are asked: one that has looked for an action, as an engine of a cluster does, and an
embedded engine that is up.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

OWNERS = """
def owners():
    from mistral import utils
    from mistral.db.v2.sqlalchemy import api, models
    from mistral.engine import actions, base, policies, task_handler, tasks, workflows
    from mistral.lang.v2.workflows import DirectWorkflowSpec
    from mistral.rpc import clients
    from mistral.services import action_heartbeat_sender as sender
    from mistral.workflow.direct_workflow import DirectWorkflowController as Controller
    from mistral_lib.actions import CompositeActionProvider
    from oslo_messaging._drivers import impl_fake

    changed = {
        "start_tasks_without_specification": clients.EngineClient.__mro__[1],
        "start_no_waiting_joins": clients.EngineClient,
        "find_inbound_tasks_once": DirectWorkflowSpec.find_inbound_task_specs,
        "find_joins_behind": Controller.find_indirectly_affected_task_executions,
        "ask_right_before_a_join": Controller._find_all_parent_task_names,
        "find_own_actions_first": CompositeActionProvider.find,
        "write_changed_contexts": tasks.Task._update_inbound_context,
        "ending: actions": vars(actions.RegularAction)["complete"],
        "ending: tries": task_handler.continue_task,
        "rerunning: wishes": vars(workflows.Workflow)["rerun"],
        "rerunning: starts": vars(tasks.RegularTask)["_run_existing"],
        "starting: starts": task_handler.run_task,
        "starting: resumes": vars(workflows.Workflow)["resume"],
        "telling: stops": policies.PauseBeforePolicy.before_task_start,
        "ordering: first tasks": tasks.Task._create_task_execution,
        "ordering: ids": tasks.utils.generate_unicode_uuid,
        "messages": impl_fake.FakeListener,
        "heartbeats": sender.add_action,
        "joining": task_handler._check_affected_tasks,
        "reading: by id": api._get_db_object_by_id,
        "reading: before": Controller._get_upstream_task_executions,
        "reading: match": api.update_on_match,
        "checking": base.TaskPolicy._validate,
        "writing": utils.to_json_str,
    }
    found = {name for name, each in changed.items()
             if getattr(each, "func", each).__module__.startswith("wfbreak.")}
    if str(models.WorkflowExecution.__mapper__.attrs["input"].group).startswith("wfbreak"):
        found.add("read_data_together")
    return sorted(found)
"""

ON_A_CLUSTER = """
import json, sys
from oslo_service import backend
backend.init_backend(backend.BackendType.THREADING)
from mistral import config
config.parse_args(["--config-file", sys.argv[1]])
from mistral.db.v2 import api
from mistral.services.actions import get_system_action_provider
api.setup_db()
before = owners()
provider = get_system_action_provider()
assert provider.find("wfbreak.create") and provider.find("std.noop") and all(provider.find_all())
print(json.dumps([before, owners()]))
"""

EMBEDDED = """
import gc, json, sys
from pathlib import Path
from wfbreak.engine.embedded import EmbeddedEngine
with EmbeddedEngine(Path(sys.argv[1])):
    print(json.dumps([gc.get_freeze_count(), owners()]))
"""

EVERYWHERE = {
    "start_tasks_without_specification",
    "start_no_waiting_joins",
    "find_inbound_tasks_once",
    "find_joins_behind",
    "ask_right_before_a_join",
    "find_own_actions_first",
    "read_data_together",
    "write_changed_contexts",
    "ending: actions",
    "ending: tries",
    "rerunning: wishes",
    "rerunning: starts",
    "starting: starts",
    "starting: resumes",
    "telling: stops",
    "ordering: first tasks",
    "ordering: ids",
}
ALONE = {
    "messages",
    "heartbeats",
    "joining",
    "reading: by id",
    "reading: before",
    "reading: match",
    "checking",
    "writing",
}


def told(program: str, argument: Path) -> Any:
    command = [sys.executable, "-c", OWNERS + program, str(argument)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_an_engine_of_a_cluster(tmp_path: Path) -> None:
    conf = tmp_path / "mistral.conf"
    conf.write_text(f"[database]\nconnection = sqlite:///{tmp_path / 'mistral.sqlite'}\n")
    before, after = told(ON_A_CLUSTER, conf)
    assert before == []
    assert set(after) == EVERYWHERE


def test_an_embedded_engine(tmp_path: Path) -> None:
    frozen, found = told(EMBEDDED, tmp_path / "state")
    assert set(found) == EVERYWHERE | ALONE
    assert frozen > 100_000
    with closing(sqlite3.connect(tmp_path / "state" / "mistral.sqlite")) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
