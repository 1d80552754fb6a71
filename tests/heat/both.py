"""One template through both: run by wfbreak on a real engine, and asked of Heat.

The engine's run gives each resource a reference and attributes; Heat is given the same, and must
then resolve each resource's properties and metadata to what the engine handed to the resource, in
all stacks inside of each other.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.support import wait

from heat.conftest import Judge
from wfbreak import secrets
from wfbreak.actions.identity import nested_stack_id, nested_stack_name
from wfbreak.diagnostics import Code, InputError
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.translate import Request, Translation, translate
from wfbreak.translate.dependencies import needs
from wfbreak.translate.template import Family, Template

SLOW = 4
"""How often to wait: a template of the corpus has a resource that takes a minute."""


@dataclass
class Ran:
    """What became of a translation: all by the resources' whole names."""

    execution_id: str
    state: State
    failed: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)


def translated(
    template: Path, environments: tuple[str, ...] = (), parameters: Mapping[str, Any] | None = None
) -> tuple[Translation, dict[str, Any]]:
    """A translation with as few parameters known as it takes, and the values of the others."""
    left = dict(parameters or {})
    now: dict[str, Any] = {}
    while True:
        try:
            translation = translate(Request(str(template), environments, now, stack="stack"))
            break
        except InputError as error:
            errors = error.diagnostics.errors
            missing = [d for d in errors if d.code is Code.PARAMETER_MISSING]
            wanted = {name for name in left for d in missing if f"'{name}'" in d.message}
            if len(missing) != len(errors) or not wanted:
                # What is missing may be an input of a nested template: all at once then.
                if left and len(missing) == len(errors):
                    wanted = set(left)
                else:
                    raise
            now |= {name: left.pop(name) for name in wanted}
    return translation, {n: v for n, v in left.items() if n in translation.missing}


def run(engine: EngineClient, translation: Translation, given: Mapping[str, Any]) -> Ran:
    workflow = engine.upload(translation.text(), f"heat-{translation.digest()}")
    execution = engine.start(workflow, {**translation.inputs, **given})
    for _ in range(SLOW):
        with contextlib.suppress(AssertionError):
            execution = wait(engine, execution)
            break
    ran = Ran(execution.id, execution.state, outputs=_opened(execution.output or {}, execution))
    names = {resource.name for resource in translation.template.walk()}
    tasks = engine.tasks(execution.id)
    results = engine.results([task for task in tasks if task.name in names])
    for task in tasks:
        if task.state is not State.SUCCESS:
            ran.failed[task.name] = task.state_info or ""
        if task.name not in names:
            continue
        answer = engine._json(engine._http.get(f"/tasks/{task.id}/action_executions"))
        for action in answer["action_executions"]:
            ran.inputs[task.name] = _opened(json.loads(action["input"]), execution)
        result = _opened(results.get(task.name), execution)
        if isinstance(result, dict):
            ran.references[task.name] = result["ref"]
            ran.attributes[task.name] = result["attributes"]
    # Heat is told the same name each time, and a name is taken once.
    if execution.state.is_final:
        engine.delete(execution)
    return ran


def _opened(data: Any, execution: Execution) -> Any:
    return secrets.unseal(data, secrets.Box(secrets.Place(execution.id)))


def differences(
    judge: Judge,
    template: Path,
    translation: Translation,
    ran: Ran,
    **request: Any,
) -> list[str]:
    """What Heat says otherwise, in words; empty if it agrees."""
    root = translation.template
    pseudo = {"": {"OS::stack_id": ran.execution_id, "AWS::StackId": ran.execution_id}}
    for inner in root.templates():
        if inner.path:
            pseudo[f"{inner.path}/"] = {
                "OS::stack_id": nested_stack_id(ran.execution_id, inner.path),
                "OS::stack_name": nested_stack_name(ran.execution_id, root.name, inner.path),
            }
    answer = judge(
        template.resolve(),
        references=ran.references,
        attributes=ran.attributes,
        pseudo=pseudo,
        **request,
    )
    if "refused" in answer:
        # Values that the workflow is given are checked when it begins.
        if "parameters" in ran.failed and "StackValidationFailed: Param" in answer["refused"][1]:
            return []
        return [f"Heat refuses: {answer['refused']}"]
    found = _of_stack(translation, translation.template, answer, ran)
    if sorted(translation.template.disabled) != answer["disabled"]:
        found.append(f"disabled: {sorted(translation.template.disabled)}, {answer['disabled']}")
    for name in sorted({*translation.template.outputs, *answer["outputs"]}):
        ours, heats = ran.outputs.get(name), answer["outputs"].get(name)
        if name in _without_value(translation):
            ours = {"failed": "its resource is taken away"}
        if ran.state is State.SUCCESS and not same(ours, heats):
            found.append(f"output {name}: {ours!r}, Heat: {heats!r}")
    return found


def _of_stack(
    translation: Translation, template: Template, answer: Mapping[str, Any], ran: Ran
) -> list[str]:
    if "refused" in answer:
        return [f"{template.path}: Heat refuses: {answer['refused']}"]
    found = []
    full = {name.rpartition("/")[2]: name for name in template.resources}
    if sorted(full) != sorted(answer["resources"]):
        return [f"{template.path}: {sorted(full)}, Heat: {sorted(answer['resources'])}"]
    requires = needs(translation.graph)
    for own, name in full.items():
        ours = {other.rpartition("/")[2] for other in requires[name]}
        if ours != set(answer["requires"].get(own, [])):
            found.append(f"{name} needs {ours}, Heat: {answer['requires'].get(own)}")
        resource = template.resources[name]
        if resource.nested is not None and resource.nested.family is Family.STACK:
            continue  # for Heat a stack like any other, which it asks another Heat for
        if resource.nested is not None:
            inner = answer["nested"].get(own, {"refused": "no stack"})
            found += _of_stack(translation, resource.nested.template, inner, ran)
            continue
        if resource.external_id is not None or name not in ran.inputs:
            continue
        for section in ("properties", "metadata"):
            here, there = ran.inputs[name].get(section) or {}, answer[section].get(own) or {}
            if not same(here, there):
                found.append(f"{name}.{section}: {here!r}, Heat: {there!r}")
    return found


def _without_value(translation: Translation) -> set[str]:
    """Outputs that name what a condition takes away: null here, with a warning, for Heat too."""
    places = {
        (d.position.file, d.position.line)
        for d in translation.diagnostics
        if d.code is Code.OUTPUT_WITHOUT_VALUE and d.position
    }
    return {
        name
        for name, output in translation.template.outputs.items()
        if any(
            file == output.position.file and 0 <= line - output.position.line <= 5
            for file, line in places
        )
    }


def same(ours: Any, heats: Any) -> bool:
    """Whether two values are the same; a failure is one whatever its words."""
    failed = [isinstance(v, dict) and ({"failed", "wfbreak:error"} & set(v)) for v in (ours, heats)]
    if any(failed):
        return all(failed)
    if isinstance(ours, dict) and isinstance(heats, dict):
        return set(ours) == set(heats) and all(same(ours[k], heats[k]) for k in ours)
    if isinstance(ours, list) and isinstance(heats, list):
        return len(ours) == len(heats) and all(map(same, ours, heats))
    return type(ours) is type(heats) and ours == heats
