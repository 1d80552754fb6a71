"""The workflow that deletes what an execution has made: last made, first deleted.

It is made of what the engine holds of that execution: its document tells what needs what, its
tasks which resources there may be, their results and inputs what they are. So whoever can read the
execution can delete its stack, with the template or without. What was begun and not finished is
looked for by its mark.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx

from wfbreak import again, secrets
from wfbreak.diagnostics import ExitStatus, Position, WfbreakError
from wfbreak.engine.model import Execution, State, Task, Workflow
from wfbreak.providers import Provider
from wfbreak.status import document, order
from wfbreak.translate.document import Document
from wfbreak.translate.expressions import Compiler, Names, quote
from wfbreak.translate.values import from_plain

_CREATE = "wfbreak.create"
_CREDENTIAL = "credential"
_NOWHERE = Position("", 0, 0)
_TAG = "wfbreak"


class DeletionRefused(WfbreakError):
    """The stack cannot be deleted as it is; the text says why, and what to do."""

    exit_status = ExitStatus.BAD_INPUT


def build(
    execution: Execution,
    workflow: Workflow,
    tasks: Mapping[str, Task],
    results: Mapping[str, Any],
    inputs: Mapping[str, Mapping[str, Any]],
) -> Document:
    """The document. All maps are by the tasks' names: ``results`` of those that have one,
    ``inputs`` as the engine computed them for those that began.

    :raises DeletionRefused: if the execution goes on, or a deletion policy asks for a snapshot.
    """
    if not execution.state.is_final:
        raise DeletionRefused(
            f"the execution {execution.id} is {execution.state.value}: cancel it first "
            f"(wfbreak cancel {execution.id})"
        )
    body = document(workflow)["tasks"]
    made = {
        name: body[name]
        for name in body
        if body[name].get("action") == _CREATE and name in tasks and name in inputs
    }
    _refuse_snapshots(made)
    kept = {name for name, task in made.items() if _is_deleted(task)}
    return _emit(execution, workflow, _reversed(order(body), kept), results, inputs)


def _is_deleted(task: Mapping[str, Any]) -> bool:
    """What exists without the stack, or shall outlive it, stays."""
    return not ("external_id" in task["input"] or task["input"].get("deletion_policy") == "Retain")


def _refuse_snapshots(made: Mapping[str, Mapping[str, Any]]) -> None:
    for task in made.values():
        if task["input"].get("deletion_policy") == "Snapshot":
            raise DeletionRefused(
                f"{task['input']['resource']} ({task['input']['source']}) has the deletion policy "
                "Snapshot, which wfbreak cannot carry out yet: take the snapshot, and set the "
                "policy to Delete or Retain"
            )


def _reversed(needs: nx.DiGraph[str], kept: set[str]) -> nx.DiGraph[str]:
    """The graph of what is deleted, each after all that needs it, through what is not."""
    back: nx.DiGraph[str] = nx.DiGraph()
    back.add_nodes_from(name for name in needs if name in kept)
    for name in back:
        seen = {name}
        waiting = [name]
        while waiting:
            for before in needs.predecessors(waiting.pop()):
                if before in seen:
                    continue
                seen.add(before)
                if before in kept:
                    back.add_edge(name, before)
                else:
                    waiting.append(before)
    reduced: nx.DiGraph[str] = nx.transitive_reduction(back)
    reduced.add_nodes_from(back)
    return reduced


def _emit(
    execution: Execution,
    workflow: Workflow,
    graph: nx.DiGraph[str],
    results: Mapping[str, Any],
    inputs: Mapping[str, Mapping[str, Any]],
) -> Document:
    compiler = Compiler(Names(workflow.name, {}, {}, {}, "text", {}))
    is_real = any(_provider(inputs[name]).is_real for name in graph)
    tasks: dict[str, Any] = {}
    if is_real:
        tasks[_CREDENTIAL] = {
            "description": "Make an application credential for this execution.",
            "action": "wfbreak.credential",
            "input": {"stack": workflow.name},
            "publish": {_CREDENTIAL: "<% wfbreak_credential(task().result) %>"},
            "on-success": [_task(name) for name in graph if not graph.in_degree(name)],
        }
    for name in nx.lexicographical_topological_sort(graph):
        body: dict[str, Any] = {
            "description": _description(inputs[name], results.get(name)),
            "action": "wfbreak.delete",
            "input": {
                key: compiler.data(from_plain(value, _NOWHERE), f"{name}.{key}")
                for key, value in _what(execution, inputs[name], results.get(name)).items()
            },
        }
        if needs := list(graph.predecessors(name)):
            body["input"]["needs"] = [
                compiler.data(from_plain(_task(other), _NOWHERE), f"{name}.needs")
                for other in needs
            ]
        if _provider(inputs[name]).is_real:
            body["input"]["credential"] = f"<% task({quote(_CREDENTIAL)}).result.credential %>"
        if graph.in_degree(name) > 1:
            body["join"] = "all"
        if after := [_task(other) for other in graph.successors(name)]:
            body["on-success"] = after
        tasks[_task(name)] = body
    if not tasks:
        tasks["nothing"] = {"description": "There is nothing to delete.", "action": "std.noop"}
    said: dict[str, Any] = {
        "description": f"Delete what the execution {execution.id} of {workflow.name} has made.",
        "tags": [_TAG, f"{_TAG}:delete"],
    }
    if compiler.texts:
        said["input"] = [{"text": compiler.texts}]
    said["vars"] = {"watched": "<% wfbreak_watch() %>"}
    said["task-defaults"] = {"safe-rerun": True, "retry": dict(again.RETRY)}
    return {"version": "2.0", workflow.name: said | {"tasks": tasks}}


def _task(name: str) -> str:
    return f"{name}:delete"


def _provider(given: Mapping[str, Any]) -> Provider:
    return Provider(given.get("provider", Provider.REHEARSE.value))


def _what(execution: Execution, given: Mapping[str, Any], result: Any) -> dict[str, Any]:
    known = {key: given[key] for key in ("resource", "type", "stack", "source") if key in given}
    what = {**known, "created_by": execution.id, "provider": _provider(given).value}
    # An id that is sealed is a secret's: it is found by its mark, as what was not finished.
    if isinstance(result, Mapping) and isinstance(result.get("physical_id"), str):
        what["physical_id"] = result["physical_id"]
    # What is sealed is sealed for the execution that made it, and says nothing of where it is.
    if properties := secrets.without(given.get("properties")):
        what["properties"] = properties
    return what


def _description(given: Mapping[str, Any], result: Any) -> str:
    where = f" ({given['source']})" if given.get("source") else ""
    physical = result.get("physical_id") if isinstance(result, Mapping) else None
    told = f", {physical}" if isinstance(physical, str) else ", if it was made"
    return f"Delete {given['type']} '{given['resource']}'{where}{told}."


def began(tasks: Mapping[str, Task]) -> list[Task]:
    """The tasks of which the engine has inputs: those that began."""
    idle = (State.IDLE, State.WAITING)
    return [task for task in tasks.values() if task.state not in idle]
