"""Which provider makes each resource, and whether it can.

A provider that knows a type by its table makes it with the properties that the table names:
anything else is refused here, at its place in the template, and not dropped when it is too late.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from wfbreak.diagnostics import Code, Diagnostics
from wfbreak.providers import Provider, Rule, choose
from wfbreak.translate.template import Resource, Template
from wfbreak.translate.values import Literal, MapValue
from wfbreak.types import schema
from wfbreak.types.table import all_types, cloud_type


def assign(
    template: Template, rules: Sequence[Rule], diagnostics: Diagnostics
) -> Mapping[str, Provider]:
    """The provider of each resource that is no stack of its own, by its whole name."""
    chosen = {
        resource.name: choose(resource.type, rules)
        for resource in template.walk()
        if resource.nested is None
    }
    for resource in template.walk():
        if chosen.get(resource.name) is Provider.OPENSTACK:
            _check(resource, diagnostics)
    return chosen


def _check(resource: Resource, diagnostics: Diagnostics) -> None:
    row = cloud_type(resource.type)
    if row is None:
        near = difflib.get_close_matches(resource.type, all_types(), n=1, cutoff=0.9)
        diagnostics.add(
            Code.PROVIDER,
            f"the openstack provider does not know the type '{resource.type}'",
            resource.position,
            hint=f"did you mean '{near[0]}'?"
            if near
            else f"--provider '{resource.type}=heat' has the cloud's Heat make it",
        )
        return
    properties = resource.properties
    if not isinstance(properties, MapValue) or resource.external_id is not None:
        return
    known = schema.find(resource.type)
    if known is not None and known.any_property:
        return
    for name, value in properties.entries.items():
        is_null = isinstance(value, Literal) and value.value is None
        rule = row.properties.get(name)
        if is_null or (rule is not None and rule.refused is None):
            continue
        if rule is None:
            diagnostics.add(
                Code.PROVIDER,
                f"the openstack provider does not know the property '{name}' of {resource.type}",
                value.position,
                hint=f"--provider '{resource.type}=heat' has the cloud's Heat make it",
            )
        else:
            diagnostics.add(
                Code.PROVIDER,
                f"the property '{name}' of {resource.type} cannot be had: {rule.refused}",
                value.position,
            )
