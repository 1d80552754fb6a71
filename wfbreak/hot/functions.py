"""What HOT's intrinsic functions compute, on arguments that are already resolved.

A translation needs a function's result twice: while translating, to fold what is known, and in the
engine, where values appear only at run time. Both call the functions here, so a folded value and a
computed one cannot differ. Results are exactly Heat's (``heat/engine/hot/functions.py`` and
``heat/engine/cfn/functions.py`` of openstack-heat 27.0.1), corners included; an argument that makes
Heat fail raises :class:`FunctionError`.

Values are plain: ``str``, ``int``, ``float``, ``bool``, ``None``, ``list`` and ``dict``. Where HOT
versions differ, a keyword tells which behaviour is meant; the default is the newest version's.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence

from wfbreak.hot.paths import fn_select, get_param, select
from wfbreak.hot.plain import FunctionError, Value, describe, is_list, to_text
from wfbreak.hot.text_functions import (
    digest,
    list_join,
    make_url,
    str_replace,
    str_replace_strict,
    str_replace_vstrict,
    str_split,
)

__all__ = [
    "FunctionError",
    "Value",
    "contains",
    "describe",
    "digest",
    "equals",
    "filter_values",
    "fn_select",
    "get_param",
    "group_index",
    "list_concat",
    "list_concat_unique",
    "list_join",
    "make_url",
    "map_merge",
    "map_replace",
    "repeat",
    "select",
    "str_replace",
    "str_replace_strict",
    "str_replace_vstrict",
    "str_split",
    "to_text",
]

MAX_COPIES = 100_000
"""How many copies ``repeat`` makes at most; a template of 512 KiB holds fewer items."""


def repeat(
    template: Value, for_each: Value, permutations: Value = True, *, maps: bool = True
) -> list[Value]:
    """One copy of ``template`` for every combination of the values in ``for_each``.

    ``for_each`` maps a text to a list (or to a map, whose keys count; ``maps=False`` is HOT before
    2016-10-14, which refuses maps; null is an empty list). In each copy the texts are replaced by
    one value each, in keys too, one text after the other. ``permutations=False`` takes the lists
    side by side instead, which must be of one length.

    :raises FunctionError: wrong types, lists of different lengths, no list at all, or more than
        ``MAX_COPIES`` copies (Heat has no limit, and dies of it).
    """
    name = "repeat"
    if not isinstance(for_each, Mapping) or not for_each:
        raise FunctionError(f"{name}: for_each must be a map that is not empty")
    if not isinstance(permutations, bool):
        raise FunctionError(f"{name}: permutations must be a boolean, not {describe(permutations)}")
    lists: list[list[Value]] = []
    lengths: set[int] = set()
    for key, values in for_each.items():
        if values is None:
            lists.append([])
            continue
        if not (is_list(values) or (maps and permutations and isinstance(values, Mapping))):
            raise FunctionError(
                f"{name}: the values for {key!r} must be a list, not {describe(values)}"
            )
        lists.append(list(values))
        lengths.add(len(values))
    if not permutations and len(lengths) > 1:
        raise FunctionError(f"{name}: without permutations the lists must be of one length")
    count = math.prod(map(len, lists)) if permutations else max(lengths, default=0)
    if count > MAX_COPIES:
        raise FunctionError(f"{name}: {count:,} copies are more than {MAX_COPIES:,}")
    combine: Iterator[tuple[Value, ...]] = (
        itertools.product(*lists) if permutations else zip(*lists, strict=False)
    )
    return [_fill(name, template, dict(zip(for_each, row, strict=True))) for row in combine]


def _fill(function: str, template: Value, row: Mapping[Value, Value]) -> Value:
    """``template`` with each key of ``row`` replaced by its value, one after the other."""
    if isinstance(template, str):
        for key, value in row.items():
            if not isinstance(key, str) or not isinstance(value, str):
                raise FunctionError(
                    f"{function}: the values for {key!r} must be strings, not {describe(value)}"
                )
            template = template.replace(key, value)
        return template
    if is_list(template):
        return [_fill(function, item, row) for item in template]
    if isinstance(template, Mapping):
        return {
            _fill(function, key, row): _fill(function, value, row)
            for key, value in template.items()
        }
    return template


def group_index(value: Value, index: str, name: str) -> Value:
    """``value`` with ``name`` in place of ``index`` in all text but keys: a group's member.

    The rule is ``_handle_repl_val`` of heat/engine/resources/openstack/heat/resource_group.py.
    """
    if isinstance(value, str):
        return value.replace(index, name)
    if is_list(value):
        return [group_index(item, index, name) for item in value]
    if isinstance(value, Mapping):
        return {key: group_index(item, index, name) for key, item in value.items()}
    return value


def map_merge(*maps: Value) -> dict[Value, Value]:
    """All maps in one; a later value replaces an earlier one whole. Null is an empty map.

    :raises FunctionError: if an item is not a map.
    """
    merged: dict[Value, Value] = {}
    for item in maps:
        if item is None:
            continue
        if not isinstance(item, Mapping):
            raise FunctionError(f"map_merge: can only merge maps, not {describe(item)}")
        merged.update(item)
    return merged


def map_replace(source: Value, keys: Value = None, values: Value = None) -> dict[Value, Value]:
    """``source`` with keys and values exchanged as the two maps say. Null is an empty map. A new
    key that is no text becomes the one that JSON has for it.

    :raises FunctionError: wrong types, or a new key that is there already.
    """
    name = "map_replace"
    for item in (source, keys, values):
        if item is not None and not isinstance(item, Mapping):
            raise FunctionError(f"{name}: needs maps, not {describe(item)}")
    source, keys, values = source or {}, keys or {}, values or {}
    replaced: dict[Value, Value] = {}
    for old, value in source.items():
        new = keys.get(old)
        if new is None:
            new = old
        elif isinstance(new, (Mapping, list)):
            raise FunctionError(f"{name}: {describe(new)} cannot become a key")
        elif not isinstance(new, str):
            new = json.dumps(new)
        if (new in source and new != old) or new in replaced:
            raise FunctionError(f"{name}: the new key {new!r} is in the map already")
        try:
            replaced[new] = values.get(value, value)
        except TypeError:  # a list or a map as the value: nothing can stand for it
            replaced[new] = value
    return replaced


def list_concat(*lists: Value, function: str = "list_concat") -> list[Value]:
    """The items of all lists in one list. Null is an empty list.

    :raises FunctionError: if an item is not a list.
    """
    items: list[Value] = []
    for values in lists:
        if values is None:
            continue
        if not is_list(values):
            raise FunctionError(f"{function}: can only join lists, not {describe(values)}")
        items.extend(values)
    return items


def list_concat_unique(*lists: Value) -> list[Value]:
    """As :func:`list_concat`, each item only where it first occurs.

    :raises FunctionError: if an item is not a list.
    """
    unique: list[Value] = []
    for item in list_concat(*lists, function="list_concat_unique"):
        if item not in unique:
            unique.append(item)
    return unique


def filter_values(values: Value, sequence: Value) -> Value:
    """HOT's ``filter``: the list ``sequence`` without the items that are in the list ``values``.

    An empty or null ``sequence`` is given back as it is.

    :raises FunctionError: if one of them is not a list.
    """
    if not sequence:
        return sequence
    if not isinstance(sequence, list):
        raise FunctionError(f"filter: can only filter a list, not {describe(sequence)}")
    if not values:
        return sequence
    if not isinstance(values, list):
        raise FunctionError(f"filter: the values must be a list, not {describe(values)}")
    return [item for item in sequence if item not in values]


def contains(value: Value, sequence: Value) -> bool:
    """Whether a list holds a value, or a string a piece of text.

    :raises FunctionError: if ``sequence`` is neither, or a string is searched for a non-string.
    """
    if not isinstance(sequence, Sequence):
        raise FunctionError(f"contains: needs a list to search in, not {describe(sequence)}")
    if isinstance(sequence, str) and not isinstance(value, str):
        raise FunctionError(f"contains: {describe(value)} cannot occur in a string")
    return value in sequence


def equals(first: Value, second: Value) -> bool:
    """Whether two values are equal, as Python compares them (``1`` equals ``1.0`` and true)."""
    return bool(first == second)
