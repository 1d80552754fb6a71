"""What Heat's own resource does to a service when it is made, changed, and deleted.

Runs under Heat's own Python, as ``judge``: a JSON request per line, a JSON answer per line. Heat's
client libraries run in earnest, against the services of ``services.py``.

Request: ``type``, ``properties``, ``auth_url``. The resource is made; answer: ``ref``, ``id`` and
``attributes`` (values, or ``{"failed": message}``), and ``data``, which Heat keeps with it. With an
``id`` that resource is deleted; answer: ``{}``; with ``keeps`` as the deletion policy Snapshot has
it. With ``after`` and that ``data``, too, it becomes what those properties say, as in a stack that
is updated; answer: as for one made, or
``{"replaced": true}`` if Heat would make another. If Heat cannot, the answer is
``{"refused": message}``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import judge

PATIENCE = 30
"""Seconds; the services answer at once."""


def done(request: dict[str, Any]) -> dict[str, Any]:
    try:
        with _resource(request) as resource:
            if "after" in request:
                return _changed(resource, request)
            return _done(resource, request.get("id"), request.get("keeps", False))
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}"}


def _done(resource: Any, ident: str | None, is_kept: bool) -> dict[str, Any]:
    resource.reparse()
    if ident is not None:
        resource.resource_id = ident
        if is_kept:
            args = ([(resource.CREATE, resource.COMPLETE)], "snapshot")
            _run(resource, "DELETE", *args)
        else:
            _run(resource, "DELETE")
        return {}
    _run(resource, "CREATE")
    return _told(resource)


def _changed(resource: Any, request: dict[str, Any]) -> dict[str, Any]:
    """As in the update of a stack, whose decision between update and replacement it is, too."""
    from heat.engine import resource as engine
    from heat.engine import rsrc_defn

    resource.reparse()
    resource.resource_id_set(request["id"])
    for key, value in request["data"].items():
        resource.data_set(key, value)
    resource.state_set(resource.CREATE, resource.COMPLETE)
    resource._update_stored_properties()
    resource.store()
    after = rsrc_defn.ResourceDefinition(
        resource.name, resource.type(), request["after"], resource.t.metadata()
    )
    end = time.monotonic() + PATIENCE
    try:
        for _ in resource.update(after):
            if time.monotonic() > end:
                raise TimeoutError("it does not come to an end")
    except engine.UpdateReplace:
        return {"replaced": True}
    return _told(resource)


def _told(resource: Any) -> dict[str, Any]:
    names = sorted({*resource.attributes_schema, *resource.base_attributes_schema})
    return {
        "ref": resource.FnGetRefId(),
        "id": resource.resource_id,
        "attributes": {name: _attribute(resource, name) for name in names},
        "data": resource.data(),
    }


@contextmanager
def _resource(request: dict[str, Any]) -> Iterator[Any]:
    """The one of a stack in Heat's database, with the state that Heat gives it before it calls the
    resource's own code: without, it has no name of its own."""
    from heat.engine import stack, template
    from heat.objects import stack as records

    context = judge.context()
    context.auth_url = request["auth_url"]
    one = {"type": request["type"], "properties": request["properties"]}
    document = {"heat_template_version": "2021-04-16", "resources": {"one": one}}
    made = stack.Stack(context, "stack", template.Template(document))
    made.store()
    try:
        resource = made["one"]
        resource.state_set(resource.CREATE, resource.IN_PROGRESS)
        yield resource
    finally:
        records.Stack.delete(context, made.id)


def _run(resource: Any, action: str, *more: Any) -> None:
    """Heat's own steps, without its records of them."""
    end = time.monotonic() + PATIENCE
    for _ in resource.action_handler_task(action, *more):
        if time.monotonic() > end:
            raise TimeoutError("it does not come to an end")


def _attribute(resource: Any, name: str) -> Any:
    from oslo_serialization import jsonutils

    try:
        # So Heat writes into its database, and over RPC, what JSON has not.
        return json.loads(jsonutils.dumps(resource.FnGetAtt(name)))
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"}


def _without_constraints() -> None:
    """Only an update would ask first whether what its properties name is there."""
    from heat.engine import constraints

    constraints.CustomConstraint.validate = lambda *_, **__: None


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    judge.boot(has_cloud=True)
    _without_constraints()
    for line in sys.stdin:
        answers.write(json.dumps(done(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
