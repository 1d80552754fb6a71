"""The provider that has the cloud's Heat make a resource, as a stack of that one.

So any type can be had that the cloud's Heat knows, a vendor's too. The stack's name follows from
the execution and the resource, and Heat keeps names unique in a project: an action that runs again
finds it. The properties travel as a hidden parameter, so that Heat neither shows them nor takes
text in them for functions; what the template reads of the resource are the stack's outputs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
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
from wfbreak.types.changes import Change

_SERVICE: Final = "orchestration"
_RESOURCE: Final = "resource"
_REFERENCE: Final = "reference"
_DIGEST: Final = "digest"
"""The parameter that tells one request for a stack from another; Heat shows it."""

_SETTLED: Final = timedelta(minutes=1)

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
        return _created(cloud, found, request)

    def update(self, request: UpdateRequest) -> Updated:
        """Update the stack.

        :raises ReplaceNeeded: if there is none.
        :raises ProviderError: if Heat refuses or fails it, or it is not complete yet (``again``).
        """
        cloud = _cloud(request.wanted)
        name = stack_name(request.wanted)
        found = _stack(cloud, name)
        if found is None:
            raise ReplaceNeeded("its stack is gone")
        is_same = request.before == request.wanted.properties and request.attempted is None
        is_same = is_same and request.before_metadata == request.wanted.metadata
        if not is_same:
            request.refuse_if_restricted()
        body = _body(name, request.wanted)
        # Heat shows which update it was told last: no update is sent twice, and one that failed is
        # sent again only when somebody has the task tried again.
        is_told = found["parameters"].get(_DIGEST) == body["parameters"][_DIGEST]
        if not is_told or _is_long_failed(found):
            if str(found["stack_status"]).endswith("_IN_PROGRESS"):
                raise ProviderError(f"its stack is {found['stack_status']}", Again.PENDING)
            try:
                cloud.ask(_SERVICE, "PUT", f"/stacks/{quote(name)}/{found['id']}", body)
            except ProviderError as error:
                raise _explained(error, cloud) from None
            found = _stack(cloud, name)
        _check(found)
        assert found is not None
        change = Change.UNCHANGED if is_same else Change.UPDATED
        return Updated(_created(cloud, found, request.wanted), change)

    def delete(self, request: DeleteRequest) -> None:
        """Delete the stack.

        :raises ProviderError: if Heat refuses or fails to, or has not done it yet (``again``).
        """
        if request.keeps:
            raise ProviderError(
                "its deletion policy is Snapshot, which the heat provider does not carry out: take "
                "the snapshot, and set the policy to Delete or Retain by an update"
            )
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


def _created(cloud: Cloud, found: Mapping[str, Any], request: CreateRequest) -> Created:
    """What the stack, which is complete, has made."""
    outputs = {output["output_key"]: output.get("output_value") for output in found["outputs"]}
    path = f"/stacks/{quote(found['stack_name'])}/{found['id']}/resources/{_RESOURCE}"
    made = cloud.get(_SERVICE, path)["resource"]
    return Created(
        str(outputs.get(_REFERENCE)),
        str(made["physical_resource_id"]),
        _attributes(_names(request), outputs),
    )


def _is_long_failed(stack: Mapping[str, Any]) -> bool:
    """Whether an update failed some time ago: whoever asks again then means it."""
    if stack["stack_status"] != "UPDATE_FAILED" or not stack.get("updated_time"):
        return False
    failed = datetime.fromisoformat(stack["updated_time"].replace("Z", "+00:00"))
    return datetime.now(UTC) - failed > _SETTLED


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
    if stack and status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
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
    body = {
        "stack_name": stack,
        "template": {
            "heat_template_version": _VERSION,
            "description": f"{request.resource} of {request.stack}, made by wfbreak",
            "parameters": {
                **{s: {"type": "json", "hidden": True, "default": {}} for s in given},
                _DIGEST: {"type": "string"},
            },
            "resources": {_RESOURCE: definition},
            "outputs": {key: {"value": value} for key, value in outputs.items()},
        },
        "parameters": given,
        "disable_rollback": True,
    }
    given[_DIGEST] = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return body


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
