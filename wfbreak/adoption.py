"""A live stack of Heat's as what exists of a stack of wfbreak's.

Heat says of each resource which it is, not what it was made with. That follows from the stack's
template: it is translated as it was, and its expressions are evaluated on the references that are
known. What reads an attribute, or is hidden, is not known, and counts as unchanged as long as the
template says the same of it: nothing is replaced because nobody knows what it was made with.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from wfbreak import inventory
from wfbreak.abandoned import Abandoned, Resource
from wfbreak.diagnostics import Code, Diagnostics, InputError
from wfbreak.engine.model import State, Task
from wfbreak.existing import Existing, Stock
from wfbreak.providers import Provider, Rule, choose
from wfbreak.translate import Request, Translation, limits, translate
from wfbreak.translate import template as templates
from wfbreak.unstarted import Unstarted

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


@dataclass(frozen=True, slots=True)
class Adopted:
    """What exists. ``written`` are, by resources, the expressions of those properties of which
    nobody knows what they were."""

    stock: Stock
    written: Mapping[str, Mapping[str, Any]]

    def beside(self, translation: Translation) -> Stock:
        """What exists, for this translation of the template that the stack shall have: what is not
        known counts as unchanged only where the template still says the same."""
        says = {
            task["input"]["resource"]: task["input"].get("properties") or {}
            for task in Unstarted(translation).tasks.values()
            if task["action"] == _CREATE
        }
        resources = {
            name: replace(existing, unknown=self._same(name, says.get(name, {})))
            for name, existing in self.stock.resources.items()
        }
        return replace(self.stock, resources=resources)

    def _same(self, name: str, says: Mapping[str, Any]) -> tuple[str, ...]:
        was = self.written.get(name, {})
        return tuple(key for key, value in was.items() if key in says and says[key] == value)


def adopt(abandoned: Abandoned, providers: tuple[Rule, ...]) -> Adopted:
    """What exists of the stack; ``providers`` will go on with it.

    :raises InputError: if the stack's own template cannot be read, or something cannot be adopted.
    """
    diagnostics = Diagnostics()
    with tempfile.TemporaryDirectory() as folder:
        template, environment = abandoned.write(Path(folder))
        files = (str(environment),)
        # Whatever limits its Heat has, the stack was within them.
        request = Request(
            str(template),
            files,
            stack=_stack_name(abandoned),
            providers=providers,
            limits=limits.NONE,
        )
        try:
            translation = translate(request)
        except InputError as error:
            diagnostics.add(
                Code.UNSUPPORTED_RESOURCE,
                "the template that Heat had cannot be read, and it tells what exists",
            )
            diagnostics.findings += error.diagnostics.errors
            raise InputError(diagnostics) from None
    found = dict(_named(abandoned, translation))
    _refuse(found, providers, diagnostics)
    diagnostics.raise_errors()
    return _Adopter(found, translation, providers).adopted()


def _stack_name(abandoned: Abandoned) -> str:
    return "".join(c if c.isalnum() or c in "_.-" else "_" for c in abandoned.name)


def _named(abandoned: Abandoned, translation: Translation) -> Iterator[tuple[str, Resource]]:
    """What Heat had, by the names that it has here: members of scaling groups are numbered."""
    numbered = {
        resource.name
        for resource in translation.template.walk()
        if resource.nested is not None and resource.nested.family in _BY_NUMBER
    }

    def walk(resource: Resource, name: str) -> Iterator[tuple[str, Resource]]:
        if resource.inside is None:
            if resource.ident is not None:
                yield name, resource
            return
        for number, member in enumerate(resource.inside.values()):
            own = str(number) if name in numbered else member.name
            yield from walk(member, f"{name}/{own}")

    for resource in abandoned.resources.values():
        yield from walk(resource, resource.name)


def _refuse(
    found: Mapping[str, Resource], providers: tuple[Rule, ...], diagnostics: Diagnostics
) -> None:
    for name, each in found.items():
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


class _Adopter:
    def __init__(
        self,
        found: Mapping[str, Resource],
        translation: Translation,
        providers: tuple[Rule, ...],
    ) -> None:
        self._found, self._name, self._providers = found, translation.name, providers
        self._unstarted = Unstarted(translation)
        self._tasks: dict[str, tuple[str, Any]] = {
            str(task["input"]["resource"]): (name, task["input"])
            for name, task in self._unstarted.tasks.items()
            if task["action"] == _CREATE
        }

    def adopted(self) -> Adopted:
        """As if the workflow of the template that Heat had, which nobody has started, had made
        it."""
        here = {n: r for n, r in self._found.items() if n in self._tasks and _is_there(r)}
        results = {}
        for name, resource in here.items():
            ref = None if resource.type.startswith(_BY_NAME) else resource.ident
            results[self._tasks[name][0]] = {"physical_id": resource.ident, "ref": ref}
        known = {task for task, result in results.items() if result["ref"] is not None}
        given, written = {}, {}
        for name in here:
            task, said = self._tasks[name]
            properties = said.get("properties") or {}
            written[name] = {
                key: value
                for key, value in properties.items()
                if self._unstarted.unknown(value, known)
            }
            resolved = self._unstarted.properties(name, results)
            is_known = not self._unstarted.unknown(said.get("metadata"), known)
            given[task] = {
                **said,
                "properties": {k: v for k, v in resolved.items() if k not in written[name]},
                "metadata": said.get("metadata") if is_known else {},
            }
        execution, workflow = self._unstarted.execution, self._unstarted.workflow
        taken = inventory.take(
            execution, workflow, {task: _done(task) for task in results}, results, given
        )
        resources = {
            name: replace(existing, unknown=tuple(written[name]), source=None)
            for name, existing in taken.resources.items()
        }
        return Adopted(Stock(resources, tuple(self._leftovers()), taken.skipped), written)

    def _leftovers(self) -> Iterator[Existing]:
        """What is not whole, and what the stack's template does not have."""
        for name, resource in self._found.items():
            if name in self._tasks and _is_there(resource):
                continue
            said = self._tasks[name][1] if name in self._tasks else {}
            yield Existing(
                name,
                str(said.get("type", resource.type)),
                "",
                self._name,
                Provider(said.get("provider", choose(resource.type, self._providers).value)),
                resource.ident,
                deletion_policy=said.get("deletion_policy"),
                external="external_id" in said,
            )


def _is_there(resource: Resource) -> bool:
    return resource.ident is not None and resource.is_whole


def _done(name: str) -> Task:
    now = datetime.now(UTC)
    return Task(name, name, State.SUCCESS, None, now, now, now)
