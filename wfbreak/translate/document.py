"""The workflow document as text that people read and Mistral takes."""

from __future__ import annotations

from typing import Any

import yaml

Document = dict[str, Any]
"""A Mistral v2 workflow document: ``version``, and under its name the stack's workflow; after that
the workflows of the stack's parts, if it has any."""


def dump(document: Document) -> str:
    """The document as YAML 1.1 text, in the order in which it was made; never an alias."""
    return yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, indent=2
    )


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        # Mistral's loader refuses what an alias expands to (mistral/utils/safe_yaml.py).
        return True


def _text(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
