"""Stacks in parts for the tests, and what the engine has of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from wfbreak import audit, decide
from wfbreak.cli.begin import begin
from wfbreak.cli.former import former
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution
from wfbreak.stacks import read_status
from wfbreak.status import StackStatus
from wfbreak.translate import Request, translate
from wfbreak.translate.partition import Partition

from .support import tasks_of

TWO_CHAINS = {
    "a1": [],
    "a2": ["a1"],
    "a3": ["a2"],
    "b1": [],
    "b2": ["b1"],
    "b3": ["b2"],
}
"""Two parts that run side by side."""

WITH_LAST = {**TWO_CHAINS, "last": ["a3", "b3"]}


class Stack:
    """A stack of resources that each have the values of those before in their own."""

    def __init__(self, client: EngineClient, folder: Path, name: str, **asked: Any) -> None:
        self.client, self.folder, self.name = client, folder, name
        self.rehearsal = asked.pop("rehearsal", {})
        self.asked = {"partition": Partition(3), **asked}

    def template(self, needs: dict[str, list[str]]) -> str:
        path = self.folder / f"{self.name}.yaml"
        resources = {
            each: {
                "type": "OS::Heat::Value",
                "properties": {
                    "value": {
                        "list_join": ["", [f"{each}(", *map(_value_of, before), ")"]],
                    }
                },
            }
            for each, before in needs.items()
        }
        last = list(needs)[-1]
        document = {
            "heat_template_version": "2018-08-31",
            "resources": resources,
            "outputs": {"last": {"value": _value_of(last)}},
        }
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        return str(path)

    def begin(self, needs: dict[str, list[str]]) -> Execution:
        request = Request(self.template(needs), stack=self.name, **self.asked)
        translation = translate(request)
        assert any("workflow" in t for t in translation.document[self.name]["tasks"].values())
        env = {"__actions": {"wfbreak.create": {"rehearsal": self.rehearsal}}}
        return begin(self.client, translation, "run", None, env=env)

    def update(self, needs: dict[str, list[str]]) -> Execution:
        before = former(self.client, self.name)
        request = Request(self.template(needs), stack=self.name, **self.asked)
        translation = translate(replace(request, stock=before.stock))
        return begin(self.client, translation, "update", None, before=before)

    def status(self, execution: Execution) -> StackStatus:
        return read_status(self.client, self.client.execution(execution.id))

    def decided(self, execution: Execution, what: str, *arguments: Any) -> None:
        status = self.status(execution)
        decision = getattr(decide, what)(status, *arguments)
        decide.carry_out(self.client, status, decision, audit.record(what, "a test", decision))


def _value_of(name: str) -> dict[str, list[str]]:
    return {"get_attr": [name, "value"]}


def value(needs: dict[str, list[str]], name: str) -> str:
    return f"{name}({''.join(value(needs, before) for before in needs[name])})"


def parts_of(client: EngineClient, execution: Execution) -> list[Any]:
    path = f"/executions?root_execution_id={execution.id}"
    found: list[Any] = client._all(path, "executions")
    return found


def tried(client: EngineClient, execution: Execution) -> Counter[str]:
    """How many actions each resource's task has had."""
    found: Counter[str] = Counter()
    for name, task in tasks_of(client, execution).items():
        found[name] = len(client._all(f"/tasks/{task.id}/action_executions", "action_executions"))
    return found
