"""Pass 8: the workflow document, in a stable order, with its source map.

Every task says in words what it is and where it comes from, for a person who audits it in the
workflow UI; the same facts stand in its input, for a program: ``resource`` and ``source`` of a
resource, ``armed_by`` of a breakpoint. So an execution's document alone tells which task is which
resource, from which line, stopped by whom.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import networkx as nx

from wfbreak import __version__, again, tags
from wfbreak.diagnostics import Position
from wfbreak.existing import Existing
from wfbreak.providers import Provider
from wfbreak.tags import Kind
from wfbreak.translate import names, parameter_tasks, rights
from wfbreak.translate.breakpoints import Breakpoint
from wfbreak.translate.changing import (
    GOES,
    Changing,
    existing_input,
    removal_task,
    wish,
)
from wfbreak.translate.dependencies import Entry, Removal
from wfbreak.translate.document import Document
from wfbreak.translate.expressions import Compiler, Names
from wfbreak.translate.flow import FlowTask, Helper, Role
from wfbreak.translate.needed import Key, Needed
from wfbreak.translate.nested_attributes import STACK_ID as STACK_ID_OUTPUT
from wfbreak.translate.parameters import PROJECT_ID
from wfbreak.translate.stages import Mode, Plan, Step
from wfbreak.translate.stop_tasks import StopTasks
from wfbreak.translate.template import DeletionPolicy, Resource, Template
from wfbreak.translate.values import (
    Literal,
    MapValue,
    ParameterRef,
    Value,
    from_plain,
    references,
)
from wfbreak.types.table import cloud_type

ALL_ATTRIBUTES = "*"
"""What ``wfbreak.create`` is told where the template reads all attributes of a resource."""


_BEGUN = ("wfbreak.create", "wfbreak.delete")
"""The actions that do not begin once something has failed, if the stack shall stop then."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """The document, and what it calls each task and each parameter that is an input."""

    document: Document
    tasks: Mapping[FlowTask, str]
    inputs: Mapping[Key, str]


def emit(
    template: Template,
    plan: Plan,
    flow: nx.DiGraph[FlowTask],
    needed: Needed,
    mode: Mode,
    providers: Mapping[str, Provider],
    change: Changing,
) -> Emitted:
    """The workflow document, and the name of each task in it. ``providers`` make the resources."""
    return _Emitter(template, plan, flow, needed, mode, providers, change).emit()


class _Emitter:
    def __init__(
        self,
        template: Template,
        plan: Plan,
        flow: nx.DiGraph[FlowTask],
        needed: Needed,
        mode: Mode,
        providers: Mapping[str, Provider],
        change: Changing,
    ) -> None:
        self._template = template
        self._change = change
        self._resources = {resource.name: resource for resource in template.walk()}
        self._nested = {inner.path: inner for inner in template.templates()}
        self._providers = providers
        self._plan = plan
        self._flow = flow
        self._needed = needed
        self._mode = mode
        # Resources first: where names clash, it is a helper that gives way.
        ordered = sorted(flow.nodes, key=lambda task: not isinstance(task, str))
        self._names = names.assign((task, _wish(task)) for task in ordered)
        keys = [*needed.inputs, *([("", PROJECT_ID)] if needed.project_id else [])]
        # The parameters come first: where one is called "text", the other name gives way.
        wishes = [(key, ".".join(filter(None, key))) for key in keys]
        others = ("text", "stop", "begun", Role.CREDENTIAL.value)
        inputs = names.assign([*wishes, *((other, other) for other in others)])
        self._inputs = {key: inputs[key] for key in keys}
        self._inputs |= {key: inputs[other] for key, other in needed.shared.items()}
        self._text_input = inputs["text"]
        self._begun = inputs["begun"]
        self._credential_variable = inputs[Role.CREDENTIAL.value]
        self._compiler = Compiler(
            Names(
                template.name,
                {task: name for task, name in self._names.items() if isinstance(task, str)},
                {e.resource: n for e, n in self._names.items() if isinstance(e, Entry)},
                self._inputs,
                self._text_input,
                {r.name: r for r in self._resources.values() if r.nested is not None},
            )
        )
        self._stops = StopTasks(plan, self._names, self._compiler, inputs["stop"])
        self._attributes = self._wanted_attributes()

    def emit(self) -> Emitted:
        return Emitted(self._document(), self._names, self._inputs)

    def _document(self) -> Document:
        tasks = {self._names[task]: self._task(task) for task in self._flow}
        if not tasks:
            # Mistral refuses a workflow without tasks; a template may have no resource.
            tasks["nothing"] = {
                "description": "There is nothing to do.",
                "action": "std.noop",
            }
        outputs = {
            name: self._compiler.output(output.value, name)
            for name, output in self._template.outputs.items()
        }
        workflow: dict[str, Any] = {
            "description": self._description(),
            "tags": [tags.STACK, tags.of(self._mode.value), tags.of(self._change.kind.value)],
        }
        inputs: list[Any] = [self._inputs[key] for key in self._needed.inputs]
        if self._compiler.texts:
            inputs.append({self._text_input: self._compiler.texts})
        if inputs:
            workflow["input"] = inputs
        if outputs:
            workflow["output"] = outputs
        workflow["vars"] = {self._begun: "<% wfbreak_begin() %>"}
        # All of wfbreak's actions may run twice, so a message that an executor's death leaves
        # behind is delivered again; without this Mistral fails the task.
        workflow["task-defaults"] = {"safe-rerun": True, "retry": dict(again.RETRY)}
        workflow["tasks"] = tasks
        return {"version": "2.0", self._template.name: workflow}

    def _description(self) -> str:
        own = f"{self._template.description.strip()}\n" if self._template.description else ""
        what = {
            Kind.CREATE: f"Stack {self._template.name}, translated from {self._template.source}",
            Kind.UPDATE: f"Update of the stack {self._template.name} to {self._template.source}",
            Kind.DELETE: f"Deletion of the stack {self._template.name}",
        }[self._change.kind]
        return (
            f"{own}{what} by wfbreak {__version__} (mode {self._mode.value}, {_count(self._plan)})."
        )

    def _task(self, task: FlowTask) -> dict[str, Any]:
        if isinstance(task, Breakpoint):
            body = self._stops.task(task, self._position(task), self._needs(task))
        elif isinstance(task, Helper):
            body = self._helper(task)
        elif isinstance(task, Entry):
            body = self._entry(task)
        elif isinstance(task, Removal):
            body = self._removal(task, self._change.going[task])
        else:
            resource = self._resources[task]
            body = self._stack(resource) if resource.nested else self._resource(resource)
        if self._change.stops_at_failure and body["action"] in _BEGUN:
            body["input"]["goes"] = GOES
        if self._flow.in_degree(task) > 1:
            body["join"] = "all"
        after = list(self._flow.successors(task))
        if after:
            body["on-success"] = [self._names[successor] for successor in after]
        if stops := [successor for successor in after if isinstance(successor, Breakpoint)]:
            self._stops.lead(body, stops)
        return body

    def _position(self, stop: Breakpoint) -> Position | str:
        if stop.removes is not None:
            return self._change.going[stop.removes].source or self._template.source
        return self._resources[stop.resource].position

    def _removal(self, removal: Removal, existing: Existing) -> dict[str, Any]:
        """The task that takes away what exists; where it is the present resource, which the
        template still has, only if another has taken its place."""
        is_kept = removal.is_of_present and removal.resource in self._resources
        return removal_task(
            self._compiler,
            self._names[removal],
            existing,
            self._needs(removal),
            self._names[removal.resource] if is_kept else None,
            self._credential_task,
        )

    @property
    def _credential_task(self) -> str:
        """The name of the task that makes the execution's rights in the cloud, if there is one."""
        return self._names.get(Helper(Role.CREDENTIAL), Role.CREDENTIAL.value)

    def _resource(self, resource: Resource) -> dict[str, Any]:
        needs = self._needs(resource.name)
        after = f", after {', '.join(needs)}" if needs else ""
        mapped = f" for {resource.written_type}" if resource.type != resource.written_type else ""
        existing = self._change.existing.get(resource.name)
        verb = "Create" if existing is None else "Update"
        if resource.external_id is not None:
            verb = "Take the existing"
        inputs = self._who(resource) | self._after(needs, resource)
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
        provider = self._providers[resource.name]
        inputs |= rights.inputs(provider, self._credential_task)
        if existing is not None:
            inputs["existing"] = existing_input(self._compiler, existing, resource.name)
            if restricted := self._change.restricted.get(resource.name):
                inputs["restricted"] = list(restricted)
        if resource.external_id is None:
            inputs |= {name: f"<% wfbreak_{name}() %>" for name in _told(resource.type, provider)}
        if resource.deletion_policy is not DeletionPolicy.DELETE:
            inputs["deletion_policy"] = resource.deletion_policy.value
        own = f" {resource.description}" if resource.description else ""
        return {
            "description": f"{verb} {resource.type} '{resource.name}'{mapped} "
            f"({resource.position}){after}.{own}",
            "action": "wfbreak.create",
            "input": inputs,
        }

    def _who(self, resource: Resource) -> dict[str, Any]:
        """The inputs that say which resource a task is about."""
        said = {
            "resource": resource.name,
            "type": resource.type,
            "stack": self._template.name,
            "source": str(resource.position),
        }
        return {
            key: self._compiler.data(Literal(text, resource.position), f"{resource.name}.{key}")
            for key, text in said.items()
        }

    def _stack(self, resource: Resource) -> dict[str, Any]:
        """The task at the end of a stack inside of a resource: what it shows to the outside."""
        assert resource.nested is not None
        face = self._needed.faces[resource.name]
        inputs = self._who(resource) | {"family": resource.nested.family.name.lower()}
        inputs |= self._after(self._needs(resource.name), resource)
        if face.attributes:
            inputs["attributes"] = {
                key: self._compiler.data(value, f"{resource.name}.{key}")
                for key, value in face.attributes.items()
            }
        if face.reference is not None:
            inputs["reference"] = self._compiler.data(
                face.reference, f"{resource.name}.{STACK_ID_OUTPUT}"
            )
        if skipped := [name for name in resource.nested.skipped if name.isdigit()]:
            inputs["skipped"] = skipped
        count = len(resource.nested.template.resources)
        own = f" {resource.description}" if resource.description else ""
        return {
            "description": f"All of {resource.type} '{resource.name}' is created "
            f"({resource.position}): {count} resource{'' if count == 1 else 's'}.{own}",
            "action": "wfbreak.nested",
            "input": inputs,
        }

    def _entry(self, entry: Entry) -> dict[str, Any]:
        resource = self._resources[entry.resource]
        if entry.batch:
            body: dict[str, Any] = {
                "description": f"Batch {entry.batch} of {resource.name} is done "
                f"({resource.position}).",
                "action": "std.noop",
            }
            return body | ({"wait-after": math.ceil(entry.pause)} if entry.pause else {})
        given = self._needed.computed.get(entry.resource)
        if given is None:
            return {
                "description": f"{resource.name} begins ({resource.position}).",
                "action": "std.noop",
            }
        return parameter_tasks.nested(self._compiler, self._names[entry], resource, given)

    def _needs(self, step: Step) -> list[str]:
        """The tasks of the resources and breakpoints that come right before, by the template."""
        found: dict[str, None] = {}
        for before in self._plan.order.predecessors(step):
            if isinstance(before, Entry):
                found |= dict.fromkeys(self._needs(before))
            else:
                found[self._names[before]] = None
        return list(found)

    def _after(self, needs: list[str], resource: Resource) -> dict[str, Any]:
        if not needs:
            return {}
        place = f"{resource.name}.needs"
        return {"needs": self._compiler.data(_literal(needs, resource), place)}

    def _helper(self, helper: Helper) -> dict[str, Any]:
        if helper.role is Role.PARAMETERS:
            name = self._names[Helper(Role.PARAMETERS)]
            return parameter_tasks.first(self._compiler, name, self._needed, self._inputs)
        if helper.role is Role.CREDENTIAL:
            return rights.credential_task(
                self._compiler,
                self._credential_task,
                self._template.name,
                self._credential_variable,
            )
        if helper.role is Role.RELEASED:
            return {
                "description": f"Stop {helper.number} is released: what waited for it goes on.",
                "action": "std.noop",
            }
        if helper.role is Role.BEGIN:
            return {"description": "The stack begins.", "action": "std.noop"}
        done = "need" if self._mode is Mode.ALL_STOP else "do not block"
        then = "fails" if self._mode is Mode.ABORT else "pauses"
        return {
            "description": f"Stop {helper.number}: all that its breakpoints {done} is done; "
            f"now the stack {then}.",
            "action": "std.noop",
        }

    def _wanted_attributes(self) -> dict[str, list[Any]]:
        """For each resource, the attributes that the template reads, each with its path.

        A path ends where it needs another resource: that may not exist yet.
        """
        wanted: dict[str, list[Any]] = {}
        for name, found in self._needed.reads.items():
            if self._resources[name].nested is not None:
                continue
            paths = wanted.setdefault(name, [])
            for reference in found:
                if reference.attribute is None:
                    wanted[name] = [ALL_ATTRIBUTES]
                    break
                path: list[Any] = []
                for step in (reference.attribute, *reference.path):
                    if not all(isinstance(inner, ParameterRef) for inner in references(step)):
                        break
                    path.append(self._compiler.data(step, f"{name}.attributes"))
                if path not in paths:
                    paths.append(path)
        return wanted


def _told(kind: str, provider: Provider) -> tuple[str, ...]:
    """What the engine tells the action that makes such a resource; a rehearsal waits for nothing,
    and a signal that has come all the same is heard."""
    row = cloud_type(kind) if provider is not Provider.HEAT else None
    told = row.tells if row is not None else ()
    return told if provider.is_real else tuple(name for name in told if name == "signals")


def _wish(task: FlowTask) -> str:
    if isinstance(task, Breakpoint):
        return task.name
    if isinstance(task, Helper):
        return f"{task.role.value}:{task.number}" if task.number else task.role.value
    if isinstance(task, Entry):
        return f"{task.resource}:batch-{task.batch}" if task.batch else f"{task.resource}:begin"
    if isinstance(task, Removal):
        return wish(task)
    return task


def _count(plan: Plan) -> str:
    stops = sum(b.is_armed for stage in plan.stages for b in stage)
    return f"{stops} breakpoint{'' if stops == 1 else 's'}"


def _filled(value: Value) -> bool:
    return not (isinstance(value, MapValue) and not value.entries)


def _literal(data: Any, resource: Resource | None) -> Value:
    position = resource.position if resource else Position("", 0, 0)
    return from_plain(data, position)
