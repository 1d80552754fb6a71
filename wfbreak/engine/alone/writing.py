"""Plain data is written as JSON without being walked through first.

Mistral makes primitives of each value that it writes (mistral/utils, to_json_str): a walk in Python
through dictionaries and lists that the expressions have made of primitives already. What is not
plain goes its way.
"""

from __future__ import annotations

import functools
import json
from typing import Any


@functools.cache
def install() -> None:
    """Have this process's Mistral do so."""
    from mistral import utils

    own = utils.to_json_str

    def to_json(value: Any) -> str | None:
        if value is None:
            return None
        try:
            return json.dumps(value)
        except (TypeError, ValueError, RecursionError):
            return str(own(value))

    utils.to_json_str = to_json
