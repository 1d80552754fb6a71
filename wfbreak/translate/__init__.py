"""The compiler: a template, its environment and its breakpoints become a Mistral workflow.

:func:`translate` runs the passes in their order; none of them knows the next (ARCHITECTURE.md).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import networkx as nx

from wfbreak import parts
from wfbreak.diagnostics import Code, Diagnostics, InputError
from wfbreak.existing import Stock
from wfbreak.failure import OnFailure
from wfbreak.providers import Provider
from wfbreak.providers import Rule as ProviderRule
from wfbreak.tags import Kind
from wfbreak.translate import (
    breakpoints,
    certificate,
    configs,
    dependencies,
    emit,
    environment,
    flow,
    load,
    making,
    model,
    needed,
    opening,
    partition,
    places,
    properties,
    removals,
    schema,
    stages,
    stop_rules,
    verify,
    verify_parts,
)
from wfbreak.translate.certificate import Certificate, Verdict
from wfbreak.translate.changing import Changing
from wfbreak.translate.document import Document, dump
from wfbreak.translate.environment import Environment
from wfbreak.translate.limits import HEATS, Limits
from wfbreak.translate.load import Loaded
from wfbreak.translate.nodes import Plain
from wfbreak.translate.partition import AUTO, Partition
from wfbreak.translate.stages import Mode, Plan
from wfbreak.translate.stop_rules import Rule
from wfbreak.translate.template import DeletionPolicy, Template
from wfbreak.translate.versions import Version

__all__ = ["Deletion", "Mode", "Request", "Translation", "certify", "delete", "translate"]

_STACK_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_.-]{0,254}\Z")


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks to be translated. Paths are as the person wrote them.

    ``options`` are the parameters of the command line (``-P``), ``breaks`` the ``--break`` options
    and ``no_breaks`` those that take breakpoints away, ``stack`` the stack's name (the template's
    file name unless told). ``strict`` refuses what is only near to Heat's meaning. ``providers``
    say who makes which types. ``secrets`` are ids in the cloud's key manager, by the names of the
    parameters whose values lie there. ``stock`` is what exists of the stack: then it is updated.
    ``on_failure`` says what begins when something has failed. ``limits`` are those of the cloud's
    Heat. ``partition`` says whether the workflow is cut into parts.
    """

    template: str
    environments: tuple[str, ...] = ()
    options: Mapping[str, Plain] = field(default_factory=dict)
    breaks: tuple[str, ...] = ()
    break_files: tuple[str, ...] = ()
    mode: Mode = Mode.NON_STOP
    stack: str | None = None
    strict: bool = False
    no_breaks: tuple[str, ...] = ()
    providers: tuple[ProviderRule, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    stock: Stock | None = None
    on_failure: OnFailure = OnFailure.CONTINUE
    limits: Limits = HEATS
    partition: Partition = AUTO


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a person asks to be deleted: all of ``stock``, what exists of a stack. Of the
    environments only the hooks count."""

    stack: str
    stock: Stock
    environments: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    break_files: tuple[str, ...] = ()
    mode: Mode = Mode.NON_STOP
    no_breaks: tuple[str, ...] = ()
    on_failure: OnFailure = OnFailure.CONTINUE
    partition: Partition = AUTO


@dataclass(frozen=True, slots=True)
class Translation:
    """A workflow and what it was made from.

    ``inputs`` are the values of the workflow's inputs that are known and must not stand in its
    text (hidden parameters); ``secrets`` the ids, in the cloud's key manager, of those that lie
    there; ``missing`` the inputs that still need a value.
    """

    template: Template
    graph: nx.DiGraph[dependencies.Node]
    plan: Plan
    document: Document
    diagnostics: Diagnostics
    inputs: Mapping[str, Any]
    secrets: Mapping[str, str]
    missing: tuple[str, ...]

    @property
    def name(self) -> str:
        """The workflow's name: the stack's."""
        return self.template.name

    def text(self) -> str:
        """The document as YAML."""
        return dump(self.document)

    def digest(self) -> str:
        """What tells this workflow from another with the same name: 12 hexadecimal digits."""
        return hashlib.sha256(self.text().encode()).hexdigest()[:12]


def translate(request: Request) -> Translation:
    """Translate a template; warnings stand in the result's ``diagnostics``.

    :raises InputError: with everything that is wrong, if anything is.
    """
    diagnostics = Diagnostics()
    template = read(request, diagnostics)
    properties.check_properties(template[0], diagnostics)
    graph = dependencies.build(template[0], diagnostics)
    going = removals.add(graph, request.stock) if request.stock is not None else {}
    rules = _rules(request, template[0], template[1], diagnostics)
    # Where the model lacks something, a breakpoint on it would seem to match nothing.
    diagnostics.raise_errors()
    where = places.find(template[0], request.stock, going)
    without = stop_rules.from_options(request.no_breaks, diagnostics, "--no-break")
    stops = breakpoints.arm(rules, template[0], where, diagnostics, without, stages.order(graph))
    if request.strict:
        _refuse_approximated(certify(request, diagnostics), diagnostics)
    diagnostics.raise_errors()
    stopping = request.on_failure is not OnFailure.CONTINUE
    change = Changing(stops_at_failure=stopping)
    if request.stock is not None:
        names = [resource.name for resource in template[0].walk()]
        restricted = {name: template[1].restricted(name) for name in names}
        change = Changing(Kind.UPDATE, request.stock.resources, going, restricted, stopping)
    steps = Steps(graph, tuple(where), tuple(stops))
    return _compile(request, template[0], steps, change, diagnostics)


@dataclass(frozen=True, slots=True)
class Steps:
    """What is done in which order, where it can be stopped, and where it is."""

    graph: nx.DiGraph[dependencies.Node]
    places: tuple[places.Place, ...]
    stops: tuple[breakpoints.Breakpoint, ...]


def delete(request: Deletion) -> Translation:
    """The workflow that takes away all that exists of a stack.

    :raises InputError: with everything that is wrong, if anything is.
    """
    diagnostics = Diagnostics()
    template = Template(request.stack, max(Version), request.stack, None, {}, {})
    graph: nx.DiGraph[dependencies.Node] = nx.DiGraph()
    going = removals.add(graph, request.stock)
    files = [_load(path, "environment", diagnostics) for path in request.environments]
    merged = environment.merge([file for file in files if file is not None], {}, {}, diagnostics)
    hooks = tuple(hook for hook in merged.hooks if hook.hook.action == Kind.DELETE.value)
    asked = Request(
        "",
        mode=request.mode,
        break_files=request.break_files,
        breaks=request.breaks,
        partition=request.partition,
    )
    rules = _rules(asked, template, replace(merged, hooks=hooks), diagnostics)
    diagnostics.raise_errors()
    where = places.find(template, request.stock, going)
    without = stop_rules.from_options(request.no_breaks, diagnostics, "--no-break")
    stops = breakpoints.arm(rules, template, where, diagnostics, without, stages.order(graph))
    diagnostics.raise_errors()
    steps = Steps(graph, tuple(where), tuple(stops))
    stops_at_failure = request.on_failure is not OnFailure.CONTINUE
    change = Changing(Kind.DELETE, {}, going, stops_at_failure=stops_at_failure)
    return _compile(asked, template, steps, change, diagnostics)


def certify(request: Request, diagnostics: Diagnostics) -> Certificate:
    """The certificate of the translation of ``request`` that ``diagnostics`` are of."""
    return certificate.certify(diagnostics, request.environments, request.break_files)


def _refuse_approximated(found: Certificate, diagnostics: Diagnostics) -> None:
    for entry in found.of(Verdict.APPROXIMATED):
        diagnostics.add(
            Code.STRICT,
            f"{entry.construct} is approximated: {entry.note}",
            entry.position,
            hint="--strict refuses it",
        )


def read(request: Request, diagnostics: Diagnostics) -> tuple[Template, Environment]:
    """The front end: everything up to the model.

    :raises InputError: if the template cannot be read at all; smaller mistakes are collected.
    """
    stack = request.stack or _stack_name(request.template)
    if not _STACK_NAME.match(stack):
        diagnostics.add(
            Code.RESOURCE_DEFINITION,
            f"'{stack}' cannot name a stack",
            hint="a letter, then letters, digits, '_', '.', '-'; at most 255 (give --name)",
        )
    source = load.read(request.template, diagnostics)
    opened = opening.open_template(source, diagnostics, request.limits) if source else None
    if opened is None:
        raise InputError(diagnostics)
    files = [_load(path, "environment", diagnostics) for path in request.environments]
    schemata = {name: declaration.schema for name, declaration in opened.declared.items()}
    merged = environment.merge(
        [file for file in files if file is not None], request.options, schemata, diagnostics
    )
    merged = replace(merged, secrets=request.secrets)
    template = model.build(opened, merged, stack, diagnostics, request.stock, request.limits)
    return template, merged


def _load(path: str, kind: str, diagnostics: Diagnostics) -> Loaded | None:
    source = load.read(path, diagnostics)
    loaded = load.load(source, diagnostics) if source else None
    if loaded is None or not schema.validate(loaded, kind, diagnostics):
        return None
    return loaded


def _stack_name(template: str) -> str:
    stem = re.sub(r"[^a-zA-Z0-9_.-]", "_", Path(template).stem)
    return stem if stem[:1].isalpha() else f"stack_{stem}"


def _rules(
    request: Request, template: Template, merged: Environment, diagnostics: Diagnostics
) -> list[Rule]:
    rules = stop_rules.from_hooks(merged.hooks)
    for path in request.break_files:
        loaded = _load(path, "breakpoints", diagnostics)
        if loaded is not None:
            rules += stop_rules.from_file(loaded, template, diagnostics)
    return rules + stop_rules.from_options(request.breaks, diagnostics)


def _refuse_snapshots(change: Changing, diagnostics: Diagnostics) -> None:
    for removal, existing in change.going.items():
        is_kept = existing.deletion_policy == DeletionPolicy.SNAPSHOT.value
        if not is_kept or existing.provider is not Provider.HEAT:
            continue
        if removal.resource in change.existing and change.kind is Kind.UPDATE:
            continue  # it goes only if it is replaced, and then its action refuses
        diagnostics.add(
            Code.UNSUPPORTED_RESOURCE,
            f"'{existing.resource}' ({existing.source}) has the deletion policy Snapshot, which "
            "the heat provider does not carry out",
            hint="take the snapshot, and set the policy to Delete or Retain by an update",
        )


def _compile(
    request: Request,
    template: Template,
    steps: Steps,
    change: Changing,
    diagnostics: Diagnostics,
) -> Translation:
    asked = [condition.data for stop in steps.stops for condition in stop.conditions]
    providers = making.assign(template, request.providers, diagnostics)
    template = configs.put_texts(template, providers, diagnostics)
    what = needed.find(template, diagnostics, asked)
    diagnostics.raise_errors()
    plan = stages.plan(steps.graph, steps.stops, request.mode, steps.places, what.entries)
    stages.check_conditions(plan, diagnostics)
    diagnostics.raise_errors()
    _refuse_snapshots(change, diagnostics)
    goes = [existing.provider for existing in change.going.values()]
    real = any(provider.is_real for provider in (*providers.values(), *goes))
    if request.secrets and not real:
        diagnostics.add(
            Code.PARAMETER_SECRET,
            f"a rehearsal has no key manager to fetch {', '.join(request.secrets)} from",
            hint="rehearse with made-up values, or have resources made (--provider openstack)",
        )
    tasks = flow.build(plan, check_parameters=what.any_at_start, make_credential=real)
    emitted = emit.emit(template, plan, tasks, what, request.mode, providers, change)
    emitted = partition.apply(emitted, template.name, plan, tasks, request.partition)
    verify.verify(
        parts.joined(emitted.document[template.name], emitted.document),
        plan,
        {step: emitted.tasks[step] for step in plan.order},
        diagnostics,
    )
    verify_parts.verify_parts(emitted.document, template.name, diagnostics)
    diagnostics.raise_errors()
    known, lying, missing = needed.known_inputs(what, emitted.inputs)
    return Translation(
        template, steps.graph, plan, emitted.document, diagnostics, known, lying, tuple(missing)
    )
