"""Heat's resource types as facts in files: what each takes, gives, and reads instead of what.

Runs under Heat's own Python (``make types``), never under wfbreak's: it boots Heat without a cloud
(``judge``), asks every registered type's class for its schemata and rules, and writes one file for
each service into the folder given. Sentences (descriptions, messages) are left behind; what a
deprecated property's message names in its stead is kept as a name. ``wfbreak.types.schema`` reads
the files and says what each key means.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import judge

_WIDTH = 1
"""How far each level is indented."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    judge.boot()
    for service, kinds in described().items():
        text = written(kinds)
        (folder / f"{service}.json").write_text(f"{text}\n", encoding="utf-8")


def described() -> dict[str, dict[str, Any]]:
    """All types that Heat registers, by the service in their names (all of AWS together)."""
    from heat.engine import environment, resources

    services: dict[str, dict[str, Any]] = {}
    find_templates()
    infos = _infos(resources.global_env().registry._registry)
    for info in sorted(infos, key=lambda info: info.name):
        origin, service, *_ = info.name.split("::")
        if isinstance(info, (environment.ClassResourceInfo, environment.TemplateResourceInfo)):
            file = (service if origin == "OS" else origin).lower()
            services.setdefault(file, {})[info.name] = _type(info.name, info)
    return services


def _infos(registry: Any) -> Iterator[Any]:
    for value in registry.values():
        if isinstance(value, dict):
            yield from _infos(value)
        elif "::" in value.name and not value.name.endswith("*"):
            yield value


def find_templates() -> None:
    """Heat's own templates lie in /etc only where it is installed for the whole machine."""
    from heat.engine import environment, resources

    for info in _infos(resources.global_env().registry._registry):
        if isinstance(info, environment.TemplateResourceInfo):
            path = info.value.replace("file:///etc", f"file://{sys.prefix}/etc")
            info.value = info.template_name = path


def _type(name: str, info: Any) -> dict[str, Any]:
    from heat.engine import attributes, properties, resource
    from heat.engine.resources.openstack.heat.none_resource import NoneResource

    cls = info.get_class()
    facts: dict[str, Any] = {"source": _source(cls, info)}
    if cls.default_client_name:
        facts["client"] = cls.default_client_name
    if cls.entity:
        facts["entity"] = cls.entity
    if cls.required_service_extension:
        facts["extension"] = cls.required_service_extension
    _add(facts, "support", _support(cls.support_status, ()))
    if issubclass(cls, NoneResource):
        facts["any_property"] = True
    own = any(
        getattr(cls, method) is not getattr(resource.Resource, method)
        for method in ("get_attribute", "FnGetAtt")
    )
    if own:
        facts["any_attribute"] = True
    schemata = properties.schemata(cls.properties_schema)
    facts["properties"] = {key: _property(key, schemata) for key in schemata}
    for key, schema in schemata.items():
        if schema.type == schema.ANY:
            facts["properties"][key]["typed_by"] = _typed_by(name, key, schemata)
    policy = properties.schemata(cls.update_policy_schema)
    _add(facts, "update_policy", {key: _property(key, policy) for key in policy})
    given = {**cls.base_attributes_schema, **cls.attributes_schema}
    facts["attributes"] = {key: _attribute(key, attributes.schemata(given)) for key in given}
    _add(facts, "translations", _translations(cls, schemata))
    return facts


def _add(facts: dict[str, Any], key: str, value: Any) -> None:
    if value:
        facts[key] = value


def _source(cls: Any, info: Any) -> str:
    if isinstance(info.value, str):
        return "etc/heat/" + info.value.rpartition("/etc/heat/")[2]
    return cls.__module__.replace(".", "/") + ".py"


def _property(name: str, siblings: Mapping[str, Any]) -> dict[str, Any]:
    schema = siblings[name]
    facts: dict[str, Any] = {"type": schema.type.lower()}
    for key in ("required", "update_allowed", "immutable"):
        _add(facts, key, getattr(schema, key))
    if not schema.implemented:
        facts["implemented"] = False
    if schema.allow_conversion:
        facts["converts"] = True
    if schema.default is not None:
        facts["default"] = schema.default
    _add(facts, "constraints", [_constraint(item) for item in schema.constraints])
    _add(facts, "support", _support(schema.support_status, [n for n in siblings if n != name]))
    if schema.schema is not None:
        inner = dict(schema.schema)
        if set(inner) == {"*"}:
            facts["items"] = _property("*", inner)
        else:
            assert schema.type == schema.MAP
            facts["properties"] = {key: _property(key, inner) for key in inner}
    return facts


def _constraint(constraint: Any) -> dict[str, Any]:
    plain = dict(constraint)
    plain.pop("description", None)
    return plain


def _attribute(name: str, siblings: Mapping[str, Any]) -> dict[str, Any]:
    schema = siblings[name]
    facts: dict[str, Any] = {}
    if schema.type is not None:
        facts["type"] = schema.type.lower()
    if schema.cache_mode != schema.CACHE_LOCAL:
        facts["cached"] = False
    _add(facts, "support", _support(schema.support_status, [n for n in siblings if n != name]))
    return facts


def _support(status: Any, names: Any) -> dict[str, Any] | None:
    """The status where it is not plain support; ``instead`` is what its message names."""
    if status.status == "SUPPORTED":
        return None
    facts: dict[str, Any] = {"status": status.status.lower()}
    _add(facts, "since", status.version)
    message, before = str(status.message or ""), status.previous_status
    while before is not None:
        message, before = message or str(before.message or ""), before.previous_status
    found = _INSTEAD.findall(message)
    words = {word.strip("`.") for words in found for word in words}
    _add(facts, "instead", sorted(w for w in words if w in names or w.startswith("OS::")))
    return facts


_INSTEAD = re.compile(r"\b[Uu]se (?:the |property )?([\w:`]+)(?: or (\w+))?")


def _typed_by(name: str, key: str, schemata: Mapping[str, Any]) -> dict[str, Any]:
    """Which other property decides the type of this one, and how."""
    for other, schema in schemata.items():
        types = {}
        for constraint in schema.constraints:
            for value in dict(constraint).get("allowed_values", ()):
                props = instance(name, {other: value}).properties.props
                types[value] = props[key].schema.type.lower()
        if types:
            return {"property": other, "types": types}
    raise AssertionError(name)


def instance(name: str, properties: Mapping[str, Any], description: str | None = None) -> Any:
    """A resource of the type in a stack of its own."""
    from heat.engine import stack, template

    resource = {"type": name, "properties": dict(properties)}
    if description is not None:
        resource["description"] = description
    text = {"heat_template_version": "2021-04-16", "resources": {"it": resource}}
    made = stack.Stack(judge.context(), "stack", template.Template(text), strict_validate=False)
    _KEPT[:] = [made]  # a resource has only a weak reference to its stack
    return made["it"]


_KEPT: list[Any] = []


class _Plugin:
    """A client plugin that tells its name."""

    def __init__(self, name: str, plugin: Any) -> None:
        self.name = name
        self._plugin = plugin

    def __getattr__(self, key: str) -> Any:
        return getattr(self._plugin, key)


class _Probe:
    """A resource's properties, of which at most one has a value."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self.tested: set[str] = set()
        self.read: set[str] = set()

    def get(self, key: str) -> Any:
        self.tested.add(key)
        return self._given.get(key)

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return self._given.get(key)


def _translations(cls: Any, schemata: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules by which Heat reads properties in place of others, or names as ids.

    A rule that is there only if a property has a value, or has that value, says so in ``when``.
    """
    probe = _Probe({})
    always = _rules(cls, probe)
    rules = [] if probe.read else list(always)
    for key in sorted(probe.tested & set(schemata)):
        found = _rules(cls, _Probe({key: {"property": key}}))
        rules += [{**rule, "when": {"property": key}} for rule in found if rule not in always]
    for key in sorted(probe.read):
        for constraint in schemata[key].constraints:
            for value in dict(constraint)["allowed_values"]:
                found = _rules(cls, _Probe({key: value}))
                rules += [{**rule, "when": {"property": key, "is": value}} for rule in found]
    return rules


def _rules(cls: Any, probe: _Probe) -> list[dict[str, Any]]:
    plugin = instance("OS::Heat::None", {}).client_plugin

    def named(wanted: str | None = None) -> _Plugin:
        name = wanted or cls.default_client_name
        return _Plugin(name, plugin(name))

    bare = object.__new__(cls)
    bare.client_plugin = named
    return [_rule(rule) for rule in bare.translation_rules(probe) or ()]


def _rule(rule: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"rule": rule.rule.lower(), "path": rule.translation_path}
    if rule.client_plugin is not None:
        facts["client"] = rule.client_plugin.name
    _add(facts, "finder", rule.finder)
    _add(facts, "entity", rule.entity)
    _add(facts, "value", rule.value)
    _add(facts, "from", rule.value_path)
    _add(facts, "from_sibling", rule.value_name and [rule.value_name])
    if rule.custom_value_path:
        for key in ("from", "from_sibling"):
            if key in facts:
                facts[key] = [*facts[key], *rule.custom_value_path]
    return facts


def written(value: Any, depth: int = 0) -> str:
    """JSON in which what has no structure of properties inside stands on one line."""
    flat = json.dumps(value, sort_keys=False)
    if not _has_parts(value, depth):
        return flat
    pad, end = " " * _WIDTH * (depth + 1), " " * _WIDTH * depth
    if isinstance(value, list):
        lines = [f"{pad}{written(item, depth + 1)}" for item in value]
        return "[\n" + ",\n".join(lines) + f"\n{end}]"
    lines = [f"{pad}{json.dumps(key)}: {written(item, depth + 1)}" for key, item in value.items()]
    return "{\n" + ",\n".join(lines) + f"\n{end}}}"


def _has_parts(value: Any, depth: int) -> bool:
    """Whether a value is written over several lines: files, types, and what has properties."""
    if not isinstance(value, (dict, list)) or not value:
        return False
    if depth < 3:
        return True
    items = value.values() if isinstance(value, dict) else value
    inner = [item for item in items if isinstance(item, dict)]
    parted = isinstance(value, dict) and ("properties" in value or "items" in value)
    return parted or any("type" in item or _has_parts(item, depth + 1) for item in inner)


if __name__ == "__main__":
    main()
