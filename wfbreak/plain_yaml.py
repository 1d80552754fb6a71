"""Read YAML that is data alone: with PyYAML's C code where it has some, which takes a tenth."""

from __future__ import annotations

from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str) -> Any:
    """The data.

    :raises yaml.YAMLError: if it is none.
    """
    return yaml.load(text, _LOADER)  # noqa: S506  # it is a safe one
