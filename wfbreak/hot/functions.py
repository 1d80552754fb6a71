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
import math
from collections.abc import Iterator, Mapping, Sequence

from wfbreak.hot.paths import fn_select, get_param, select
from wfbreak.hot.plain import FunctionError, Value, describe, is_list, to_json, to_text

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

_URL_PARTS = ("scheme", "username", "password", "host", "port", "path", "query", "fragment")


# Strings


def str_replace(
    template: Value, params: Value, *, json_values: bool = True, function: str = "str_replace"
) -> str:
    """``template`` with every key of ``params`` replaced by its value.

    The longest keys first, among equals the alphabetically first; a value that was inserted is not
    searched again. ``json_values=False`` is HOT before 2015-10-15, where maps and lists are
    refused.

    :raises FunctionError: wrong types, or an empty key.
    """
    text, _missing = _replace(function, template, params, json_values)
    return text


def str_replace_strict(template: Value, params: Value) -> str:
    """As :func:`str_replace`, but every key must occur in the template.

    :raises FunctionError: also for keys that do not occur.
    """
    return _replace_strict("str_replace_strict", template, params)


def str_replace_vstrict(template: Value, params: Value) -> str:
    """As :func:`str_replace_strict`, but no value may be null or empty.

    :raises FunctionError: also for keys that do not occur, and for null and empty values.
    """
    name = "str_replace_vstrict"
    if isinstance(params, Mapping):
        for key, value in params.items():
            if value is None or (isinstance(value, (str, Mapping, Sequence)) and not value):
                raise FunctionError(f"{name}: the value for {key!r} is null or empty")
    return _replace_strict(name, template, params)


def _replace_strict(function: str, template: Value, params: Value) -> str:
    text, missing = _replace(function, template, params, json_values=True)
    if missing:
        keys = ", ".join(repr(key) for key in missing)
        raise FunctionError(f"{function}: not found in the template: {keys}")
    return text


def _replace(
    function: str, template: Value, params: Value, json_values: bool
) -> tuple[str, list[str]]:
    """The replaced text, and the keys that did not occur, longest first."""
    if not isinstance(template, str):
        raise FunctionError(f"{function}: the template must be a string, not {describe(template)}")
    if not isinstance(params, Mapping):
        raise FunctionError(f"{function}: params must be a map, not {describe(params)}")
    for key in params:
        if not isinstance(key, str):
            raise FunctionError(f"{function}: the key {key!r} must be a string")
        if not key:
            raise FunctionError(f"{function}: an empty key cannot be replaced")
    keys = sorted(sorted(params), key=len, reverse=True)
    values = {}
    for key in keys:
        value = params[key]
        if not json_values and isinstance(value, (Mapping, list, tuple)):
            raise FunctionError(
                f"{function}: in this template version the value for {key!r} must be a string or "
                f"a number, not {describe(value)}"
            )
        values[key] = to_text(value, function=function)
    found: set[str] = set()

    # Not one regular expression of all keys: a long key wins over a short one that overlaps it
    # even where the short one begins further left. Recursion is as deep as there are keys that
    # occur, so keys that do not occur are skipped first.
    def fill(text: str, rest: list[str]) -> str:
        for index, key in enumerate(rest):
            if key in text:
                found.add(key)
                tail = rest[index + 1 :]
                return values[key].join(fill(piece, tail) for piece in text.split(key))
        return text

    text = fill(template, keys)
    return text, [key for key in keys if key not in found]


def list_join(delimiter: Value, *lists: Value, json_values: bool = True) -> str:
    """The items of all lists, joined. Null items are empty; maps and lists become JSON text.

    ``json_values=False`` is HOT before 2015-10-15: one list, of strings only. Numbers and booleans
    are refused in every version.

    :raises FunctionError: wrong types, or no list at all.
    """
    name = "list_join"
    if not json_values and len(lists) != 1:
        raise FunctionError(f"{name}: this template version joins exactly one list")
    if not lists:
        raise FunctionError(f"{name}: needs a delimiter and at least one list")
    items: list[Value] = []
    for values in lists:
        # Heat's newer form skips whatever is empty or false, its first form null only.
        if (not values) if json_values else (values is None):
            continue
        if not is_list(values):
            raise FunctionError(f"{name}: can only join lists, not {describe(values)}")
        items.extend(values)
    if not isinstance(delimiter, str):
        raise FunctionError(f"{name}: the delimiter must be a string, not {describe(delimiter)}")

    def text(item: Value) -> str:
        if item is None:
            return ""
        if isinstance(item, str):
            return item
        if json_values and isinstance(item, (Mapping, Sequence)):
            return to_json(name, item)
        allowed = "strings, maps or lists" if json_values else "strings"
        raise FunctionError(f"{name}: the items must be {allowed}, not {describe(item)}")

    return delimiter.join(text(item) for item in items)


def str_split(delimiter: Value, text: Value, *index: Value) -> Value:
    """The parts of ``text`` between the delimiters; with an index only that part.

    Null gives null. A null delimiter splits at white space. The index may be text and may count
    from the end; what follows it is ignored, as in Heat.

    :raises FunctionError: wrong types, an empty delimiter, an index beyond the parts.
    """
    name = "str_split"
    if text is None:
        return None
    if not isinstance(text, str):
        raise FunctionError(f"{name}: can only split a string, not {describe(text)}")
    if delimiter == "" or not (delimiter is None or isinstance(delimiter, str)):
        raise FunctionError(f"{name}: the delimiter must be a string that is not empty")
    parts = text.split(delimiter)
    if not index:
        return parts
    try:
        return parts[int(index[0])]
    except IndexError:
        raise FunctionError(
            f"{name}: the index {index[0]} is not between 0 and {len(parts) - 1}"
        ) from None
    except (TypeError, ValueError, OverflowError):
        raise FunctionError(f"{name}: the index must be a whole number") from None


def digest(algorithm: Value, value: Value) -> str:
    """The hexadecimal digest of a string of Latin-1 characters.

    :raises FunctionError: wrong types, an unknown algorithm, a character beyond Latin-1.
    """
    import hashlib

    name = "digest"
    if not isinstance(algorithm, str) or not isinstance(value, str):
        raise FunctionError(f"{name}: the algorithm and the value must be strings")
    if algorithm.lower() not in hashlib.algorithms_available:
        known = ", ".join(sorted(hashlib.algorithms_guaranteed))
        raise FunctionError(f"{name}: the algorithm {algorithm!r} is not one of {known}")
    try:
        data = value.encode("latin-1")
    except UnicodeEncodeError as error:
        character = value[error.start]
        raise FunctionError(f"{name}: {character!r} is not a Latin-1 character") from None
    try:
        return hashlib.new(algorithm, data).hexdigest()
    except (TypeError, ValueError):
        # The variable-length algorithms (shake) need a length, which HOT cannot give.
        raise FunctionError(f"{name}: the algorithm {algorithm!r} cannot be used") from None


def make_url(parts: Value) -> str:
    """A URL of a map with ``scheme, username, password, host, port, path, query, fragment``.

    :raises FunctionError: an unknown part, a part of a wrong type, a port beyond 1 to 65535.
    """
    name = "make_url"
    if not isinstance(parts, Mapping):
        raise FunctionError(f"{name}: needs a map of the URL's parts, not {describe(parts)}")
    unknown = sorted(str(key) for key in parts if key not in _URL_PARTS)
    if unknown:
        raise FunctionError(f"{name}: unknown parts: {', '.join(unknown)}")
    for key, value in parts.items():
        if key == "query" and not isinstance(value, Mapping):
            raise FunctionError(f"{name}: query must be a map, not {describe(value)}")
        if key == "port":
            _check_port(name, value)
        elif key != "query" and not isinstance(value, str):
            raise FunctionError(f"{name}: {key} must be a string, not {describe(value)}")
    scheme = parts.get("scheme", "")
    if ":" in scheme:
        raise FunctionError(f"{name}: the scheme must not hold ':'")

    from urllib.parse import quote, urlencode, urlunsplit

    username = quote(parts.get("username", ""), safe="")
    password = quote(parts.get("password", ""), safe="")
    authority = ""
    if username or password:
        authority = username + (f":{password}" if password else "") + "@"
    host = parts.get("host", "")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    host = quote(host, safe=":")
    authority += f"[{host}]" if ":" in host else host
    port = parts.get("port", "")
    if port:
        authority += f":{port}"
    query = urlencode(parts.get("query", {})).replace("%2F", "/")
    fragment = quote(parts.get("fragment", ""))
    return str(urlunsplit((scheme, authority, quote(parts.get("path", "")), query, fragment)))


def _check_port(function: str, port: Value) -> None:
    try:
        number = int(port)
    except (TypeError, ValueError, OverflowError):
        raise FunctionError(f"{function}: the port must be a number") from None
    if not 0 < number <= 65535:
        raise FunctionError(f"{function}: the port {number} is not between 1 and 65535")


# Lists and maps


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
    """``source`` with keys and values exchanged as the two maps say. Null is an empty map.

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
        elif (new in source and new != old) or new in replaced:
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
