"""The functions that compute: how each one's arguments are written, and what carries it out.

One entry a function. The reader takes the arguments as the template has them and returns them in
the order that the function of ``wfbreak.hot.functions`` takes; the same function runs in the
engine under the name ``hot_NAME`` when an argument is known only there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wfbreak.hot import cfn_functions as cfn
from wfbreak.hot import functions as hot
from wfbreak.hot import yaql_function
from wfbreak.translate.values import Call, ListValue, Literal, MapValue, Value
from wfbreak.translate.versions import Version


class ArgumentError(ValueError):
    """A function's arguments are not of its form; the text says what the form is."""


Reader = Callable[[Value, Version], tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Function:
    """``compute`` takes plain values in the order of ``read``'s result."""

    read: Reader
    compute: Callable[..., Any]


def _fields(form: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Reader:
    """Arguments that are a map of these keys, in this order; a missing optional one is null."""

    def read(arguments: Value, _version: Version) -> tuple[Value, ...]:
        if not isinstance(arguments, MapValue):
            raise ArgumentError(f"its arguments must be a map: {form}")
        unknown = set(arguments.entries) - set(required) - set(optional)
        missing = set(required) - set(arguments.entries)
        if unknown or missing:
            raise ArgumentError(f"its arguments must be {form}")
        nothing = Literal(None, arguments.position)
        return tuple(arguments.entries.get(key, nothing) for key in (*required, *optional))

    return read


def _items(form: str, least: int, most: int | None = None) -> Reader:
    """Arguments that are a list of so many items."""

    def read(arguments: Value, _version: Version) -> tuple[Value, ...]:
        if not isinstance(arguments, ListValue):
            raise ArgumentError(f"its arguments must be a list: {form}")
        count = len(arguments.items)
        if count < least or (most is not None and count > most):
            raise ArgumentError(f"its arguments must be {form}")
        return arguments.items

    return read


def _whole(arguments: Value, _version: Version) -> tuple[Value, ...]:
    return (arguments,)


def _spread(arguments: Value, _version: Version) -> tuple[Value, ...]:
    if not isinstance(arguments, ListValue):
        raise ArgumentError("its arguments must be a list")
    return arguments.items


def _flagged(read: Reader, since: Version) -> Reader:
    """Append ``false`` where the template's version has the function's earlier meaning."""

    def flagged(arguments: Value, version: Version) -> tuple[Value, ...]:
        items = read(arguments, version)
        return items if version >= since else (*items, Literal(False, arguments.position))

    return flagged


def _repeat(arguments: Value, version: Version) -> tuple[Value, ...]:
    """``permutations`` is of 2017-09-01, maps in ``for_each`` of 2016-10-14; Heat ignores other
    keys, and ``permutations`` before its time."""
    form = "{template: ..., for_each: {...}}"
    if not isinstance(arguments, MapValue):
        raise ArgumentError(f"its arguments must be a map: {form}")
    entries = arguments.entries
    if not {"template", "for_each"} <= set(entries):
        raise ArgumentError(f"its arguments must be {form}")
    needed = (entries["template"], entries["for_each"])
    if version < Version.V2016_10_14:
        yes, no = Literal(True, arguments.position), Literal(False, arguments.position)
        return (*needed, yes, no)
    if version < Version.V2017_09_01 or "permutations" not in entries:
        return needed
    return (*needed, entries["permutations"])


def _map_replace(arguments: Value, version: Version) -> tuple[Value, ...]:
    source, changes = _items("[map, {keys: ..., values: ...}]", 2, 2)(arguments, version)
    if not isinstance(changes, MapValue) or set(changes.entries) - {"keys", "values"}:
        raise ArgumentError("its second argument must be a map of 'keys' and 'values'")
    nothing = Literal(None, changes.position)
    return (source, changes.entries.get("keys", nothing), changes.entries.get("values", nothing))


def _yaql(arguments: Value, version: Version) -> tuple[Value, ...]:
    """Without ``data`` the expression has an empty map."""
    form = "{expression: ..., data: ...}"
    expression, data = _fields(form, ("expression",), ("data",))(arguments, version)
    if isinstance(arguments, MapValue) and "data" not in arguments.entries:
        data = MapValue({}, arguments.position)
    return (expression, data)


def _swapped(arguments: Value, version: Version) -> tuple[Value, ...]:
    """``Fn::Replace`` has the text last."""
    params, template = _items("[{key: value, ...}, text]", 2, 2)(arguments, version)
    return (template, params, Literal(False, arguments.position))


def _list_join_2013(delimiter: Any, items: Any) -> Any:
    return hot.list_join(delimiter, items, json_values=False)


def _str_replace(template: Any, params: Any, json_values: bool = True) -> Any:
    return hot.str_replace(template, params, json_values=json_values)


def _hot_repeat(template: Any, for_each: Any, permutations: Any = True, maps: bool = True) -> Any:
    return hot.repeat(template, for_each, permutations, maps=maps)


_REPLACE = _fields("{template: ..., params: {...}}", ("template", "params"))

FUNCTIONS: Mapping[str, Function] = {
    "Fn::Base64": Function(_whole, cfn.base64),
    "Fn::FindInMap": Function(_spread, cfn.find_in_map),
    "Fn::Join": Function(_items("[delimiter, list]", 2, 2), _list_join_2013),
    "Fn::MemberListToMap": Function(
        _items("[name of key, name of value, list]", 3, 3), cfn.member_list_to_map
    ),
    "Fn::Replace": Function(_swapped, _str_replace),
    "Fn::Split": Function(_items("[delimiter, text]", 2, 2), cfn.split),
    "Fn::Select": Function(_items("[index, collection]", 2, 2), hot.fn_select),
    "contains": Function(_items("[value, sequence]", 2, 2), hot.contains),
    "digest": Function(_items("[algorithm, value]", 2, 2), hot.digest),
    "filter": Function(_items("[values, list]", 2, 2), hot.filter_values),
    "group_index": Function(_spread, hot.group_index),  # no template's: translate/groups.py
    "list_concat": Function(_spread, hot.list_concat),
    "list_concat_unique": Function(_spread, hot.list_concat_unique),
    "list_join": Function(_items("[delimiter, list, ...]", 2), hot.list_join),
    "list_join_2013": Function(_items("[delimiter, list]", 2, 2), _list_join_2013),
    "make_url": Function(_whole, hot.make_url),
    "map_merge": Function(_spread, hot.map_merge),
    "map_replace": Function(_map_replace, hot.map_replace),
    "repeat": Function(_repeat, _hot_repeat),
    "str_replace": Function(_flagged(_REPLACE, Version.V2015_10_15), _str_replace),
    "str_replace_strict": Function(_REPLACE, hot.str_replace_strict),
    "str_replace_vstrict": Function(_REPLACE, hot.str_replace_vstrict),
    "str_split": Function(
        _items("[delimiter, text] or [delimiter, text, index]", 2, 3), hot.str_split
    ),
    "yaql": Function(_yaql, yaql_function.evaluate),
}

ENGINE_NAMES = {name: f"hot_{name}" for name in FUNCTIONS} | {
    "Fn::Base64": "hot_fn_base64",
    "Fn::FindInMap": "hot_fn_find_in_map",
    "Fn::Join": "hot_list_join_2013",
    "Fn::MemberListToMap": "hot_fn_member_list_to_map",
    "Fn::Replace": "hot_str_replace",
    "Fn::Select": "hot_fn_select",
    "Fn::Split": "hot_fn_split",
}
"""The name under which the engine knows each function."""


def call(name: str, arguments: Value, version: Version) -> Call:
    """A call of ``name`` with its arguments in the order in which they are computed.

    :raises ArgumentError: if they are not of the function's form.
    """
    if name == "list_join" and version < Version.V2015_10_15:
        name = "list_join_2013"  # one list, of text only
    return Call(name, FUNCTIONS[name].read(arguments, version), arguments.position)
