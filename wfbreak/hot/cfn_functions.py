"""The functions of CloudFormation that Heat has (``heat/engine/cfn/functions.py`` of 27.0.1).

Templates of the formats ``AWSTemplateFormatVersion`` and ``HeatTemplateFormatVersion`` call them,
and some of them the first HOT version. What they share with HOT is in ``wfbreak.hot.functions``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from wfbreak.hot.plain import FunctionError, Value, describe

_MEMBER = re.compile(r"\.?member\.(\d+)\.(.+)")


def base64(text: Value) -> str:
    """``Fn::Base64``: the text as it is, for Heat takes user data in the clear.

    :raises FunctionError: if it is no text.
    """
    if not isinstance(text, str):
        raise FunctionError(f"Fn::Base64: needs a string, not {describe(text)}")
    return text


def split(delimiter: Value, text: Value) -> list[str]:
    """``Fn::Split``: the parts of ``text`` between the delimiters.

    :raises FunctionError: wrong types, an empty delimiter.
    """
    if not isinstance(delimiter, str) or not delimiter:
        raise FunctionError("Fn::Split: the delimiter must be a string that is not empty")
    if not isinstance(text, str):
        raise FunctionError(f"Fn::Split: can only split a string, not {describe(text)}")
    return text.split(delimiter)


def find_in_map(mappings: Value, name: Value, key: Value, field: Value) -> Value:
    """``Fn::FindInMap``: what the template's mapping ``name`` has for ``key`` and ``field``.

    :raises FunctionError: if it has nothing there.
    """
    found = mappings
    for step in (name, key, field):
        if not isinstance(found, Mapping) or not isinstance(step, str) or step not in found:
            raise FunctionError(f"Fn::FindInMap: there is no {step!r}")
        found = found[step]
    return found


def member_list_to_map(key_name: Value, value_name: Value, items: Value) -> dict[str, str]:
    """``Fn::MemberListToMap``: ``[".member.0.Name=a", ".member.0.Value=b"]`` as ``{"a": "b"}``.

    :raises FunctionError: wrong types.
    """
    name = "Fn::MemberListToMap"
    if not isinstance(key_name, str) or not isinstance(value_name, str):
        raise FunctionError(f"{name}: the names of key and value must be strings")
    if not isinstance(items, Iterable):
        raise FunctionError(f"{name}: needs a list, not {describe(items)}")
    members: dict[int, dict[str, str]] = {}
    for item in items:
        if not isinstance(item, str) or "=" not in item:
            raise FunctionError(f"{name}: the items must be strings of the form NAME=VALUE")
        path, _, value = item.partition("=")
        if match := _MEMBER.fullmatch(path):
            members.setdefault(int(match[1]), {})[match[2]] = value
    return {
        fields[key_name]: fields[value_name]
        for _, fields in sorted(members.items())
        if key_name in fields and value_name in fields
    }
