"""What two resources that should be alike may differ in, taken out of what the cloud shows of them.

Ids are named after the resource that they belong to; what a service draws, counts or stamps is
masked, unless the template says it. All else stays and has to be equal.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wfbreak.actions.openstack.maker import MARK_KEY

STAMPS = frozenset(
    {"created_at", "updated_at", "launched_at", "terminated_at", "revision_number", "created"}
    | {"updated", "OS-SRV-USG:launched_at", "standard_attr_id", "attached_at"}
)
"""What the service counts and stamps."""
DRAWN = frozenset(
    {
        "mac_address",
        "OS-EXT-IPS-MAC:mac_addr",
        "provider:segmentation_id",
        "segmentation_id",
    }
)
"""What the service draws, unless the template says it."""
ADDRESSES = frozenset(
    {"ip_address", "floating_ip_address", "fixed_ip_address", "addr", "first_address", "gateway_ip"}
)
ENDS = frozenset({"start", "end"})
"""The ends of a pool, which the template or the cidr says."""
NUMBERED = frozenset({"id", "(reference)"})
"""What may be a number that counts up."""
PASSING = ("os_glance_",)
"""What begins so stands there for a while: Glance's own notes on a download."""
UNORDERED = frozenset({"tags", "subnets", "security_groups"})

_UUID = re.compile(r"\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})\b")
_STAMPED = re.compile(r"(?<='attached_at': )'[^']*'")
"""A stamp in a text that shows a map."""
_POOLS = re.compile(r"allocation_pools:.*")
_SUFFIX = re.compile(r"-[a-z2-7]{12}\b")
"""The random end of the names that Heat gives."""


@dataclass(frozen=True, slots=True)
class Sight:
    """How one of the twins is looked at.

    ``ids`` are the resources' names by their ids, ``said`` the template's text, ``common`` the ids
    that both twins show: those of what was there before. ``masked`` are more keys whose values
    say nothing.
    """

    ids: Mapping[str, str]
    said: str
    common: frozenset[str] = frozenset()
    masked: frozenset[str] = field(default_factory=frozenset)

    def of(self, value: Any, key: str = "") -> Any:
        """``value`` as it can be compared; ``key`` is the one that it stands at."""
        if key in STAMPS | self.masked:
            return f"<{key}>"
        if isinstance(value, Mapping):
            entries = {self._named(str(k)): self.of(v, str(k)) for k, v in value.items()}
            # A mark has a place of its own, or one that is empty otherwise.
            shown = {k: None if v == "<mark>" else v for k, v in sorted(entries.items())}
            return {k: v for k, v in shown.items() if not k.startswith((MARK_KEY, *PASSING))}
        if isinstance(value, (list, tuple)):
            items = [self.of(item, key) for item in value]
            items = [item for item in items if item != "<mark>"]
            is_sorted = key in UNORDERED or any(isinstance(item, Mapping) for item in items)
            return sorted(items, key=_text) if is_sorted else items
        if value is None or isinstance(value, bool):
            return value
        if key in NUMBERED and str(value).isdigit():
            return "<number>"
        if key in DRAWN and not self._is_said(str(value)):
            return f"<{key}>"
        if isinstance(value, str):
            return self._of_text(value, key)
        return value

    def _is_said(self, text: str) -> bool:
        """Whether the template says it, and not only something that it is a part of. The ends of
        a pool are addresses like any in it."""
        said = _POOLS.sub("", self.said)
        return re.search(rf"(?<![\w.:]){re.escape(text)}(?![\w.:])", said) is not None

    def _of_text(self, text: str, key: str) -> str:
        is_address = key in ADDRESSES or _version(text) != "none"
        if is_address and key not in ENDS and not self._is_said(text):
            return f"<address of version {_version(text)}>"
        if text.startswith(f"{MARK_KEY}-"):
            return "<mark>"
        return self._named(text)

    def _named(self, text: str) -> str:
        if text in self.ids and not text.isdigit():
            return f"<{self.ids[text]}>"
        text = _STAMPED.sub("<stamp>", text)
        for ident, name in self.ids.items():
            if len(ident) >= 32:  # anything shorter may stand in a text by chance
                text = text.replace(ident, f"<{name}>")
        text = _UUID.sub(lambda m: m[0] if m[0] in self.common else "<id>", text)
        return _SUFFIX.sub("-<random>", text)


def is_id(text: str) -> bool:
    """Whether it begins as an id does."""
    return bool(_UUID.match(text))


def ids_in(value: Any) -> frozenset[str]:
    """All ids in a value, at any level."""
    return frozenset(_UUID.findall(json.dumps(value, default=str)))


def replaced(value: Any, by: Mapping[str, str]) -> Any:
    """``value`` with the ids in its texts replaced."""
    if isinstance(value, Mapping):
        return {key: replaced(item, by) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [replaced(item, by) for item in value]
    if not isinstance(value, str):
        return value
    if value in by:
        return by[value]
    return _UUID.sub(lambda match: by.get(match[0], match[0]), value)


def differences(found: Any, expected: Any, path: str = "") -> list[str]:
    """Where two values differ, a line for each place."""
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        keys = sorted({*found, *expected})
        absent = "(nothing)"
        return [
            line
            for key in keys
            for line in differences(
                found.get(key, absent), expected.get(key, absent), f"{path}.{key}".lstrip(".")
            )
        ]
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        pairs = enumerate(zip(found, expected, strict=True))
        return [line for i, (a, b) in pairs for line in differences(a, b, f"{path}[{i}]")]
    return [] if found == expected else [f"{path}: {found!r}, expected {expected!r}"]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _version(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address).version)
    except ValueError:
        return "none"
