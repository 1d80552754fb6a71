"""What Heat's ``show`` gives of Barbican's things: a table for people, with its headings.

The headings are those of barbicanclient's formatters, which Heat's ``_show_resource`` makes a map
of (heat/engine/resource.py, barbicanclient/v1).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from wfbreak.actions.openstack.maker import Shown

_NONE: Final = "N/A"

_HELD: Final = {
    "certificate": {
        "Certificate": "certificate",
        "Intermediates": "intermediates",
        "Private Key": "private_key",
        "PK Passphrase": "private_key_passphrase",
    },
    "rsa": {
        "Public Key": "public_key",
        "Private Key": "private_key",
        "PK Passphrase": "private_key_passphrase",
    },
}
"""Secrets of a container that have a heading of their own."""


def secret(shown: Shown) -> dict[str, Any]:
    return {
        "Secret href": shown["secret_ref"],
        "Name": shown.get("name"),
        "Created": moment(shown.get("created")),
        "Status": shown.get("status"),
        "Content types": shown.get("content_types") or None,
        "Algorithm": shown.get("algorithm"),
        "Bit length": shown.get("bit_length"),
        "Secret type": shown.get("secret_type") or "opaque",
        "Mode": shown.get("mode"),
        "Expiration": moment(shown.get("expiration")),
    }


def order(shown: Shown) -> dict[str, Any]:
    is_key = shown["type"] == "key"
    return {
        "Order href": shown["order_ref"],
        "Type": str(shown["type"]).capitalize(),
        "Container href": _NONE if is_key else shown.get("container_ref"),
        "Secret href": shown.get("secret_ref") if is_key else _NONE,
        "Created": moment(shown.get("created")),
        "Status": shown.get("status"),
        "Error code": shown.get("error_status_code"),
        "Error message": shown.get("error_reason"),
    }


def container(shown: Shown) -> dict[str, Any]:
    held = refs(shown)
    created = moment(shown.get("created"))
    headings = _HELD.get(shown["type"])
    if headings is None:
        lines = (f"{name}={ref}" if name else ref for name, ref in held.items())
        secrets = {"Secrets": "\n".join(lines) or None}
    else:
        secrets = {heading: held.get(name) for heading, name in headings.items()}
    if created and headings is not None:
        # Here the client leaves a time, which Heat writes in its own way.
        created = f"{datetime.fromisoformat(created):%Y-%m-%dT%H:%M:%S.%f}"
    return {
        "Container href": shown["container_ref"],
        "Name": shown.get("name"),
        "Created": created,
        "Status": shown.get("status"),
        "Type": shown["type"],
        **secrets,
        "Consumers": "\n".join(map(str, shown.get("consumers") or ())) or None,
    }


def refs(shown: Shown) -> dict[str, str]:
    """The secrets in a container by their names, as the client has them."""
    held = shown.get("secret_refs") or ()
    return {str(entry.get("name") or ""): entry["secret_ref"] for entry in held}


def moment(text: str | None) -> str | None:
    """A time as Heat's client writes it: without a zone it is in UTC."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def in_utc(text: str) -> datetime | str:
    """A time that compares with others, whatever zone it is written in; text that is none."""
    written = moment(text) or text
    try:
        return datetime.fromisoformat(written).astimezone(UTC)
    except ValueError:
        return written
