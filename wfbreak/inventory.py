"""What exists of a stack, read from its newest execution.

The execution's document says what there was when it began, its tasks how far each is, their inputs
and results what they made of it. What was begun and not seen to end may exist or not: it is handed
on as such, to be looked for by its mark and taken away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import networkx as nx

from wfbreak import live
from wfbreak.again import RESTRICTED
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State, Task, Workflow
from wfbreak.existing import Existing, Stock
from wfbreak.providers import Provider
from wfbreak.status import document, has_not_begun, order
from wfbreak.types.changes import Change

_CREATE, _DELETE, _NESTED = "wfbreak.create", "wfbreak.delete", "wfbreak.nested"


def read(client: EngineClient, execution: Execution, listed: Iterable[Task]) -> Stock:
    """All that exists of the stack whose newest execution this is; with its tasks as they stand."""
    tasks = {task.name: task for task in listed}
    workflow = client.workflow(execution.workflow_id)
    body = document(workflow)["tasks"]
    made = [tasks[name] for name in body if name in tasks and body[name].get("action") == _CREATE]
    done = [task for task in made if task.state is State.SUCCESS]
    return take(execution, workflow, tasks, client.results(done), client.inputs(_began(made)))


def take(
    execution: Execution,
    workflow: Workflow,
    tasks: Mapping[str, Task],
    results: Mapping[str, Any],
    inputs: Mapping[str, Mapping[str, Any]],
) -> Stock:
    """:func:`read`, of facts at hand. All maps are by the tasks' names: ``results`` of those that
    made a resource, ``inputs`` as the engine computed them for those that began."""
    body = document(workflow)["tasks"]
    reader = _Reader(execution, body, order(body), tasks, results, inputs)
    for name, task in body.items():
        if task.get("action") == _CREATE:
            reader.resource(name, task["input"])
    for name, task in body.items():
        if task.get("action") == _DELETE:
            reader.removal(name, task["input"])
    groups = [task["input"] for task in body.values() if task.get("action") == _NESTED]
    skipped = {
        str(group["resource"]): tuple(map(str, group["skipped"]))
        for group in groups
        if group.get("skipped")
    }
    return Stock(reader.resources, tuple(reader.leftovers), skipped)


def _began(tasks: Iterable[Task]) -> list[Task]:
    """The tasks of which the engine has inputs."""
    return [task for task in tasks if task.state not in (State.IDLE, State.WAITING)]


def _has_done_nothing(task: Task) -> bool:
    """Whether a task that failed has left what exists as it was."""
    refused = task.state is State.ERROR and RESTRICTED in (task.state_info or "")
    return refused or has_not_begun(task)


class _Reader:
    def __init__(
        self,
        execution: Execution,
        body: Mapping[str, Any],
        needs: nx.DiGraph[str],
        tasks: Mapping[str, Task],
        results: Mapping[str, Any],
        inputs: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._execution = execution
        self._body = body
        self._needs = needs
        self._tasks = tasks
        self._results = results
        self._inputs = inputs
        self._changes = live.changes(execution.params.get("env"))
        self._replaced: set[str] = set()
        self.resources: dict[str, Existing] = {}
        self.leftovers: list[Existing] = []

    def resource(self, name: str, written: Mapping[str, Any]) -> None:
        """What the task of a resource has made of what there was."""
        given = self._inputs.get(name)
        said = (given or written).get("existing")
        before = Existing.from_plain(said) if said else None
        task = self._tasks.get(name)
        if given is None or (task is not None and _has_done_nothing(task)):
            if before is not None:
                self.resources[before.resource] = before
            return
        wanted = self._wanted(name, given)
        result = self._results.get(name)
        if not isinstance(result, Mapping):
            self._unfinished(before, wanted)
            return
        if result.get("skipped"):
            self._skipped(before, wanted, result.get("id"))
            return
        change = result.get("change")
        made = replace(wanted, physical_id=result.get("physical_id"), ref=result.get("ref"))
        if before is not None and change in (Change.UNCHANGED.value, Change.UPDATED.value):
            made = replace(made, created_by=before.created_by, stack=before.stack)
        elif before is not None:
            self._replaced.add(before.resource)
        self.resources[made.resource] = made

    def _wanted(self, name: str, given: Mapping[str, Any]) -> Existing:
        resource = str(given["resource"])
        properties = live.changed(given.get("properties") or {}, self._changes.get(resource, {}))
        return Existing(
            resource,
            str(given["type"]),
            self._execution.id,
            str(given.get("stack", "stack")),
            Provider(given.get("provider", Provider.REHEARSE.value)),
            properties=properties,
            metadata=given.get("metadata") or {},
            needs=tuple(self._made_before(name)),
            deletion_policy=given.get("deletion_policy"),
            external="external_id" in given,
            source=given.get("source"),
        )

    def _skipped(self, before: Existing | None, wanted: Existing, ident: str | None) -> None:
        """A person took it as done: what was begun of it is left over, as far as it exists; in its
        place is what the person named, which is not the stack's to delete, or what there was."""
        self._unfinished(before, wanted)
        if ident is not None:
            if before is not None:
                self.leftovers.append(before)
            there = replace(wanted, physical_id=ident, ref=ident, external=True)
            self.resources[wanted.resource] = there

    def _unfinished(self, before: Existing | None, wanted: Existing) -> None:
        """It began and was not seen to end: what there was may be changed in part, and another may
        have been made."""
        if not wanted.external:
            self.leftovers.append(wanted)
        if before is None:
            return
        if before.type == wanted.type and not wanted.external:
            before = replace(before, attempted=wanted.properties)
        self.resources[before.resource] = before

    def removal(self, name: str, written: Mapping[str, Any]) -> None:
        """What a task that takes something away has left."""
        task = self._tasks.get(name)
        if task is not None and task.state is State.SUCCESS:
            return
        existing = Existing.from_plain(written["existing"])
        if "when" in written and existing.resource not in self._replaced:
            return  # it stays, or its turn has not come: then it is a resource as before
        self.leftovers.append(existing)

    def _made_before(self, name: str) -> list[str]:
        """The resources that come right before, through stops and through what is no resource."""
        found: dict[str, None] = {}
        seen = {name}
        waiting = list(self._needs.predecessors(name))
        while waiting:
            task = waiting.pop(0)
            if task in seen:
                continue
            seen.add(task)
            if self._body[task].get("action") == _CREATE:
                found[str(self._body[task]["input"]["resource"])] = None
            else:
                waiting += self._needs.predecessors(task)
        return list(found)
