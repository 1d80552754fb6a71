"""HOT's functions by name, on arguments in one list: for what is computed later than it is read.

A function of a secret is not computed where an expression of the engine's calls it, but in the
action that may open the secret (:mod:`wfbreak.secrets`). Until then it is its name and its
arguments; this table gives the name its meaning, the same for both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from wfbreak.hot import cfn_functions as cfn
from wfbreak.hot import functions as hot
from wfbreak.hot import yaql_function
from wfbreak.hot.given_parameters import typed
from wfbreak.hot.parameters import from_plain
from wfbreak.hot.plain import FunctionError, Value


def _list_join_2013(delimiter: Value, items: Value) -> str:
    return hot.list_join(delimiter, items, json_values=False)


def _parameter(name: Value, declared: Value, value: Value, nested: Value = False) -> Value:
    """The value of a hidden parameter: the one function here that templates do not have."""
    try:
        return typed(from_plain(str(name), {**declared, "hidden": True}), value, bool(nested))
    except ValueError as error:
        raise FunctionError(f"parameter: {name}: {error}") from None


def _repeat(
    template: Value, for_each: Value, permutations: Value = True, maps: Value = True
) -> list[Value]:
    return hot.repeat(template, for_each, permutations, maps=bool(maps))


def _str_replace(template: Value, params: Value, json_values: Value = True) -> str:
    return hot.str_replace(template, params, json_values=bool(json_values))


_FUNCTIONS: Final[Mapping[str, Callable[..., Value]]] = {
    "Fn::Base64": cfn.base64,
    "Fn::FindInMap": cfn.find_in_map,
    "Fn::MemberListToMap": cfn.member_list_to_map,
    "Fn::Select": hot.fn_select,
    "Fn::Split": cfn.split,
    "contains": hot.contains,
    "digest": hot.digest,
    "equals": hot.equals,
    "filter": hot.filter_values,
    "get_attr": hot.select,
    "get_param": hot.get_param,
    "group_index": hot.group_index,
    "list_concat": hot.list_concat,
    "list_concat_unique": hot.list_concat_unique,
    "list_join": hot.list_join,
    "list_join_2013": _list_join_2013,
    "make_url": hot.make_url,
    "map_merge": hot.map_merge,
    "map_replace": hot.map_replace,
    "parameter": _parameter,
    "repeat": _repeat,
    "select": hot.select,
    "str_replace": _str_replace,
    "str_replace_strict": hot.str_replace_strict,
    "str_replace_vstrict": hot.str_replace_vstrict,
    "str_split": hot.str_split,
    "yaql": yaql_function.evaluate,
}


def call(name: str, arguments: Sequence[Value]) -> Value:
    """The function's result.

    :raises FunctionError: if there is no such function, or it cannot be computed; the text is one
        line that begins with the function's name.
    """
    function = _FUNCTIONS.get(name)
    if function is None:
        raise FunctionError(f"there is no function {name!r}")
    shown = name.removesuffix("_2013")
    try:
        return function(*arguments)
    except TypeError as error:  # a wrong number of arguments
        raise FunctionError(f"{shown}: wrong arguments: {error}") from None
    except ValueError as error:
        text = " ".join(str(error).split())
        raise FunctionError(text if text.startswith(f"{shown}:") else f"{shown}: {text}") from None
