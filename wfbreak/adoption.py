"""A live stack of Heat's as what exists of a stack of wfbreak's.

Heat says of each resource which it is, not what it was made with. That follows from the stack's
template: it is translated as it was, and its expressions are evaluated on the references that are
known. What reads an attribute, or is hidden, is not known, and counts as unchanged: what is adopted
is not replaced because nobody knows what it was made with.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from wfbreak import inputs, inventory
from wfbreak.abandoned import Abandoned, Resource
from wfbreak.diagnostics import Code, Diagnostics, InputError
from wfbreak.engine.model import Execution, State, Task, Workflow
from wfbreak.existing import Existing, Stock
from wfbreak.providers import Provider, Rule, choose
from wfbreak.status import document
from wfbreak.translate import Request, Translation, translate
from wfbreak.translate import template as templates
from wfbreak.translate.expressions import quote, reads, strings

_CREATE: Final = "wfbreak.create"

_LOST: Final = {
    "OS::Heat::RandomString": "its value would be drawn anew",
    "OS::Heat::WaitCondition": "the signals that it has had would be lost",
    "OS::Heat::WaitConditionHandle": "the signals that it has had would be lost",
    "OS::Heat::UpdateWaitConditionHandle": "the signals that it has had would be lost",
    "OS::Heat::SwiftSignal": "the signals that it has had would be lost",
    "OS::Heat::SwiftSignalHandle": "the signals that it has had would be lost",
}
"""What is nothing but what Heat keeps of it."""

_BY_NAME: Final = ("OS::Heat::", "AWS::")
"""Types whose reference may be another thing than the id."""

_BY_NUMBER: Final = (templates.Family.SCALING, templates.Family.INSTANCES)
"""Groups whose members have random names in Heat."""


def stock(abandoned: Abandoned, providers: tuple[Rule, ...]) -> Stock:
    """What exists of the stack; ``providers`` will go on with it.

    :raises InputError: if the stack's own template cannot be read, or something cannot be adopted.
    """
    diagnostics = Diagnostics()
    _refuse(abandoned, providers, diagnostics)
    diagnostics.raise_errors()
    with tempfile.TemporaryDirectory() as folder:
        template, environment = abandoned.write(Path(folder))
        files = (str(environment),)
        request = Request(str(template), files, stack=_stack_name(abandoned), providers=providers)
        try:
            translation = translate(request)
        except InputError as error:
            diagnostics.add(
                Code.UNSUPPORTED_RESOURCE,
                "the template that Heat had cannot be read, and it tells what exists",
            )
            diagnostics.findings += error.diagnostics.errors
            raise InputError(diagnostics) from None
    return _Adopter(abandoned, translation, providers).stock()


def _refuse(abandoned: Abandoned, providers: tuple[Rule, ...], diagnostics: Diagnostics) -> None:
    for name, each in _walk(abandoned):
        if each.ident is None or each.inside is not None:
            continue
        if each.type in _LOST:
            diagnostics.add(
                Code.UNSUPPORTED_RESOURCE,
                f"'{name}' ({each.type}) cannot be adopted: {_LOST[each.type]}",
                hint="take it out of Heat's stack first, with a value in its place",
            )
        elif choose(each.type, providers) is Provider.HEAT:
            diagnostics.add(
                Code.PROVIDER,
                f"'{name}' ({each.type}) cannot be adopted by the provider heat, whose resources "
                "are stacks of Heat's",
                hint=f"--provider '{each.type}=openstack'",
            )


def _stack_name(abandoned: Abandoned) -> str:
    return "".join(c if c.isalnum() or c in "_.-" else "_" for c in abandoned.name)


def _walk(abandoned: Abandoned) -> Iterator[tuple[str, Resource]]:
    for resource in abandoned.resources.values():
        yield from resource.walk()


class _Adopter:
    def __init__(
        self, abandoned: Abandoned, translation: Translation, providers: tuple[Rule, ...]
    ) -> None:
        self._translation, self._providers = translation, providers
        self._workflow = Workflow("", translation.name, "", translation.text())
        tasks = document(self._workflow)["tasks"]
        self._tasks: dict[str, tuple[str, Any]] = {
            str(task["input"]["resource"]): (name, task["input"])
            for name, task in tasks.items()
            if task["action"] == _CREATE
        }
        self._names = {quote(name): name for name, _ in self._tasks.values()}
        self._hidden = {*translation.inputs, *translation.secrets, *translation.missing}
        # It was made by none.
        now = datetime.now(UTC)
        self._execution = Execution(
            "",
            translation.name,
            "",
            "",
            "",
            State.SUCCESS,
            None,
            now,
            now,
        )
        self._found = dict(self._named(abandoned))

    def stock(self) -> Stock:
        made = {n: r for n, r in self._found.items() if n in self._tasks and _is_there(r)}
        tasks, results, given = {}, {}, {}
        for name, resource in made.items():
            task, said = self._tasks[name]
            tasks[task] = _done(task, self._execution)
            ref = None if resource.type.startswith(_BY_NAME) else resource.ident
            results[task] = {"physical_id": resource.ident, "ref": ref}
            given[task] = dict(said)
        unknown = {}
        for name in made:
            task, said = self._tasks[name]
            known, unknown[name] = self._properties(name, said, results)
            given[task]["properties"] = known
            if not self._is_known(said.get("metadata"), results):
                given[task]["metadata"] = {}
        taken = inventory.take(self._execution, self._workflow, tasks, results, given)
        resources = {
            name: replace(existing, unknown=unknown[name], source=None)
            for name, existing in taken.resources.items()
        }
        return Stock(resources, tuple(self._leftovers()), taken.skipped)

    def _named(self, abandoned: Abandoned) -> Iterator[tuple[str, Resource]]:
        """What Heat had, by the names that it has here: members of scaling groups are numbered."""
        groups = {
            resource.name: resource.nested
            for resource in self._translation.template.walk()
            if resource.nested is not None
        }

        def walk(resource: Resource, name: str) -> Iterator[tuple[str, Resource]]:
            if resource.inside is None:
                if resource.ident is not None:
                    yield name, resource
                return
            nested = groups.get(name)
            is_numbered = nested is not None and nested.family in _BY_NUMBER
            for number, member in enumerate(resource.inside.values()):
                own = str(number) if is_numbered else member.name
                yield from walk(member, f"{name}/{own}")

        for resource in abandoned.resources.values():
            yield from walk(resource, resource.name)

    def _properties(
        self, name: str, said: Mapping[str, Any], results: Mapping[str, Any]
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The properties that are known, and the names of the others."""
        written = said.get("properties") or {}
        resolved = inputs.resolve(self._execution, self._workflow, results, name) or {}
        known = {
            key: resolved[key]
            for key, value in written.items()
            if key in resolved and self._is_known(value, results)
        }
        return known, tuple(key for key in written if key not in known)

    def _is_known(self, written: Any, results: Mapping[str, Any]) -> bool:
        """Whether its expressions read nothing but references that Heat has told."""
        for quoted, is_reference in reads(written):
            task = self._names.get(quoted, quoted)
            if not is_reference or (results.get(task) or {}).get("ref") is None:
                return False
        texts = [text for text in strings(written) if text.startswith("<%")]
        return not any(re.search(rf"\b{re.escape(n)}\b", t) for n in self._hidden for t in texts)

    def _leftovers(self) -> Iterator[Existing]:
        """What is not whole, and what the stack's template does not have."""
        for name, resource in self._found.items():
            if name in self._tasks and _is_there(resource):
                continue
            said = self._tasks[name][1] if name in self._tasks else {}
            yield Existing(
                name,
                str(said.get("type", resource.type)),
                self._execution.id,
                self._translation.name,
                Provider(said.get("provider", choose(resource.type, self._providers).value)),
                resource.ident,
                deletion_policy=said.get("deletion_policy"),
                external="external_id" in said,
            )


def _is_there(resource: Resource) -> bool:
    return resource.ident is not None and resource.is_whole


def _done(name: str, execution: Execution) -> Task:
    now = execution.created_at
    return Task(name, name, State.SUCCESS, None, now, now, now)
