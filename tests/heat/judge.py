"""Heat itself, asked what a template means: runs under Heat's own Python, never under wfbreak's.

One JSON request per line on standard input, one JSON answer per line on standard output, so that
many questions cost one start. No server, no cloud: Heat's classes work on a stack that is never
created, with the references and attributes of its resources given by the request.

Request: ``template`` (a path), ``environments`` (paths), ``parameters``, ``attributes``
(``{resource: {name: value}}``) and ``references`` (``{resource: text}``), with whole names for
resources inside of others, and ``pseudo`` (``{path of a stack: {parameter: value}}``).
Answer: ``{"refused": [stage, message]}`` or ``resources``, ``disabled``, ``requires``,
``properties``, ``metadata`` and ``outputs`` (values, or ``{"failed": message}``), ``invalid`` (what
Heat says against the properties of a resource), and ``nested``:
for each resource that is a stack the same about its inside, as far as Heat has it before creation.

Request: ``type``, ``properties`` and ``description`` of one resource. Answer: ``type_values``.
"""

from __future__ import annotations

import itertools
import json
import logging
import os
import sys
from typing import Any

PROJECT = "0" * 32


def boot(*, has_cloud: bool = False) -> None:
    """Make Heat ready. Without a cloud to ask, what only a cloud knows counts as right."""
    from oslo_service import backend

    backend.init_backend(backend.BackendType.THREADING)
    from oslo_config import cfg
    from oslo_db import options

    # The configuration must know of logging's options before anything asks.
    from oslo_log import log

    from heat.common import config, context, messaging, policy  # noqa: F401
    from heat.db import api, models
    from heat.engine import clients, resource, resources, service  # noqa: F401
    from heat.engine.clients.os.keystone import heat_keystoneclient  # noqa: F401

    log.register_options(cfg.CONF)
    cfg.CONF([], project="heat", prog="judge", default_config_files=[])
    logging.disable(logging.CRITICAL)
    etc = os.path.join(sys.prefix, "etc", "heat")
    for name, value in (
        ("environment_dir", os.path.join(etc, "environment.d")),
        ("template_dir", os.path.join(etc, "templates")),
        ("auth_encryption_key", "x" * 32),
        ("deferred_auth_method", "password"),
    ):
        cfg.CONF.set_override(name, value)
    options.set_defaults(cfg.CONF, connection="sqlite://")
    messaging.setup("fake://", optional=True)
    policy.ResourceEnforcer.enforce = lambda *_arguments, **_named: True
    models.BASE.metadata.create_all(api.get_engine())
    resources.initialise()
    resource.Resource.is_service_available = classmethod(lambda _cls, _context: (True, None))
    if not has_cloud:
        _without_a_cloud()


def _without_a_cloud() -> None:
    """What only a cloud knows counts as right; a type that Heat does not have does nothing."""
    from oslo_config import cfg

    from heat.common import exception
    from heat.engine import constraints, environment, function, stk_defn, translation

    fake = "heat.engine.clients.os.keystone.fake_keystoneclient.FakeKeystoneClient"
    cfg.CONF.set_override("keystone_backend", fake)
    stk_defn.StackDefinition.get_availability_zones = lambda _self: ["nova"]
    check = constraints.BaseCustomConstraint.validate
    by_client = constraints.BaseCustomConstraint.validate_with_client

    def validate(self: Any, value: Any, context: Any, template: Any = None) -> Any:
        asks = type(self).validate_with_client is not by_client
        if asks or getattr(self, "resource_getter_name", None):
            return True
        return check(self, value, context, template)

    constraints.BaseCustomConstraint.validate = validate
    translation.resolve_and_find = lambda value, *_a, **_k: function.resolve(value)
    find = environment.ResourceRegistry.get_resource_info

    def get_resource_info(self: Any, resource_type: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return find(self, resource_type, *arguments, **named)
        except exception.EntityNotFound:
            if self.global_registry is None or str(resource_type).endswith((".yaml", ".template")):
                raise
            return find(self, "OS::Heat::None")

    environment.ResourceRegistry.get_resource_info = get_resource_info


def context() -> Any:
    from heat.common import context

    return context.RequestContext.from_dict(
        {
            "tenant_id": PROJECT,
            "tenant": "project",
            "username": "user",
            "user_id": "user",
            "password": "password",
            "roles": ["admin"],
            "is_admin": False,
            "auth_url": "http://keystone.test:5000/v3",
            "auth_token": "token",
            "trust_id": None,
            "region_name": None,
        }
    )


class Refused(Exception):
    """Heat does not take the template."""


def judge(request: dict[str, Any]) -> dict[str, Any]:
    if "type" in request:
        import type_values

        return type_values.resolved(
            request["type"], request["properties"], request.get("description")
        )
    stage = "load"
    try:
        template, files, environments = _files(request)
        stage = "environment"
        environment = _environment(template, files, environments, request.get("parameters") or {})
        stage = "template"
        return _Judged(request, template, files, environment).answer()
    except BaseException as error:  # whatever Heat raises, it does not take it
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return {"refused": [getattr(error, "stage", stage), f"{type(error).__name__}: {error}"]}


def _files(request: dict[str, Any]) -> tuple[Any, dict[str, str], list[str]]:
    """The template and all files, fetched as the ``openstack`` command fetches them."""
    from heatclient.common import template_utils

    tracked: list[str] = []
    files, template = template_utils.get_template_contents(template_file=request["template"])
    more, _ = template_utils.process_multiple_environments_and_files(
        env_paths=request.get("environments") or [], env_list_tracker=tracked
    )
    found = {**more, **files}
    return (
        template,
        {k: v.decode() if isinstance(v, bytes) else v for k, v in found.items()},
        tracked,
    )


def _environment(template: Any, files: Any, environments: list[str], parameters: Any) -> Any:
    """The environment that the API makes of the files and heat-engine merges."""
    from heat.common import environment_format, environment_util
    from heat.engine import template as heat_template

    merged: dict[str, Any] = {section: {} for section in environment_format.SECTIONS}
    merged["encrypted_param_names"], merged["event_sinks"] = [], []
    merged.pop("parameter_merge_strategies")
    merged["parameters"] = dict(parameters)
    if environments:
        schemata = heat_template.Template(template, files=files).all_param_schemata(files)
        environment_util.merge_environments(environments, files, merged, schemata)
    return merged


class _Judged:
    def __init__(self, request: dict[str, Any], template: Any, files: Any, given: Any) -> None:
        from heat.engine import environment, stack
        from heat.engine import template as heat_template

        self._request = request
        environment = environment.Environment(given)
        self._template = heat_template.Template(template, files=files, env=environment)
        self._stack = stack.Stack(context(), "stack", self._template, strict_validate=False)

    def answer(self) -> dict[str, Any]:
        stack = self._stack
        stack.parameters.validate(validate_value=True, context=stack.context)
        conditions = self._template.conditions(stack.defn)
        for name in self._names("conditions", "Conditions"):
            conditions.is_enabled(name)
        answer = self._described(stack, "")
        answer["disabled"] = sorted(
            set(self._names("resources", "Resources")) - set(answer["resources"])
        )
        answer["outputs"] = {
            name: _output(stack.outputs[name]) for name in stack.defn.enabled_output_names()
        }
        return answer

    def _names(self, *sections: str) -> list[str]:
        return [name for section in sections for name in self._template.t.get(section) or {}]

    def _described(self, stack: Any, path: str) -> dict[str, Any]:
        """One stack's resources, and those of the stacks in it; ``path`` ends with a slash."""
        for name, value in self._request.get("pseudo", {}).get(path, {}).items():
            if name in stack.parameters.params:
                stack.parameters.params[name].user_value = value
        resources = stack.resources
        answer: dict[str, Any] = {
            "resources": {name: r.t.resource_type for name, r in resources.items()},
            "requires": _requires(stack),
        }
        answer["invalid"] = _invalid(resources)
        self._give_data(stack, resources, path)
        answer["properties"] = {n: _resolved(r.t._properties) for n, r in resources.items()}
        answer["metadata"] = {n: _resolved(r.t._metadata) for n, r in resources.items()}
        answer["nested"] = {
            name: self._inside(resource, f"{path}{name}/")
            for name, resource in resources.items()
            if hasattr(resource, "child_template")
        }
        return answer

    def _give_data(self, stack: Any, resources: Any, path: str) -> None:
        from heat.engine import stk_defn

        attributes = self._request.get("attributes") or {}
        references = self._request.get("references") or {}
        for name in resources:
            full = f"{path}{name}"
            data = _data(name, references.get(full, name), attributes.get(full, {}))
            stk_defn.update_resource_data(stack.defn, name, data)

    def _inside(self, resource: Any, path: str) -> dict[str, Any]:
        from heat.common import short_id

        numbers = itertools.count()
        # Members of a scaling group have random names; here they are numbered.
        short_id.generate_id = lambda: str(next(numbers))
        try:
            child = _child_template(resource)
            stack = resource._parse_nested_stack("nested", child, resource.child_params())
            return self._described(stack, path)
        except Exception as error:
            return {"refused": ["nested", f"{type(error).__name__}: {error}"]}


def _requires(stack: Any) -> dict[str, list[str]]:
    """The graph that convergence follows: as the template says, and what the types add."""
    stack._explicit_dependencies()
    for resource in stack.resources.values():
        try:
            resource.add_dependencies(stack._dependencies)
        except Exception:  # Heat goes on without them
            continue
    stack._implicit_deps_loaded = True
    list(stack._dependencies)  # a circle is an error
    graph = stack._dependencies.graph()
    return {r.name: sorted(o.name for o in node.requires()) for r, node in graph.items()}


def _invalid(resources: Any) -> dict[str, str]:
    """What Heat says against the properties of each resource, before any of them exists."""
    found = {}
    for name, resource in resources.items():
        if resource.external_id is not None:
            continue
        try:
            resource.properties.validate()
        except Exception as error:
            found[name] = f"{type(error).__name__}: {error}"
    return found


def _child_template(resource: Any) -> Any:
    if hasattr(resource, "_resource_names") and hasattr(resource, "_assemble_nested"):
        return resource._assemble_nested(resource._resource_names())
    return resource.child_template()


def _data(name: str, reference: str, attributes: dict[str, Any]) -> Any:
    """What a resource that exists tells others, with its attributes followed along any path."""
    from heat.engine import attributes as heat_attributes
    from heat.engine import node_data

    class Data(node_data.NodeData):
        __slots__ = ()

        def attribute(self, attr_name: Any) -> Any:
            steps = (attr_name,) if isinstance(attr_name, str) else attr_name
            # A group has an attribute with its path as one, under the name of Heat's output.
            joined = ", ".join(map(str, steps))
            if joined in self._attributes:
                return self._attributes[joined]
            return heat_attributes.select_from_attribute(self._attributes[steps[0]], steps[1:])

    return Data(1, name, name, reference, attributes, "CREATE", "COMPLETE")


def _resolved(value: Any) -> Any:
    from heat.engine import function

    try:
        return _plain(function.resolve(value))
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"}


def _output(output: Any) -> Any:
    try:
        return _plain(output.get_value())
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"}


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    boot()
    import type_schemas

    type_schemas.find_templates()
    for line in sys.stdin:
        answers.write(json.dumps(judge(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
