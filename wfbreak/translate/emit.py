"""Pass 8: the workflow document, in a stable order, with its source map.

Every task says in words what it is and where it comes from, for a person who audits it in the
workflow UI; the same facts stand in its input, for a program: ``resource`` and ``source`` of a
resource, ``armed_by`` of a breakpoint. So an execution's document alone tells which task is which
resource, from which line, stopped by whom.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import networkx as nx
import yaml

from wfbreak import __version__
from wfbreak.diagnostics import Position
from wfbreak.hot.parameters import to_plain
from wfbreak.translate import names
from wfbreak.translate.breakpoints import Breakpoint
from wfbreak.translate.environment import Hook
from wfbreak.translate.expressions import Compiler, is_evaluated, quote, variable
from wfbreak.translate.flow import FlowTask, Helper, Role
from wfbreak.translate.parameters import PROJECT_ID
from wfbreak.translate.stages import Mode, Plan
from wfbreak.translate.template import DeletionPolicy, Resource, Template
from wfbreak.translate.values import (
    AttributeRef,
    Literal,
    MapValue,
    ParameterRef,
    Value,
    from_plain,
    references,
)

TAG = "wfbreak"
"""The tag of every workflow that wfbreak makes."""

ALL_ATTRIBUTES = "*"
"""What ``wfbreak.create`` is told where the template reads all attributes of a resource."""

Document = dict[str, Any]
"""A Mistral v2 workflow document: ``version`` and one workflow under its name."""


def runtime_parameters(template: Template) -> list[str]:
    """The parameters that the workflow is given, or finds out, when it starts."""
    found = [name for name, parameter in template.parameters.items() if parameter.is_input]
    if any(
        isinstance(reference, ParameterRef) and reference.name == PROJECT_ID
        for value in _values(template)
        for reference in references(value)
    ):
        found.append(PROJECT_ID)
    return found


def emit(
    template: Template,
    plan: Plan,
    flow: nx.DiGraph[FlowTask],
    mode: Mode,
) -> tuple[Document, Mapping[FlowTask, str]]:
    """The workflow document, and the name of each task in it."""
    return _Emitter(template, plan, flow, mode).document()


def _values(template: Template) -> Iterator[Value]:
    for resource in template.resources.values():
        yield resource.properties
        yield resource.metadata
        if resource.external_id is not None:
            yield resource.external_id
    for output in template.outputs.values():
        yield output.value


class _Emitter:
    def __init__(
        self,
        template: Template,
        plan: Plan,
        flow: nx.DiGraph[FlowTask],
        mode: Mode,
    ) -> None:
        self._template = template
        self._plan = plan
        self._flow = flow
        self._mode = mode
        # Resources first: where names clash, it is a helper that gives way.
        ordered = sorted(flow.nodes, key=lambda task: not isinstance(task, str))
        self._names = names.assign((task, _wish(task)) for task in ordered)
        runtime = runtime_parameters(template)
        # The parameters come first: where one is called "text", the other name gives way.
        inputs = names.assign([*((name, name) for name in runtime), (None, "text")])
        self._inputs = {name: inputs[name] for name in runtime}
        self._text_input = inputs[None]
        tasks = {task: name for task, name in self._names.items() if isinstance(task, str)}
        self._compiler = Compiler(tasks, self._inputs, self._text_input)
        self._attributes = self._wanted_attributes()

    def document(self) -> tuple[Document, Mapping[FlowTask, str]]:
        tasks = {self._names[task]: self._task(task) for task in self._flow}
        if not tasks:
            # Mistral refuses a workflow without tasks; a template may have no resource.
            tasks["nothing"] = {
                "description": "The template has no resources.",
                "action": "std.noop",
            }
        outputs = {
            name: self._compiler.output(output.value, name)
            for name, output in self._template.outputs.items()
        }
        workflow: dict[str, Any] = {"description": self._description(), "tags": [TAG]}
        given = [name for name in self._inputs if name != PROJECT_ID]
        inputs: list[Any] = [self._inputs[name] for name in given]
        if self._compiler.texts:
            inputs.append({self._text_input: self._compiler.texts})
        if inputs:
            workflow["input"] = inputs
        if outputs:
            workflow["output"] = outputs
        # All of wfbreak's actions may run twice, so a message that an executor's death leaves
        # behind is delivered again; without this Mistral fails the task.
        workflow["task-defaults"] = {"safe-rerun": True}
        workflow["tasks"] = tasks
        return {"version": "2.0", self._template.name: workflow}, self._names

    def _description(self) -> str:
        own = f"{self._template.description.strip()}\n" if self._template.description else ""
        return (
            f"{own}Stack {self._template.name}, translated from {self._template.source} "
            f"by wfbreak {__version__} (mode {self._mode.value}, {_count(self._plan)})."
        )

    def _task(self, task: FlowTask) -> dict[str, Any]:
        if isinstance(task, Breakpoint):
            body = self._breakpoint(task)
        elif isinstance(task, Helper):
            body = self._helper(task)
        else:
            body = self._resource(self._template.resources[task])
        if self._flow.in_degree(task) > 1:
            body["join"] = "all"
        successors = [self._names[after] for after in self._flow.successors(task)]
        if isinstance(task, Helper) and task.role is Role.SETTLED:
            successors.append(self._pause(task.number))
        if successors:
            body["on-success"] = successors
        return body

    def _resource(self, resource: Resource) -> dict[str, Any]:
        needs = self._needs(resource.name)
        after = f", after {', '.join(needs)}" if needs else ""
        mapped = f" for {resource.written_type}" if resource.type != resource.written_type else ""
        verb = "Create" if resource.external_id is None else "Take the existing"
        inputs: dict[str, Any] = {
            "resource": resource.name,
            "type": resource.type,
            "stack": self._template.name,
            "source": str(resource.position),
        }
        if resource.external_id is not None:
            inputs["external_id"] = self._compiler.data(
                resource.external_id, f"{resource.name}.external_id"
            )
        else:
            if _filled(resource.properties):
                inputs["properties"] = self._compiler.data(
                    resource.properties, f"{resource.name}.properties"
                )
            if _filled(resource.metadata):
                inputs["metadata"] = self._compiler.data(
                    resource.metadata, f"{resource.name}.metadata"
                )
        if attributes := self._attributes.get(resource.name):
            inputs["attributes"] = attributes
        if resource.deletion_policy is not DeletionPolicy.DELETE:
            inputs["deletion_policy"] = resource.deletion_policy.value
        for key in ("resource", "type", "source"):
            if is_evaluated(inputs[key]):
                literal = Literal(inputs[key], resource.position)
                inputs[key] = self._compiler.data(literal, f"{resource.name}.{key}")
        own = f" {resource.description}" if resource.description else ""
        return {
            "description": f"{verb} {resource.type} '{resource.name}'{mapped} "
            f"({resource.position}){after}.{own}",
            "action": "wfbreak.create",
            "input": inputs,
        }

    def _needs(self, name: str) -> list[str]:
        return [
            step.name if isinstance(step, Breakpoint) else step
            for step in self._plan.order.predecessors(name)
        ]

    def _breakpoint(self, stop: Breakpoint) -> dict[str, Any]:
        resource = self._template.resources[stop.resource]
        inputs = {
            "resource": stop.resource,
            "hook": stop.hook.value,
            "source": str(resource.position),
            "armed_by": list(stop.armed_by),
        }
        if stop.message:
            inputs["message"] = stop.message
        data = {
            key: self._compiler.data(_literal(value, resource), f"{stop.name}.{key}")
            for key, value in inputs.items()
        }
        message = f" {stop.message}" if stop.message else ""
        return {
            "description": f"Breakpoint: the stack stops {_when(stop)} ({resource.position}), "
            f"as {', '.join(stop.armed_by)} says.{message}",
            "action": "wfbreak.breakpoint",
            "pause-before": True,
            "input": data,
        }

    def _helper(self, helper: Helper) -> dict[str, Any]:
        if helper.role is Role.PARAMETERS:
            return self._parameters()
        if helper.role is Role.RELEASED:
            return {
                "description": f"Stop {helper.number} is released: what waited for it goes on.",
                "action": "std.noop",
            }
        done = "do not block" if self._mode is Mode.NON_STOP else "need"
        return {
            "description": f"Stop {helper.number}: all that its breakpoints {done} is done; "
            "now the stack pauses.",
            "action": "std.noop",
        }

    def _parameters(self) -> dict[str, Any]:
        declared: dict[str, Any] = {}
        given: dict[str, str] = {}
        for name in self._inputs:
            if name == PROJECT_ID:
                continue
            parameter = self._template.parameters[name]
            # The default decides nothing here, and a hidden one's must not be in the text.
            plain = {k: v for k, v in to_plain(parameter.schema).items() if k != "default"}
            declared[name] = {**plain, "source": str(parameter.position)}
            given[name] = f"<% {variable(self._inputs[name])} %>"
        inputs: dict[str, Any] = {
            "declared": self._compiler.data(
                _literal(declared, None), f"{self._names[Helper(Role.PARAMETERS)]}.declared"
            )
        }
        if given:
            inputs["values"] = given
        if PROJECT_ID in self._inputs:
            inputs["pseudo"] = [PROJECT_ID]
        result = "task().result"
        return {
            "description": "Check the workflow's inputs as the template's parameters.",
            "action": "wfbreak.parameters",
            "input": inputs,
            "publish": {
                self._inputs[name]: f"<% {result}.get({quote(name)}) %>" for name in self._inputs
            },
        }

    def _pause(self, number: int) -> str:
        stops = self._plan.stages[number - 1]
        parts = [
            f"{_when(stop)}" + (f" ({stop.message})" if stop.message else "") for stop in stops
        ]
        text = f"stopped {'; '.join(parts)}"
        return f'pause msg="{_unmarked(text)}"'

    def _wanted_attributes(self) -> dict[str, list[Any]]:
        """For each resource, the attributes that the template reads, each with its path.

        A path ends where it needs another resource: that may not exist yet.
        """
        wanted: dict[str, list[Any]] = {}
        for value in _values(self._template):
            for reference in references(value):
                if not isinstance(reference, AttributeRef):
                    continue
                if reference.attribute is None:
                    wanted[reference.resource] = [ALL_ATTRIBUTES]
                    continue
                path: list[Any] = []
                for step in (reference.attribute, *reference.path):
                    if not all(isinstance(inner, ParameterRef) for inner in references(step)):
                        break
                    path.append(self._compiler.data(step, f"{reference.resource}.attributes"))
                paths = wanted.setdefault(reference.resource, [])
                if path not in paths and ALL_ATTRIBUTES not in paths:
                    paths.append(path)
        return wanted


def _wish(task: FlowTask) -> str:
    if isinstance(task, Breakpoint):
        return task.name
    if isinstance(task, Helper):
        return (
            task.role.value if task.role is Role.PARAMETERS else f"{task.role.value}:{task.number}"
        )
    return task


def _when(stop: Breakpoint) -> str:
    before = "before" if stop.hook is Hook.PRE_CREATE else "after"
    return f"{before} {stop.resource} is created"


def _count(plan: Plan) -> str:
    stops = sum(map(len, plan.stages))
    return f"{stops} breakpoint{'' if stops == 1 else 's'}"


def _filled(value: Value) -> bool:
    return not (isinstance(value, MapValue) and not value.entries)


def _literal(data: Any, resource: Resource | None) -> Value:
    position = resource.position if resource else Position("", 0, 0)
    return from_plain(data, position)


def _unmarked(text: str) -> str:
    """Text for the engine's ``pause msg="…"``: no quotes, nothing that it could evaluate."""
    text = " ".join(text.split()).replace("\\", "/").replace('"', "'")
    while is_evaluated(text):
        for marker in ("<%", "%>", "{{", "}}", "{%", "%}", "{#"):
            text = text.replace(marker, "")
    return text


def dump(document: Document) -> str:
    """The document as YAML 1.1 text, in the order in which it was made; never an alias."""
    return yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, indent=2
    )


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        # Mistral's loader refuses what an alias expands to (mistral/utils/safe_yaml.py).
        return True


def _text(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
