"""HOT's functions as the engine's expressions call them: ``<% hot_str_split(",", $.zones) %>``.

Each stands for the function of ``wfbreak.hot`` of the same name, with two things added. The
engine's expression language (YAQL) hands over read-only maps, tuples and generators, which become
plain data. And an argument may hold a sealed value: then nothing is computed here, for the engine
has no key. The result is the function and its arguments, which the action that gets them computes
(:mod:`wfbreak.secrets`).

Mistral passes its expression context first; only its name matters. An error's text is one line
that begins with the function's name; the engine adds the expression.
"""

# ruff: noqa: ARG001  # every function takes the expression context first, used or not

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from yaql.language import specs, yaqltypes

from wfbreak import secrets
from wfbreak.actions.identity import nested_stack_id, nested_stack_name
from wfbreak.hot import calls

OUTPUT_ERROR: Final = "wfbreak:error"
"""The only key of an output that could not be computed."""


class ExpressionError(ValueError):
    """A function failed in the engine. The text is one line and shows no secret."""


def to_plain(value: Any) -> Any:
    """A value of the expression language as plain data. A set becomes a sorted list."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        items = [to_plain(item) for item in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, Iterable):
        return [to_plain(item) for item in value]
    return value


def _call(name: str, *arguments: Any) -> Any:
    """The function's result; where an argument is a secret, what an action will compute.

    :raises ExpressionError: if it cannot be computed.
    """
    values = to_plain(arguments)
    if secrets.holds_sealed(values):
        return secrets.later(name, values)
    try:
        return calls.call(name, values)
    except ValueError as error:
        raise ExpressionError(" ".join(str(error).split())) from None


def _walk(name: str, value: Any, path: tuple[Any, ...]) -> Any:
    """Follow a path as far as it leads through what is no secret."""
    value, keys = to_plain(value), to_plain(path)
    if secrets.holds_sealed(keys):
        return secrets.later(name, [value, *keys])
    for index, key in enumerate(keys):
        if secrets.is_sealed(value):
            return secrets.later(name, [value, *keys[index:]])
        value = calls.call(name, [value, key])
    return value


# References


def hot_get_attr(context: Any, result: Any, attribute: Any = None, *path: Any) -> Any:
    """An attribute in the result of a ``wfbreak.create`` task, or null.

    ``result`` is ``{"ref", "physical_id", "attributes": {name: value}}``, or null where the task
    has not run. Without an attribute: the map of all that the task recorded.
    """
    attributes = _attributes(result)
    if attribute is None:
        return attributes if isinstance(attributes, Mapping) else None
    return _walk("get_attr", attributes, (attribute, *path))


def _attributes(result: Any) -> Any:
    result = to_plain(result)
    return result.get("attributes") if isinstance(result, Mapping) else None


def hot_get_param(context: Any, value: Any, *path: Any) -> Any:
    """The place in a parameter's value that a path leads to, or ``""``."""
    return _walk("get_param", value, path)


def hot_select(context: Any, value: Any, *path: Any) -> Any:
    """The place in any value that a path leads to, as ``get_attr`` follows it, or null."""
    return _walk("select", value, path)


def hot_stack_id(context: Any, execution: Any, resource: Any) -> str:
    """``OS::stack_id`` in the stack that a resource is."""
    return nested_stack_id(str(execution), str(resource))


def hot_stack_name(context: Any, execution: Any, stack: Any, resource: Any) -> str:
    """``OS::stack_name`` in the stack that a resource is."""
    return nested_stack_name(str(execution), str(stack), str(resource))


def hot_group_index(context: Any, value: Any, index: Any, name: Any) -> Any:
    """A value of a group's member, with the member's name in place of the index variable."""
    return _call("group_index", value, index, name)


# Functions, by the names that templates have for them


def hot_contains(context: Any, value: Any, sequence: Any) -> Any:
    return _call("contains", value, sequence)


def hot_digest(context: Any, algorithm: Any, value: Any) -> Any:
    return _call("digest", algorithm, value)


def hot_equals(context: Any, first: Any, second: Any) -> Any:
    return _call("equals", first, second)


def hot_filter(context: Any, values: Any, sequence: Any) -> Any:
    return _call("filter", values, sequence)


def hot_fn_base64(context: Any, text: Any) -> Any:
    return _call("Fn::Base64", text)


def hot_fn_find_in_map(context: Any, mappings: Any, name: Any, key: Any, field: Any) -> Any:
    return _call("Fn::FindInMap", mappings, name, key, field)


def hot_fn_member_list_to_map(context: Any, key_name: Any, value_name: Any, items: Any) -> Any:
    return _call("Fn::MemberListToMap", key_name, value_name, items)


def hot_fn_split(context: Any, delimiter: Any, text: Any) -> Any:
    return _call("Fn::Split", delimiter, text)


def hot_fn_select(context: Any, index: Any, collection: Any) -> Any:
    """``Fn::Select`` of the oldest template versions."""
    return _call("Fn::Select", index, collection)


def hot_list_concat(context: Any, *lists: Any) -> Any:
    return _call("list_concat", *lists)


def hot_list_concat_unique(context: Any, *lists: Any) -> Any:
    return _call("list_concat_unique", *lists)


def hot_list_join(context: Any, delimiter: Any, *lists: Any) -> Any:
    return _call("list_join", delimiter, *lists)


def hot_list_join_2013(context: Any, delimiter: Any, items: Any) -> Any:
    """``list_join`` of the versions before 2015-10-15: one list, of text."""

    return _call("list_join_2013", delimiter, items)


def hot_make_url(context: Any, parts: Any) -> Any:
    return _call("make_url", parts)


def hot_map_merge(context: Any, *maps: Any) -> Any:
    return _call("map_merge", *maps)


def hot_map_replace(context: Any, source: Any, keys: Any = None, values: Any = None) -> Any:
    return _call("map_replace", source, keys, values)


def hot_repeat(
    context: Any, template: Any, for_each: Any, permutations: Any = True, maps: Any = True
) -> Any:
    """``maps`` false is HOT before 2016-10-14, which takes only lists in ``for_each``."""

    return _call("repeat", template, for_each, permutations, bool(maps))


def hot_str_replace(context: Any, template: Any, params: Any, json_values: Any = True) -> Any:
    """``json_values`` false is HOT before 2015-10-15, which takes no maps and lists."""

    return _call("str_replace", template, params, bool(json_values))


def hot_str_replace_strict(context: Any, template: Any, params: Any) -> Any:
    return _call("str_replace_strict", template, params)


def hot_str_replace_vstrict(context: Any, template: Any, params: Any) -> Any:
    return _call("str_replace_vstrict", template, params)


def hot_str_split(context: Any, delimiter: Any, text: Any, *index: Any) -> Any:
    return _call("str_split", delimiter, text, *index)


def hot_yaql(context: Any, expression: Any, data: Any) -> Any:
    """HOT's ``yaql``: an expression on ``$.data``, with Heat's limits."""
    return _call("yaql", expression, data)


# Outputs


_VALUE_IS_LAZY: Callable[[Callable[..., Any]], Callable[..., Any]] = specs.parameter(
    "value", yaqltypes.Lambda()
)


@_VALUE_IS_LAZY
def hot_at(context: Any, position: Any, value: Any) -> Any:
    """``value``, whose functions stand at ``position`` in a template (``FILE:LINE:COLUMN``).

    The engine shows an expression that failed and the error's text, and nothing of the template.
    So ``value`` is evaluated here, and what goes wrong says where:
    ``<% hot_at("web.yaml:12:9", hot_str_split(",", $.zones)) %>``.

    :raises ExpressionError: if the value cannot be computed.
    """
    try:
        computed = to_plain(value() if callable(value) else value)
    except Exception as error:  # whatever it is, a person looks for its place
        text = " ".join(str(error).split())
        raise ExpressionError(f"{to_plain(position)}: {text}") from None
    return secrets.positioned(computed, str(to_plain(position)))


@_VALUE_IS_LAZY
def hot_output(context: Any, name: Any, value: Any) -> Any:
    """One output of the stack, or ``{"wfbreak:error": TEXT}`` if it cannot be computed.

    Heat reports an output that cannot be computed as an error of that output alone, while the
    engine fails the whole execution when one expression of its output fails. So ``value`` is not
    evaluated before the call but here, where nothing that happens can get out:
    ``<% hot_output("url", hot_make_url({...})) %>``.
    """
    try:
        return to_plain(value() if callable(value) else value)
    except Exception as error:  # whatever it is, it is this output's alone
        return {OUTPUT_ERROR: f"output {name}: {' '.join(str(error).split())}"}
