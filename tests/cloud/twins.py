"""The same template twice: by wfbreak, whose openstack provider makes it, and by the cloud's Heat.

Both are the real thing: an embedded engine runs the translated template, Heat a stack of it. What
the services show of each resource has to be the same for both, and so have the references and every
attribute of the types' schemas. In between the engine's tasks are run once more, as after a crash,
which may change nothing; then all is deleted, and has to be gone.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, TypeVar

import yaml

from cloud.alike import Sight, differences, ids_in, is_id, replaced
from cloud.local_engine import engine_of
from wfbreak.actions.openstack.cloud import Cloud
from wfbreak.actions.openstack.failures import NotFound
from wfbreak.actions.openstack.maker import Maker
from wfbreak.actions.openstack.provider import OpenStackProvider
from wfbreak.actions.provider import Created, CreateRequest, ProviderError
from wfbreak.again import Again
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.providers import Provider, Rule
from wfbreak.status import outputs
from wfbreak.translate import Request, translate
from wfbreak.types import schema

PATIENCE = 180.0
"""Seconds for a template, or for its deletion; most take five."""

IN_CONFLICT = 20.0
"""Seconds for a refusal that may pass."""

REFERENCE = "(reference)"
"""Stands for an attribute's name where ``get_resource`` is meant."""

T = TypeVar("T")
Results = dict[str, tuple[CreateRequest, Created]]
"""What wfbreak has made: requests and their results by the resources' names, each after those that
it needs."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to compare of one of the twins, by the resources' names."""

    ids: Mapping[str, str]
    shown: Mapping[str, Any]
    attributes: Mapping[str, Mapping[str, Any]]

    def names(self) -> dict[str, str]:
        """The resources' names by their ids; without those that are made of others' ids, or are
        no ids of a service's at all."""
        names: dict[str, str] = {}
        for name, ident in self.ids.items():
            is_made_of = any(is_id(i) and i in ident and i != ident for i in self.ids.values())
            if is_id(ident) and not is_made_of:
                names.setdefault(ident, name)
        return names


class Watched(Cloud):
    """Counts what changes something."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.changes: list[str] = []

    def ask(self, service: str, method: str, path: str, *args: Any, **options: Any) -> Any:
        if method not in ("GET", "HEAD"):
            self.changes.append(f"{method} {path}")
        return super().ask(service, method, path, *args, **options)


class WatchedProvider(OpenStackProvider):
    """The provider, with a cloud that the test gives."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def maker(self, request: CreateRequest, *, is_whole: bool = True) -> Maker:
        maker = super().maker(request, is_whole=is_whole)
        maker.cloud = self.cloud
        return maker


@dataclass(frozen=True, slots=True)
class Twins:
    """Makes templates on a cloud, over ``connection``, with the rights that it has.

    ``hidden`` are attributes (``RESOURCE.ATTRIBUTE``) that are no part of the comparison, and
    ``masked`` keys whose values the service draws: a test says why.
    """

    connection: Any
    hidden: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()

    def check(self, resources: str) -> None:
        """Make the ``resources`` (that section of a template, as YAML) in both ways; compare."""
        section = yaml.safe_load(resources)
        template = _template(section, self.hidden)
        stack = f"twin-{uuid.uuid4().hex[:6]}"
        made, ours = self._by_wfbreak(template, stack)
        theirs = self._by_heat(template, stack, made, ours)
        sides = [{"shown": seen.shown, "attributes": seen.attributes} for seen in (ours, theirs)]
        common = ids_in(sides[0]) & ids_in(sides[1])
        found, expected = (
            Sight(seen.names(), resources, common, self.masked).of(side)
            for seen, side in zip((ours, theirs), sides, strict=True)
        )
        unlike = differences(found, expected)
        assert not unlike, "unlike Heat's:\n" + "\n".join(unlike)

    # --- by wfbreak -----------------------------------------------------------------------------

    def _by_wfbreak(self, template: Mapping[str, Any], stack: str) -> tuple[Results, Seen]:
        made, error, values = run_on_engine(self.connection, template, stack)
        try:
            assert error is None, error
            attributes = _sorted_out(values)
            before = self._shown(made)
            self._run_again(made, attributes)
            assert self._shown(made) == before
        except BaseException:
            # What went wrong first is worth more than what does not go away because of it.
            with contextlib.suppress(ProviderError):
                self.delete(made)
            raise
        self.delete(made)
        ids = {name: created.physical_id for name, (_, created) in made.items()}
        return made, Seen(ids, before, attributes)

    def _run_again(self, made: Results, attributes: dict[str, dict[str, Any]]) -> None:
        """What the engine does after a crash that took an action's result. Attributes that Heat
        reads anew for each output are read now, when all has been created: those that it does not
        keep, and those that were null (heat/engine/attributes.py)."""
        cloud = Watched(self.connection)
        for request, created in made.values():
            again = WatchedProvider(cloud).create(request)
            # What the attributes are may have changed since: by what was created afterwards.
            assert (again.ref, again.physical_id) == (created.ref, created.physical_id)
            assert again.attributes.keys() == created.attributes.keys()
            assert not cloud.changes, f"run again, {request.resource} sends {cloud.changes}"
            known = schema.find(request.type)
            assert known is not None
            for name, value in again.attributes.items():
                values = attributes[request.resource]
                if not known.attributes[name].cached or values[name] is None:
                    values[name] = value

    def _shown(self, made: Results) -> dict[str, Any]:
        return {
            name: self._maker(request).show(created.physical_id)
            for name, (request, created) in made.items()
        }

    def delete(self, made: Results) -> None:
        """Delete all, the newest first, and see that it is gone."""
        for request, created in reversed(made.values()):
            maker, ident = self._maker(request), created.physical_id
            patiently(lambda maker=maker, ident=ident: maker.delete(ident))
            assert _is_gone(maker, ident), f"{request.resource} is still there"

    def _maker(self, request: CreateRequest) -> Maker:
        return WatchedProvider(Cloud(self.connection)).maker(request)

    def _stacked(self, ident: str) -> Any:
        """Heat's stack once it is complete."""
        begin = time.monotonic()
        while time.monotonic() - begin < PATIENCE:
            found = self.connection.orchestration.get_stack(ident)
            if found.status != "CREATE_IN_PROGRESS":
                break
            time.sleep(0.5)
        assert found.status == "CREATE_COMPLETE", f"Heat: {found.status_reason}"
        return found

    # --- by Heat --------------------------------------------------------------------------------

    def _by_heat(self, template: Mapping[str, Any], stack: str, made: Results, ours: Seen) -> Seen:
        heat = self.connection.orchestration
        stacked = heat.create_stack(name=stack, template=template, timeout_mins=5)
        try:
            found = self._stacked(stacked.id)
            values = {o["output_key"]: o.get("output_value") for o in found.outputs}
            attributes = _sorted_out(values)
            listed = {r.name: str(r.physical_resource_id) for r in heat.resources(stacked)}
            ids = {name: listed[name] for name in made}
            # Where it lies may depend on what it is given: on Heat's twin of that.
            twins = {ident: ids[name] for ident, name in ours.names().items()}
            shown = {}
            for name, (request, created) in made.items():
                given = replace(request, properties=replaced(request.properties, twins))
                ident = replaced(created.physical_id, twins)
                if ident == created.physical_id:  # a name, or a number of Heat's own
                    ident = ids[name]
                shown[name] = self._maker(given).show(ident)
            return Seen(ids, shown, attributes)
        finally:
            heat.delete_stack(stacked.id)
            heat.wait_for_delete(stacked, interval=0.5, wait=PATIENCE)


def run_on_engine(
    connection: Any, template: Mapping[str, Any], stack: str
) -> tuple[Results, str | None, dict[str, Any]]:
    """Translate and run a template: what was made, the failure if there is one, the outputs."""
    client = engine_of(connection)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.yaml"
        path.write_text(json.dumps(template))
        rules = (Rule("*", Provider.OPENSTACK),)
        translation = translate(Request(str(path), stack=stack, providers=rules))
    workflow = client.upload(translation.text(), f"test-{translation.digest()}")
    execution = client.start(workflow, {})
    deadline = time.monotonic() + PATIENCE
    while not execution.state.is_final and time.monotonic() < deadline:
        time.sleep(0.2)
        execution = client.execution(execution.id)
    made = _made(client, execution, connection)
    error = None
    if execution.state is not State.SUCCESS:
        open_ = [t for t in client.tasks(execution.id) if not t.state.is_final]
        told = [f"{task.name} is {task.state.value}: {task.state_info}" for task in open_]
        error = "\n".join([execution.state_info or execution.state.value, *told])
    return made, error, outputs(execution, workflow)


def _made(client: EngineClient, execution: Execution, connection: Any) -> Results:
    made: Results = {}
    order: TopologicalSorter[str] = TopologicalSorter()
    tasks = [task for task in client.tasks(execution.id) if task.state is State.SUCCESS]
    results = client.results(tasks)
    for task in tasks:
        (*_, action) = client._client.action_executions.list(task.id)
        given = json.loads(client._client.action_executions.get(action.id).input)
        result = results[task.name]
        if action.name != "wfbreak.create":
            continue
        attributes = tuple(
            tuple(a) if isinstance(a, list) else (a,) for a in given.get("attributes", ())
        )
        request = CreateRequest(
            execution_id=execution.id,
            stack=given["stack"],
            resource=given["resource"],
            type=given["type"],
            properties=given.get("properties", {}),
            metadata=given.get("metadata", {}),
            attributes=attributes,
            connect=lambda: connection,
        )
        created = Created(result["ref"], result["physical_id"], result["attributes"])
        made[request.resource] = (request, created)
        order.add(request.resource, *given.get("needs", ()))
    return {name: made[name] for name in order.static_order() if name in made}


def _template(section: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """The template, with every attribute of every type as an output."""
    values: dict[str, Any] = {}
    for name, definition in section.items():
        known = schema.find(definition["type"])
        assert known is not None, definition["type"]
        wanted = {REFERENCE: {"get_resource": name}}
        wanted |= {attribute: {"get_attr": [name, attribute]} for attribute in known.attributes}
        for attribute, value in wanted.items():
            if f"{name}.{attribute}" not in hidden:
                values[f"{name}|{attribute}"] = value
    return {
        "heat_template_version": "2021-04-16",
        "resources": dict(section),
        "outputs": {key: {"value": value} for key, value in values.items()},
    }


def _sorted_out(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The outputs by resources and attributes."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        name, _, attribute = key.partition("|")
        found.setdefault(name, {})[attribute] = value
    return found


def patiently(act: Callable[[], T]) -> T:
    """What comes of it, tried again as long as the failure is one that may pass."""
    begin = time.monotonic()
    while True:
        try:
            return act()
        except ProviderError as error:
            patience = PATIENCE if error.again is Again.PENDING else IN_CONFLICT
            if error.again is None or time.monotonic() - begin > patience:
                raise
        time.sleep(0.3)


def _is_gone(maker: Maker, ident: str) -> bool:
    try:
        maker.show(ident)
    except NotFound:
        return True
    return False
