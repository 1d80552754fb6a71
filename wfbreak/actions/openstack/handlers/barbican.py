"""Barbican's secrets, the orders for some, and containers of them: known by URLs, not by ids."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from wfbreak import secrets
from wfbreak.actions.openstack.handlers import barbican_shown
from wfbreak.actions.openstack.handlers.barbican_shown import in_utc, moment, refs
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError

_PAGE: Final = 100
"""Barbican shows ten unless told, and no more than its configuration says: 100 unless told."""

_KEYS: Final = frozenset({"public_key", "private_key", "certificate", "intermediates"})
"""Attributes of an order that are a secret in its container, by the secrets' names there."""

_ENDING: Final = "_ref"

_SECRET_PROPERTIES: Final = ("payload", "pass_phrase")


class BarbicanMaker(Maker):
    """What all have in common."""

    def table(self, shown: Shown) -> dict[str, Any]:
        """What Heat's ``show`` gives."""
        raise NotImplementedError

    def show(self, ident: str) -> Shown:
        return super().show(_last(ident))

    def delete(self, ident: str) -> None:
        super().delete(_last(ident))

    def listed(self, query: Mapping[str, Any]) -> list[Shown]:
        found: list[Shown] = []
        while True:
            asked = {**query, "limit": _PAGE, "offset": len(found)}
            more = [shown for shown in super().listed(asked) if shown not in found]
            if not more:
                return found
            found += more

    def ask(self, method: str, path: str, data: Any = None, **options: Any) -> Any:
        """No refusal shows what it is about."""
        try:
            return super().ask(method, path, data, **options)
        except ProviderError as error:
            hidden = [self.properties.get(name) for name in _SECRET_PROPERTIES]
            text = secrets.mask_text(str(error), frozenset(filter(None, hidden)))
            raise type(error)(text, error.again) from None

    def unmarked(self, shown: Shown) -> Shown:
        return {**shown, "name": None} if shown.get("name") == self.own_name else shown

    def attribute(self, shown: Shown, name: str) -> Any:
        return self.table(shown) if name == "show" else super().attribute(shown, name)

    def payload(self, ref: str, shown: Shown | None = None) -> bytes | None:
        """What is in a secret; ``None`` if nothing is."""
        path = f"/secrets/{_last(ref)}"
        shown = self.cloud.get(self.row.service, path) if shown is None else shown
        kind = (shown.get("content_types") or {}).get("default")
        return (
            None if kind is None else self.cloud.content(self.row.service, f"{path}/payload", kind)
        )

    def payload_text(self, ref: str) -> str | None:
        payload = self.payload(ref)
        try:
            return None if payload is None else payload.decode()
        except UnicodeDecodeError:
            raise ProviderError("what is in the secret is no text") from None


class SecretMaker(BarbicanMaker):
    """``heat/engine/resources/openstack/barbican/secret.py``."""

    def table(self, shown: Shown) -> dict[str, Any]:
        return barbican_shown.secret(shown)

    def refuse(self) -> None:
        super().refuse()
        if self.properties.get("payload") == "":
            raise ProviderError("the payload must not be empty")

    def body(self) -> dict[str, Any]:
        fields = super().body()
        if "payload" in fields and not self._is_encoded:
            fields.setdefault("payload_content_type", "text/plain")
        if "expiration" in fields:
            fields["expiration"] = moment(fields["expiration"])
        return fields

    def query(self) -> dict[str, Any]:
        return {"name": self.fields["name"]}

    def is_same(self, found: Shown) -> bool:
        if found.get("name") == self.own_name == self.fields["name"]:
            return True
        told = _as_told(found, self.fields)
        return super().is_same(told) and self._holds_the_same(found)

    def attribute(self, shown: Shown, name: str) -> Any:
        if name == "decrypted_payload":
            return self.payload_text(self.physical_id(shown))
        return super().attribute(shown, name)

    def _holds_the_same(self, found: Shown) -> bool:
        payload = self.payload(self.physical_id(found), found)
        wanted = self.fields.get("payload")
        if wanted is None or payload is None:
            return wanted is None and payload is None
        try:
            return payload == (base64.b64decode(wanted) if self._is_encoded else wanted.encode())
        except binascii.Error:
            return False

    @property
    def _is_encoded(self) -> bool:
        return self.properties.get("payload_content_encoding") is not None


class OrderMaker(BarbicanMaker):
    """``heat/engine/resources/openstack/barbican/order.py``. What was ordered stays when the order
    is deleted, as with Heat."""

    def table(self, shown: Shown) -> dict[str, Any]:
        return barbican_shown.order(shown)

    def refuse(self) -> None:
        super().refuse()
        kind = self.properties["type"]
        if kind == "certificate":
            raise ProviderError("Barbican orders no certificates any more")
        if any(self.properties.get(name) is None for name in ("algorithm", "bit_length")):
            raise ProviderError(f"'algorithm' and 'bit_length' are needed for the type {kind}")
        if kind == "key" and self.properties.get("pass_phrase") is not None:
            raise ProviderError("'pass_phrase' is for the type asymmetric only")

    def body(self) -> dict[str, Any]:
        fields = super().body()
        meta = fields["meta"]
        del fields["name"]
        meta.setdefault("name", self.own_name)
        if fields["type"] == "asymmetric":
            # barbicanclient/v1/orders.py takes it and tells nobody.
            meta.pop("mode", None)
        for name in ("mode", "pass_phrase"):
            if not meta.get(name):
                meta.pop(name, None)
        if "expiration" in meta:
            meta["expiration"] = moment(meta["expiration"])
        return fields

    def query(self) -> dict[str, Any]:
        return {}

    def is_same(self, found: Shown) -> bool:
        """Barbican adds to what it was told, and need not show a pass phrase."""
        if found.get("type") != self.fields["type"]:
            return False
        wanted = {k: v for k, v in self.fields["meta"].items() if k != "pass_phrase"}
        meta = _as_told(found.get("meta") or {}, wanted)
        return all(meta.get(key) == value for key, value in wanted.items())

    def attribute(self, shown: Shown, name: str) -> Any:
        if name not in _KEYS:
            return super().attribute(shown, name)
        container = shown.get("container_ref")
        if container is None:
            return None
        held = self.cloud.get(self.row.service, f"/containers/{_last(container)}")
        ref = refs(held).get(name)
        return None if ref is None else self.payload_text(ref)


class ContainerMaker(BarbicanMaker):
    """``heat/engine/resources/openstack/barbican/container.py``."""

    def table(self, shown: Shown) -> dict[str, Any]:
        return barbican_shown.container(shown)

    def body(self) -> dict[str, Any]:
        given = self.properties
        named = {entry["name"].lower(): entry["ref"] for entry in given.get("secrets") or ()}
        named |= {
            name.removesuffix(_ENDING): given[name]
            for name in self.row.properties
            if name.endswith(_ENDING) and given.get(name)
        }
        entries = [{"name": name, "secret_ref": ref} for name, ref in named.items()]
        return {**super().body(), "secret_refs": entries}

    def query(self) -> dict[str, Any]:
        return {"name": self.fields["name"]}

    def is_same(self, found: Shown) -> bool:
        said = all(found.get(key) == self.fields[key] for key in ("name", "type"))
        return said and refs(found) == refs(self.fields)

    def attribute(self, shown: Shown, name: str) -> Any:
        return refs(shown) if name == "secret_refs" else super().attribute(shown, name)


def _last(ref: str) -> str:
    """The id in a reference; Barbican may be known by several hosts' names."""
    return ref.rstrip("/").rpartition("/")[2]


def _as_told(shown: Shown, told: Mapping[str, Any]) -> Shown:
    """What is shown, with the end of its life as it was told: Barbican keeps it in UTC."""
    wanted, found = told.get("expiration"), shown.get("expiration")
    if not wanted or not found or in_utc(wanted) != in_utc(found):
        return shown
    return {**shown, "expiration": wanted}
