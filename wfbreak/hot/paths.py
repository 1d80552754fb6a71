"""How ``get_attr``, ``get_param`` and ``Fn::Select`` find their way into a value.

Three functions, three rules: what a bad path gives, and whether text counts as a list's index. The
rules are those of ``heat/engine/attributes.py`` (``select_from_attribute``),
``heat/engine/hot/functions.py`` (``GetParam``) and ``heat/engine/cfn/functions.py`` (``Select``)
of openstack-heat 27.0.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from wfbreak.hot.plain import FunctionError, Value, describe, is_list


def select(value: Value, *path: Value) -> Value:
    """Follow the path of a ``get_attr``; ``None`` if it leads nowhere.

    A list takes only whole numbers: the text ``"0"`` leads nowhere, unlike in ``get_param``. A
    string counts as a list of characters. The rule is ``select_from_attribute`` in
    ``heat/engine/attributes.py``.
    """
    try:
        for key in path:
            value = _step(value, key)
    except (KeyError, IndexError, TypeError):
        return None
    return value


def get_param(value: Value, *path: Value) -> Value:
    """Follow the path of a ``get_param``; ``""`` if it leads nowhere.

    Unlike :func:`select`, text that is a whole number counts as one where a list is met.
    """
    try:
        for key in path:
            if isinstance(value, Sequence) and isinstance(key, str):
                try:
                    key = int(key)
                except ValueError:
                    return ""
            value = _step(value, key)
    except (KeyError, IndexError, TypeError):
        return ""
    return value


def _step(value: Value, key: Value) -> Value:
    if not isinstance(value, (Mapping, Sequence)) or not isinstance(key, (str, int)):
        raise TypeError
    return value[key]  # type: ignore[index]  # a wrong kind of key is the caller's case


def fn_select(index: Value, collection: Value) -> Value:
    """``Fn::Select`` of the HOT versions before 2015-10-15; ``""`` if there is no such item.

    The collection may be JSON text.

    :raises FunctionError: wrong types, text that is not JSON.
    """
    name = "Fn::Select"
    if collection == "" or collection is None:
        return ""
    if isinstance(collection, str):
        try:
            collection = json.loads(collection)
        except ValueError as error:
            raise FunctionError(f"{name}: the text is not JSON: {error}") from None
        if collection is None:
            return ""
    if isinstance(collection, Mapping):
        if not isinstance(index, str):
            raise FunctionError(f"{name}: a map's index must be a string, not {describe(index)}")
        return collection.get(index, "")
    if not is_list(collection):
        raise FunctionError(f"{name}: needs a list or a map, not {describe(collection)}")
    try:
        return collection[int(index)]
    except (TypeError, ValueError, OverflowError):
        raise FunctionError(f"{name}: a list's index must be a whole number") from None
    except IndexError:
        return ""
