"""Heat's named constraints that need no cloud to be checked.

A template may say ``custom_constraint: net_cidr``. Heat has about seventy such names; most ask a
service whether a flavor or a network exists, which only that cloud can answer, when the resource is
made. Those that look at the text alone are here, as in ``heat/engine/constraint/
common_constraints.py`` of openstack-heat 27.0.1. Every other name is taken as kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

_LABEL = re.compile(r"[a-z0-9-]{1,63}$")
_LONGEST_NAME = 255
_MAC = (
    re.compile(r"(?i)[0-9a-f]{1,2}([:-])[0-9a-f]{1,2}(?:\1[0-9a-f]{1,2}){4}"),
    re.compile(r"(?i)[0-9a-f]{1,4}([.:-])[0-9a-f]{1,4}\1[0-9a-f]{1,4}"),
    re.compile(r"(?i)[0-9a-f]{5,6}-[0-9a-f]{5,6}"),
    re.compile(r"(?i)[0-9a-f]{11,12}"),
)
_YEAR_OR_MONTH = re.compile(r"\d{4}(-\d{1,2}){0,2}")  # ISO 8601, but nothing that Python reads
_CRON_FIELD = re.compile(r"(?i)[\d*/,\-?a-z#]+")


def is_known(name: object) -> bool:
    """Whether the constraint can be checked without a cloud."""
    return name in _RULES


def broken_rule(name: str, value: Any) -> str | None:
    """How ``value`` breaks the constraint of that name, as the predicate of a sentence.

    None if it keeps the constraint, and for each name that is not checked here.
    """
    rule = _RULES.get(name)
    return rule(value) if rule is not None else None


def _ip_address(value: Any) -> str | None:
    import ipaddress

    wrong = "is not an IP address"
    if not isinstance(value, str) or "%" in value:  # Neutron, which Heat asks, knows no zones
        return wrong
    if ":" not in value:
        # Neutron reads "010.0.0.1" as 10.0.0.1 and then refuses its leading 0.
        parts = value.split(".")
        if len(parts) != 4 or any(len(part) > 1 and part.startswith("0") for part in parts):
            return wrong
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return wrong
    return None


def _cidr(value: Any) -> str | None:
    import ipaddress

    wrong = "is not a network in CIDR notation"
    if not isinstance(value, str) or "/" not in value or value != value.strip():
        return wrong
    try:
        network = ipaddress.ip_interface(value)
    except ValueError:
        return wrong
    # An IPv4 mask must be a number of bits ("10.0.0.0/255.0.0.0" is refused); host bits may be set.
    if network.version == 4 and network.with_prefixlen != value:
        return wrong
    return None


def _ip_or_cidr(value: Any) -> str | None:
    if isinstance(value, str) and "/" in value:
        return _cidr(value)
    return _ip_address(value)


def _mac_address(value: Any) -> str | None:
    kept = isinstance(value, str) and any(form.fullmatch(value) for form in _MAC)
    return None if kept else "is not a MAC address"


def _dns_name(value: Any) -> str | None:
    if not value:
        return None
    if not isinstance(value, str):
        return "is not a DNS name"
    trimmed = value.removesuffix(".")
    if len(trimmed) > _LONGEST_NAME:
        return f"is longer than the {_LONGEST_NAME} characters of a DNS name"
    labels = trimmed.split(".")
    for label in labels:
        if not _LABEL.match(label) or label.startswith("-") or label.endswith("-"):
            return "is not a DNS name: a part is 1 to 63 of a-z, 0-9 and - (not at its ends)"
    if value.endswith(".") and len(labels) > 1 and labels[-1].isdecimal():
        return "is not a DNS name: the top level domain must not be a number"
    return None


def _relative_dns_name(value: Any) -> str | None:
    if isinstance(value, str) and value.endswith("."):
        return "is not a relative DNS name: it ends with '.'"
    if isinstance(value, str) and len(value) > _LONGEST_NAME - 3:
        return "is too long for a relative DNS name"
    return _dns_name(value)


def _dns_domain(value: Any) -> str | None:
    if not value:
        return None
    return _dns_name(value) or (None if value.endswith(".") else "is a DNS domain without '.'")


def _cron_expression(value: Any) -> str | None:
    if not value:
        return None
    if isinstance(value, str) and value.startswith("@"):
        return None
    # Deliberately less strict than Heat's croniter: only what is surely wrong is refused here.
    fields = value.split() if isinstance(value, str) else []
    if not 5 <= len(fields) <= 7 or not all(_CRON_FIELD.fullmatch(field) for field in fields):
        return "is not a cron expression"
    return None


def _timezone(value: Any) -> str | None:
    if not value:
        return None
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(value)
    except Exception:  # the module raises many kinds, by the text it is given
        return "is not a time zone"
    return None


def _parse_time(value: Any) -> Any:
    import datetime

    text = value.strip()
    moment = datetime.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _iso_8601(value: Any) -> str | None:
    if isinstance(value, str) and _YEAR_OR_MONTH.fullmatch(value):
        return None
    try:
        _parse_time(value)
    except (AttributeError, ValueError):
        return "is not a time in ISO 8601"
    return None


def _expiration(value: Any) -> str | None:
    import datetime

    if not value:
        return None
    try:
        moment = _parse_time(value)
    except (AttributeError, ValueError):
        return "is not a time in ISO 8601"
    return None if moment > datetime.datetime.now(datetime.UTC) else "is a time that has passed"


def _json_string(value: Any) -> str | None:
    if not value:
        return None
    try:
        json.loads(value)
    except (TypeError, ValueError):
        return "is not JSON text"
    return None


_RULES: dict[str, Callable[[Any], str | None]] = {
    "cron_expression": _cron_expression,
    "dns_domain": _dns_domain,
    "dns_name": _dns_name,
    "expiration": _expiration,
    "ip_addr": _ip_address,
    "ip_or_cidr": _ip_or_cidr,
    "iso_8601": _iso_8601,
    "json_string": _json_string,
    "mac_addr": _mac_address,
    "net_cidr": _cidr,
    "rel_dns_name": _relative_dns_name,
    "timezone": _timezone,
}
