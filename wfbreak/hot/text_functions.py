"""HOT's functions that make text, or take it apart: see ``functions``, which has them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wfbreak.hot.plain import FunctionError, Value, describe, is_list, to_json, to_text

_URL_PARTS = ("scheme", "username", "password", "host", "port", "path", "query", "fragment")


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
