"""HOT's ``yaql`` function: an expression of the YAQL language on data of the template.

The language's own library does the work; Heat sets the limits (``heat/engine/hot/functions.py`` of
openstack-heat 27.0.1): 200 items of an iterator, 10,000 bytes of memory. The expression sees its
``data`` as ``$.data`` and nothing of the engine: neither other tasks nor the environment.

The library is imported on first use, because most templates never do.
"""

from __future__ import annotations

import functools
from typing import Any

from wfbreak.hot.plain import FunctionError, Value, describe

_LIMITS = {"yaql.limitIterators": 200, "yaql.memoryQuota": 10000}


@functools.cache
def _language() -> tuple[Any, Any]:
    import collections.abc  # noqa: F401  # yaql uses it without importing it

    import yaql

    return yaql.YaqlFactory().create(_LIMITS), yaql.create_context()


def evaluate(expression: Value, data: Value, *, whole: bool = False) -> Value:
    """The expression's value, as plain data; ``whole``: ``data`` is ``$`` itself.

    :raises FunctionError: if the expression is no text, is not YAQL, fails, or exceeds a limit.
    """
    name = "yaql"
    if not isinstance(expression, str):
        raise FunctionError(f"{name}: the expression must be a string, not {describe(expression)}")
    parse, library = _language()
    try:
        scope = library.create_child_context()
        return parse(expression).evaluate(data if whole else {"data": data}, scope)
    except Exception as error:  # the library raises kinds of its own and Python's
        reason = " ".join(str(error).split()) or type(error).__name__
        raise FunctionError(f"{name}: {expression!r} failed: {reason}") from None
