"""The provider that has the cloud's Heat make a resource, as a stack of that one.

So any type can be had that the cloud's Heat knows, a vendor's too. The stack's name follows from
the execution and the resource, and Heat keeps names unique in a project: an action that runs again
finds it. The properties travel as a hidden parameter, so that Heat neither shows them nor takes
text in them for functions; what the template reads of the resource are the stack's outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

from wfbreak.actions.identity import Identity
from wfbreak.actions.openstack.cloud import Cloud
from wfbreak.actions.openstack.connection import is_by_credential
from wfbreak.actions.openstack.failures import NotFound
from wfbreak.actions.provider import (
    ALL_ATTRIBUTES,
    Created,
    CreateRequest,
    DeleteRequest,
    ProviderError,
    ReplaceNeeded,
    Updated,
    UpdateRequest,
)
from wfbreak.again import Again

_SERVICE: Final = "orchestration"
_RESOURCE: Final = "resource"
_REFERENCE: Final = "reference"
_VERSION: Final = "2016-10-14"
"""The oldest with ``external_id``, which any Heat since 2016 has."""


class HeatProvider:
    """Makes each resource as a stack of its own."""

    def create(self, request: CreateRequest) -> Created:
        """Make the stack, or find it made.

        :raises ProviderError: if Heat refuses or fails it, or it is not complete yet (``again``).
        """
        cloud = _cloud(request)
        name = stack_name(request)
        found = _stack(cloud, name)
        if found is None:
            try:
                cloud.ask(_SERVICE, "POST", "/stacks", _body(name, request))
            except ProviderError as error:
                raise _explained(error, cloud) from None
            found = _stack(cloud, name)
        _check(found)
        assert found is not None
        outputs = {output["output_key"]: output.get("output_value") for output in found["outputs"]}
        path = f"/stacks/{quote(name)}/{found['id']}/resources/{_RESOURCE}"
        made = cloud.get(_SERVICE, path)["resource"]
        return Created(
            str(outputs.get(_REFERENCE)),
            str(made["physical_resource_id"]),
            _attributes(_names(request), outputs),
        )

    def update(self, request: UpdateRequest) -> Updated:
        """Update the stack.

        :raises ReplaceNeeded: if there is none.
        :raises ProviderError: if Heat refuses or fails it, or it is not complete yet (``again``).
        """
        raise ReplaceNeeded("nothing is changed in place yet")

    def delete(self, request: DeleteRequest) -> None:
        """Delete the stack.

        :raises ProviderError: if Heat refuses or fails to, or has not done it yet (``again``).
        """
        cloud = _cloud(request)
        name = stack_name(request)
        found = _stack(cloud, name)
        if found is None:
            return
        status = str(found["stack_status"])
        if status == "DELETE_FAILED":
            raise ProviderError(f"Heat says: {found.get('stack_status_reason')}")
        if status != "DELETE_IN_PROGRESS":
            with suppress(NotFound):  # an earlier request has had it deleted meanwhile
                cloud.ask(_SERVICE, "DELETE", f"/stacks/{quote(name)}/{found['id']}")
            if _stack(cloud, name) is None:
                return
        raise ProviderError("its stack is being deleted", Again.PENDING)


def _cloud(request: CreateRequest | DeleteRequest) -> Cloud:
    if request.connect is None:
        raise ProviderError("there is no cloud to make it in")
    return Cloud(request.connect(makes_trusts=True))


def _explained(error: ProviderError, cloud: Cloud) -> ProviderError:
    """Heat does not say why it fails where Keystone refuses it a trust: it answers with 500."""
    if error.again is not Again.SERVICE or not is_by_credential(cloud.connection):
        return error
    return ProviderError(
        f"{error} (Heat was asked with the execution's application credential, and Keystone may "
        "refuse the trust that a stack needs to those: run the task again yourself, and Heat is "
        "asked with your token)",
        error.again,
    )


def stack_name(request: CreateRequest | DeleteRequest) -> str:
    """The name of the stack that a resource is."""
    identity = Identity(request.execution_id, request.stack, request.resource, "")
    return identity.physical_name()


def _stack(cloud: Cloud, name: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = cloud.get(_SERVICE, f"/stacks/{quote(name)}")["stack"]
    except NotFound:
        return None
    return found


def _check(stack: Mapping[str, Any] | None) -> None:
    status = str(stack["stack_status"]) if stack else "not there yet"
    if stack and status == "CREATE_COMPLETE":
        return
    if stack and status.endswith("_FAILED"):
        raise ProviderError(f"Heat says: {stack.get('stack_status_reason')}")
    raise ProviderError(f"its stack is {status}", Again.PENDING)


def _body(stack: str, request: CreateRequest) -> dict[str, Any]:
    given: dict[str, Any] = {
        "properties": {k: v for k, v in request.properties.items() if v is not None},
        "metadata": dict(request.metadata),
    }
    definition: dict[str, Any] = {"type": request.type}
    if request.external_id is not None:
        definition["external_id"] = request.external_id
    for section, entries in given.items():
        if entries and request.external_id is None:
            definition[section] = {key: {"get_param": [section, key]} for key in entries}
    outputs: dict[str, Any] = {_REFERENCE: {"get_resource": _RESOURCE}}
    for number, name in enumerate(_names(request)):
        steps = [] if name == ALL_ATTRIBUTES else [name]
        outputs[f"attribute_{number}"] = {"get_attr": [_RESOURCE, *steps]}
    return {
        "stack_name": stack,
        "template": {
            "heat_template_version": _VERSION,
            "description": f"{request.resource} of {request.stack}, made by wfbreak",
            "parameters": {
                section: {"type": "json", "hidden": True, "default": {}} for section in given
            },
            "resources": {_RESOURCE: definition},
            "outputs": {key: {"value": value} for key, value in outputs.items()},
        },
        "parameters": given,
        "disable_rollback": True,
    }


def _attributes(names: tuple[str, ...], outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes by their names; null for one that Heat cannot give, as in any stack."""
    attributes: dict[str, Any] = {}
    for number, name in enumerate(names):
        value = outputs.get(f"attribute_{number}")
        if name == ALL_ATTRIBUTES:
            attributes |= value if isinstance(value, Mapping) else {}
        else:
            attributes[name] = value
    return attributes


def _names(request: CreateRequest) -> tuple[str, ...]:
    """The attributes that are read, whole: a path goes on in what the workflow is given."""
    return tuple(dict.fromkeys(str(path[0]) for path in request.attributes))
