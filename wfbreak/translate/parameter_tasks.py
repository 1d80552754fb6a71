"""The tasks that check what is known at run time only, as a template's parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wfbreak.diagnostics import Position
from wfbreak.hot.parameters import to_plain
from wfbreak.translate.expressions import Compiler, is_evaluated, quote, variable
from wfbreak.translate.needed import Key, Needed
from wfbreak.translate.parameters import PROJECT_ID, Parameter
from wfbreak.translate.template import Resource
from wfbreak.translate.values import from_plain


def first(
    compiler: Compiler, task: str, needed: Needed, inputs: Mapping[Key, str]
) -> dict[str, Any]:
    """The task of this name at the start, which checks and publishes the workflow's ``inputs``."""
    declared: dict[str, Any] = {}
    given: dict[str, str] = {}
    published: dict[str, str] = {}
    for key, parameter in needed.inputs.items():
        name = ".".join(filter(None, key))
        if is_evaluated(name):
            name = inputs[key]
        declared[name] = _declared(parameter)
        given[name] = f"<% {variable(inputs[key])} %>"
        published[inputs[key]] = name
    nowhere = Position("", 0, 0)
    data: dict[str, Any] = {
        "declared": compiler.data(from_plain(declared, nowhere), f"{task}.declared")
    }
    if given:
        data["values"] = given
    if needed.project_id:
        data["pseudo"] = [PROJECT_ID]
        published[inputs["", PROJECT_ID]] = PROJECT_ID
    return {
        "description": "Check the workflow's inputs as the template's parameters.",
        "action": "wfbreak.parameters",
        "input": data,
        "publish": {
            variable: f"<% task().result.get({quote(name)}) %>"
            for variable, name in published.items()
        },
    }


def nested(
    compiler: Compiler, task: str, resource: Resource, given: Iterable[Parameter]
) -> dict[str, Any]:
    """The task of this name at which a nested stack begins: its resource's properties become the
    parameters that are ``given`` at run time."""
    parameters = list(given)
    declared: dict[str, Any] = {each.schema.name: _declared(each) for each in parameters}
    return {
        "description": f"Check the properties of {resource.name} ({resource.position}) as the "
        f"parameters of {resource.type}.",
        "action": "wfbreak.parameters",
        "input": {
            "declared": compiler.data(from_plain(declared, resource.position), f"{task}.declared"),
            "values": {
                each.schema.name: compiler.data(each.given, f"{task}.{each.schema.name}")
                for each in parameters
                if each.given is not None
            },
            "nested": True,
        },
    }


def _declared(parameter: Parameter) -> dict[str, Any]:
    """A parameter's declaration as the task that checks it has it."""
    # The default decides nothing here, and a hidden one's must not be in the text.
    plain = {k: v for k, v in to_plain(parameter.schema).items() if k != "default"}
    return {**plain, "source": str(parameter.position)}
