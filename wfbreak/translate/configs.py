"""The text of a software configuration, where Heat would look it up by its id.

``get_resource`` of a configuration gives an id. A server that has such an id as its ``user_data``,
or a part of a ``MultipartMime`` that has one as its ``config``, gets the text instead: Heat looks
it up (``heat/engine/resources/openstack/nova/server.py`` and ``heat/multi_part.py`` of
openstack-heat 27.0.1). Outside of Heat nobody knows the id, so the attribute ``config`` is put in
its place. What depends on what stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from wfbreak.diagnostics import Code, Diagnostics
from wfbreak.providers import Provider
from wfbreak.translate.template import Resource, Template
from wfbreak.translate.values import (
    AttributeRef,
    ListValue,
    Literal,
    MapValue,
    ParameterRef,
    ResourceRef,
    Value,
)

TEXTS: Final = frozenset(
    {"OS::Heat::CloudConfig", "OS::Heat::MultipartMime", "OS::Heat::SoftwareConfig"}
)
"""The configurations that are text."""

_MAPS: Final = frozenset({"OS::Heat::SoftwareComponent", "OS::Heat::StructuredConfig"})

_SERVER: Final = "OS::Nova::Server"
_MULTIPART: Final = "OS::Heat::MultipartMime"
_NOT_LOOKED_UP: Final = "HEAT_CFNTOOLS"
"""The default of ``user_data_format``, with which Heat takes an id for the text itself."""


def put_texts(
    template: Template, providers: Mapping[str, Provider], diagnostics: Diagnostics
) -> Template:
    """The template with texts for ids. ``providers`` make the resources, by their whole names; what
    Heat makes of its own configurations stays."""
    inner = {each.path: each for each in template.templates()}
    resources = {resource.name: resource for resource in template.walk()}
    return _Texts(inner, resources, providers, diagnostics).template(template)


@dataclass(frozen=True, slots=True)
class _Texts:
    templates: Mapping[str, Template]
    resources: Mapping[str, Resource]
    providers: Mapping[str, Provider]
    diagnostics: Diagnostics

    def template(self, template: Template) -> Template:
        resources = {name: self._resource(each) for name, each in template.resources.items()}
        return replace(template, resources=resources)

    def _resource(self, resource: Resource) -> Resource:
        if resource.nested is not None:
            inside = self.template(resource.nested.template)
            return replace(resource, nested=replace(resource.nested, template=inside))
        given = resource.properties
        if not isinstance(given, MapValue) or not self.providers[resource.name].is_real:
            return resource
        entries = dict(given.entries)
        if resource.type == _SERVER and "user_data" in entries and _is_looked_up(entries):
            entries["user_data"] = self._text(entries["user_data"], resource, "user_data")
        elif resource.type == _MULTIPART and isinstance(parts := entries.get("parts"), ListValue):
            items = tuple(self._part(part, resource) for part in parts.items)
            entries["parts"] = replace(parts, items=items)
        return replace(resource, properties=replace(given, entries=entries))

    def _part(self, part: Value, resource: Resource) -> Value:
        if not isinstance(part, MapValue) or "config" not in part.entries:
            return part
        text = self._text(part.entries["config"], resource, "parts.config")
        return replace(part, entries={**part.entries, "config": text})

    def _text(self, value: Value, resource: Resource, place: str) -> Value:
        config = self._config(value)
        if config is None:
            return value
        makers = {self.providers[config.name], self.providers[resource.name]}
        if makers == {Provider.HEAT}:
            return value
        if config.type in _MAPS:
            self.diagnostics.add(
                Code.PROVIDER,
                f"'{place}' of {resource.type} takes a text, and a {config.type} is none",
                value.position,
                hint="an OS::Heat::SoftwareConfig is one, with str_replace or with a function "
                "that makes text of a map",
            )
            return value
        at = value.position
        return AttributeRef(config.name, Literal("config", at), (), at)

    def _config(self, value: Value) -> Resource | None:
        """The configuration whose id a value is, through the parameters of nested stacks."""
        if isinstance(value, ParameterRef) and not value.path and value.scope in self.templates:
            parameter = self.templates[value.scope].parameters.get(value.name)
            given = parameter.given if parameter is not None else None
            return self._config(given) if given is not None else None
        if not isinstance(value, ResourceRef):
            return None
        resource = self.resources.get(value.resource)
        known = resource is not None and resource.nested is None
        return resource if known and resource and resource.type in TEXTS | _MAPS else None


def _is_looked_up(properties: Mapping[str, Value]) -> bool:
    how = properties.get("user_data_format", None)
    if how is None:
        return False
    return not isinstance(how, Literal) or how.value not in (None, _NOT_LOOKED_UP)
