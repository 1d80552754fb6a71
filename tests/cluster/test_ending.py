"""Of two engines that end a task's action in the same moment the second hears of the first.

The first is imitated by a transaction on the cluster's database, as Mistral's engines write it.
"""

from __future__ import annotations

import json
import threading
import time

import requests
from engine.process import client_of
from engine.support import start, tasks_of, wait_for_task
from sqlalchemy import create_engine, text

from cluster.cluster import Cluster
from wfbreak.engine.model import State
from wfbreak.translate.document import dump

WAITS = {"waits": {"action": "std.async_noop", "on-success": ["after"]}, "after": {"join": "all"}}


def test_what_another_engine_is_just_writing_counts(cluster: Cluster) -> None:
    client = client_of(cluster.urls[0])
    execution = start(client, dump({"version": "2.0", "w": {"tasks": WAITS}}))
    task = wait_for_task(client, execution, "waits", State.RUNNING)["waits"]
    answers: list[requests.Response] = []
    database = create_engine(cluster.settings.database_for("api-1"))
    with database.begin() as other:
        (action,) = other.execute(
            text("SELECT id FROM action_executions_v2 WHERE task_execution_id = :task"),
            {"task": task.id},
        ).one()

        def lose() -> None:
            url = f"{client.url}/action_executions/{action}"
            lost = {"state": "ERROR", "output": json.dumps({"why": "no heartbeat"})}
            answers.append(requests.put(url, json=lost, timeout=60))

        other.execute(
            text("UPDATE task_executions_v2 SET state = 'SUCCESS' WHERE id = :task"),
            {"task": task.id},
        )
        output = json.dumps({"result": "good"})
        other.execute(
            text(
                "UPDATE action_executions_v2 SET state = 'SUCCESS', accepted = true,"
                " output = :output WHERE id = :action"
            ),
            {"output": output, "action": action},
        )
        late = threading.Thread(target=lose)
        late.start()
        time.sleep(3)
        assert late.is_alive(), answers[0].text  # it waits, and has not read before
    late.join()
    database.dispose()
    assert not answers[0].ok
    task = tasks_of(client, execution)["waits"]
    assert (task.state, client.results([task])) == (State.SUCCESS, {"waits": "good"})
