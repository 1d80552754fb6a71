"""Talk to Mistral: the only place that does, the same for an embedded engine and a remote one.

Built on python-mistralclient over a keystoneauth session. What goes wrong on the way becomes an
error that a person can act on: the engine cannot be reached, it refuses, it knows no such
execution.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from wfbreak import parts, plain_yaml
from wfbreak.diagnostics import ExitStatus, WfbreakError
from wfbreak.engine import awaiting, replies
from wfbreak.engine.model import Execution, State, Task, Workflow, has_stopped

_PARALLEL = 8
"""How many results are fetched at a time."""

_SETTLING = 60.0
"""Seconds after which a task that is neither started nor stopped has lost its start for good. The
start may be late instead: an engine that has it is cut off, or the broker was away. What is lost is
sent again within half a minute (:mod:`.healing`)."""

_EVENTS = (
    "WORKFLOW_LAUNCHED",
    "WORKFLOW_PAUSED",
    "WORKFLOW_RESUMED",
    "WORKFLOW_SUCCEEDED",
    "WORKFLOW_FAILED",
    "WORKFLOW_CANCELLED",
)
"""What a webhook is told (mistral/notifiers/notification_events.py); not each task's events."""

_RUNS_A_PART = "WORKFLOW"
"""The type of a task that runs a workflow."""

_POLL = 0.05
"""Seconds."""


class EngineUnreachable(WfbreakError):
    """No Mistral answers."""

    exit_status = ExitStatus.UNREACHABLE


class EngineRefused(WfbreakError):
    """Mistral answers, and will not do what was asked."""

    exit_status = ExitStatus.INTERNAL


class ExecutionNotFound(WfbreakError):
    """The engine knows no such execution."""

    exit_status = ExitStatus.NOT_FOUND


class EngineClient:
    """A Mistral API at ``url`` (with its ``/v2``), through a keystoneauth session."""

    def __init__(self, url: str, session: Any) -> None:
        # Imported here: it takes a third of a second, and translating needs no engine.
        from mistralclient.api.v2.client import Client

        self.url = url.rstrip("/")
        self._client = Client(mistral_url=self.url, session=session)
        self._http = self._client.executions.http_client
        self._session = session

    @property
    def user(self) -> str | None:
        """The name of the user as whom the engine is asked; ``None`` where it asks for none."""
        from keystoneauth1 import exceptions

        try:
            access = self._session.auth.get_access(self._session)
        except (AttributeError, exceptions.ClientException):
            return None  # not Keystone's, or it does not answer: the next request says so
        return str(access.username) if access.username else None

    def upload(self, document: str, namespace: str = "") -> Workflow:
        """Make a workflow known. The same text under the same name and namespace is reused.

        :raises EngineRefused: if the namespace holds another text under the name, or Mistral does
            not take the document.
        """
        own, *others = parts.split(document)
        for part in others:  # first: whatever is started finds them
            self._upload(part, namespace)
        return self._upload(own, namespace)

    def _upload(self, document: str, namespace: str) -> Workflow:
        """The same for a document of one workflow."""
        name = next(key for key in plain_yaml.load(document) if key != "version")
        if (known := self._known(document, name, namespace)) is not None:
            return known
        try:
            with self._talking():
                # A server that allows it skips its validation, which takes 0.2 s of CPU a task.
                # The tests hold what the translator emits against Mistral's parser.
                response = self._http.post(
                    f"/workflows?scope=private&namespace={quote(namespace)}&skip_validation",
                    document.encode(),
                    headers={"content-type": "text/plain"},
                )
                return replies.workflow(self._json(response)["workflows"][0])
        except EngineRefused:
            # Somebody may have made the same known at the same time.
            if (known := self._known(document, name, namespace)) is None:
                raise
            return known

    def _known(self, document: str, name: str, namespace: str) -> Workflow | None:
        """The workflow that the engine has already, if it has.

        :raises EngineRefused: if it has another text under this name and namespace.
        """
        with self._talking():
            found = self._json(
                self._http.get(f"/workflows?name=eq:{quote(name)}&namespace=eq:{quote(namespace)}")
            )["workflows"]
        for known in map(replies.workflow, found):
            if known.namespace != namespace or known.name != name:
                continue
            if known.definition == document:
                return known
            raise EngineRefused(
                f"the engine has another workflow '{name}' in the namespace '{namespace}': "
                "give the stack another name"
            )
        return None

    def validate(self, document: str) -> None:
        """Have Mistral's own parser check a document.

        :raises EngineRefused: with what it says, if it does not take the document.
        """
        with self._talking():
            answer = self._client.workflows.validate(document)
        if not answer["valid"]:
            raise EngineRefused(
                f"Mistral does not take the workflow: {_first_line(answer['error'])}"
            )

    def workflow(self, workflow_id: str) -> Workflow:
        """A workflow by its id. The ``definition`` of a stack in parts has these, too."""
        with self._talking():
            found = replies.workflow(self._json(self._http.get(f"/workflows/{workflow_id}")))
            return self._with_parts(found) if parts.WHOLE in found.tags else found

    def _with_parts(self, workflow: Workflow) -> Workflow:
        path = f"/workflows?namespace=eq:{quote(workflow.namespace)}"
        texts = {each["name"]: each["definition"] for each in self._all(path, "workflows")}
        body = plain_yaml.load(workflow.definition)[workflow.name]
        wanted = parts.parts_of(body["tasks"]).values()
        return replace(
            workflow,
            definition=parts.whole([workflow.definition, *(texts[name] for name in wanted)]),
        )

    def start(
        self,
        workflow: Workflow,
        inputs: Mapping[str, Any],
        *,
        execution_id: str | None = None,
        description: str = "",
        env: Mapping[str, Any] | None = None,
        notify: Iterable[str] = (),
    ) -> Execution:
        """Start an execution. With an ``execution_id`` that exists, that execution is returned.

        ``notify`` are URLs to which the engine's notifier posts whatever happens to the execution
        (mistral/notifiers/publishers/webhook.py; the engine's operator says which hosts it may).
        """
        webhooks = [{"type": "webhook", "url": url, "event_types": list(_EVENTS)} for url in notify]
        params = {"env": dict(env or {})} | ({"notify": webhooks} if webhooks else {})
        body = {
            "workflow_id": workflow.id,
            "workflow_namespace": workflow.namespace,
            "input": json.dumps(dict(inputs)),
            "description": description,
            "params": json.dumps(params),
        }
        if execution_id is not None:
            body["id"] = execution_id
        with self._talking():
            return replies.execution(self._json(self._http.post("/executions", json.dumps(body))))

    def execution(self, execution_id: str) -> Execution:
        """An execution by its id, or by the beginning of its id if no other begins so.

        :raises ExecutionNotFound: if there is none, or several.
        """
        if len(execution_id) == 36:
            with self._talking(execution_id):
                path = f"/executions/{quote(execution_id, safe='')}"
                return replies.execution(self._json(self._http.get(path)))
        matches = [e for e in self.executions() if e.id.startswith(execution_id)]
        if len(execution_id) < 4 or not matches:
            raise ExecutionNotFound(
                f"there is no execution '{execution_id}': wfbreak list shows those there are"
            )
        if len(matches) > 1:
            ids = ", ".join(e.id for e in matches)
            raise ExecutionNotFound(f"several executions begin with '{execution_id}': {ids}")
        return self.execution(matches[0].id)

    def changed(self, execution: Execution, seconds: float) -> Execution:
        """An execution when its state is another, or after so many seconds; it may have changed
        otherwise, too. An engine that cannot wait (:mod:`.awaiting`) is looked at first."""
        headers = {
            awaiting.PREFER: f"wait={seconds:.3f}",
            awaiting.STATE: execution.state.value,
        }
        with self._talking(execution.id):
            response = self._http.get(f"/executions/{execution.id}", headers=headers)
            found = replies.execution(self._json(response))
        if awaiting.APPLIED not in response.headers and found.state is execution.state:
            time.sleep(seconds)
        return found

    def executions(self, *, state: State | None = None) -> list[Execution]:
        """The executions that are nobody's sub-workflow, oldest first. Without their data."""
        # "id" makes the order total, without which a page could miss what another has.
        query = "sort_keys=created_at,id&sort_dirs=asc,asc&nulls=task_execution_id"
        if state is not None:
            query += f"&state={state.value}"
        with self._talking():
            return [
                replies.execution(item) for item in self._all(f"/executions?{query}", "executions")
            ]

    def tasks(self, execution_id: str) -> list[Task]:
        """The tasks that the execution has come to so far, oldest first; those of a stack's parts
        in the place of those that only run a part."""
        with self._talking(execution_id):
            found = self._tasks(execution_id)
            if any(item.get("type") == _RUNS_A_PART for item in found):
                found = self._tasks_of_parts(execution_id, found)
        return [replies.task(item) for item in found]

    def _tasks(self, execution_id: str) -> list[Mapping[str, Any]]:
        path = f"/executions/{execution_id}/tasks?sort_keys=created_at,id&sort_dirs=asc,asc"
        return self._all(path, "tasks")

    def _tasks_of_parts(
        self, execution_id: str, own: Iterable[Mapping[str, Any]]
    ) -> list[Mapping[str, Any]]:
        path = f"/executions?root_execution_id={execution_id}&fields=id,task_execution_id"
        running = {e["task_execution_id"]: e["id"] for e in self._all(path, "executions")}
        with ThreadPoolExecutor(_PARALLEL) as pool:
            inside = list(pool.map(self._tasks, running.values()))
        found = [item for item in own if item["id"] not in running]
        found += [item for each in inside for item in each]
        return sorted(found, key=lambda item: (item["created_at"], item["id"]))

    def results(self, tasks: Iterable[Task]) -> dict[str, Any]:
        """The result of each task, by its name. Mistral gives them one at a time only."""

        def result(task: Task) -> tuple[str, Any]:
            with self._talking():
                answer = self._json(self._http.get(f"/tasks/{task.id}"))
            return task.name, json.loads(answer.get("result") or "null")

        with ThreadPoolExecutor(_PARALLEL) as pool:
            return dict(pool.map(result, tasks))

    def inputs(self, tasks: Iterable[Task]) -> dict[str, Mapping[str, Any]]:
        """What the action of each task was last given, by the task's name; of those that have one.

        That is a task's input with its expressions computed.
        """

        def given(task: Task) -> tuple[str, Any]:
            path = f"/tasks/{task.id}/action_executions?sort_keys=created_at,id"
            with self._talking():
                found = self._all(path, "action_executions")
            return task.name, json.loads(found[-1].get("input") or "{}") if found else None

        with ThreadPoolExecutor(_PARALLEL) as pool:
            return {name: found for name, found in pool.map(given, tasks) if found is not None}

    def resume(self, execution: Execution, env: Mapping[str, Any] | None = None) -> Execution:
        """Resume a paused execution; ``env`` is merged into its own.

        It waits until the breakpoints stand. Mistral pauses the execution first and starts their
        tasks, which then stop, a moment later; a resume in between runs them twice over, and the
        second pause comes in the middle of the run, where it may lose a join.

        :raises EngineRefused: if it is not paused.
        """
        if execution.state is not State.PAUSED:
            raise EngineRefused(
                f"the execution {execution.id} is {execution.state.value}, not PAUSED"
            )
        deadline = time.monotonic() + _SETTLING
        while not self._stands(execution) and time.monotonic() < deadline:
            time.sleep(_POLL)
        body: dict[str, Any] = {"state": State.RUNNING.value}
        if env:
            body["params"] = json.dumps({"env": dict(env)})
        return self._update(execution.id, body)

    def _stands(self, execution: Execution) -> bool:
        return all(
            task.state is not State.IDLE or has_stopped(task.state_info)
            for task in self.tasks(execution.id)
        )

    def amend(self, execution: Execution, env: Mapping[str, Any]) -> Execution:
        """Merge ``env`` into the env of an execution that stands, without letting it go on.

        :raises EngineRefused: if it does not stand (Mistral takes an env while PAUSED or ERROR).
        """
        return self._update(execution.id, {"params": json.dumps({"env": dict(env)})})

    def pause(self, execution: Execution) -> Execution:
        return self._update(execution.id, {"state": State.PAUSED.value})

    def cancel(self, execution: Execution, reason: str) -> Execution:
        """Cancel an execution for good; what is in flight runs to its end unheard.

        :raises EngineRefused: if it has ended already.
        """
        if execution.state.is_final:
            raise EngineRefused(f"the execution {execution.id} has ended: {execution.state.value}")
        body = {"state": State.CANCELLED.value, "state_info": reason}
        return self._update(execution.id, body)

    def delete(self, execution: Execution) -> None:
        """Take an execution that has ended out of the engine."""
        with self._talking(execution.id):
            self._checked(self._http.delete(f"/executions/{execution.id}"))

    def rerun(self, task: Task, env: Mapping[str, Any] | None = None) -> None:
        """Run a failed task again; ``env`` is merged into the execution's.

        :raises EngineRefused: if the task has not failed.
        """
        self._go_on(task, env, {"state": State.RUNNING.value, "reset": True})

    def skip(self, task: Task, env: Mapping[str, Any] | None = None) -> None:
        """Pass over a failed task: the execution goes on along the task's ``on-skip``.

        :raises EngineRefused: as :meth:`rerun`.
        """
        self._go_on(task, env, {"state": State.SKIPPED.value})

    def _go_on(self, task: Task, env: Mapping[str, Any] | None, body: Mapping[str, Any]) -> None:
        said = {"env": json.dumps(dict(env))} if env else {}
        with self._talking():
            data = json.dumps({"id": task.id, **body, **said})
            self._json(self._http.put(f"/tasks/{task.id}", data))

    def _all(self, path: str, key: str) -> list[Mapping[str, Any]]:
        """A whole list: Mistral cuts it into pages (``[api] max_limit``, 1,000 by default)."""
        found: list[Mapping[str, Any]] = []
        marker = ""
        while True:
            answer = self._json(self._http.get(f"{path}{marker}"))
            found += answer[key]
            # Its "next" link names the API's own idea of its address, which a proxy may not know.
            if not answer.get("next") or not answer[key]:
                return found
            marker = f"&marker={found[-1]['id']}"

    def _update(self, execution_id: str, body: Mapping[str, Any]) -> Execution:
        with self._talking(execution_id):
            response = self._http.put(f"/executions/{execution_id}", json.dumps(body))
            return replies.execution(self._json(response))

    def _json(self, response: Any) -> Any:
        return self._checked(response).json()

    def _checked(self, response: Any) -> Any:
        if response.status_code >= 400:
            raise _Fault(response)
        return response

    @contextmanager
    def _talking(self, execution_id: str | None = None) -> Iterator[None]:
        """Turn what can go wrong between here and Mistral into wfbreak's errors."""
        import requests
        from keystoneauth1 import exceptions as keystone
        from mistralclient.api.base import APIException

        try:
            yield
        except (keystone.HttpError, _Fault) as error:
            raise self._refusal(error.response, execution_id) from None
        except APIException as error:
            raise EngineRefused(f"Mistral refuses: {_first_line(error.error_message)}") from None
        except (requests.JSONDecodeError, KeyError, TypeError) as error:
            raise self._stranger(error) from None
        except (keystone.ClientException, requests.RequestException) as error:
            raise EngineUnreachable(
                f"no Mistral answers at {self.url}: {_first_line(str(error))}\n"
                "is it up, and are --mistral-url, --os-cloud and OS_* as they should be?"
            ) from None
        except ValueError as error:
            raise self._stranger(error) from None

    def _stranger(self, error: Exception) -> EngineUnreachable:
        return EngineUnreachable(
            f"what answers at {self.url} is not Mistral's API ({_first_line(str(error))})"
        )

    def _refusal(self, response: Any, execution_id: str | None) -> WfbreakError:
        try:
            text = str(response.json().get("faultstring"))
        except (ValueError, AttributeError):
            text = f"HTTP {response.status_code}"
        if execution_id and ("not found" in text.lower() or "uuid" in text.lower()):
            return ExecutionNotFound(
                f"there is no execution '{execution_id}': wfbreak list shows those there are"
            )
        return EngineRefused(f"Mistral refuses: {_first_line(text)}")


class _Fault(Exception):
    def __init__(self, response: Any) -> None:
        super().__init__(str(response.status_code))
        self.response = response


def _first_line(text: str) -> str:
    """An error of Mistral's without the traceback that it may carry."""
    return text.split("\nTraceback", 1)[0].strip().splitlines()[0] if text.strip() else "no reason"
