"""Key pairs, also those whose private key has to be made and given to the template.

Nova made them once, showed the private key in one answer and never again, so that a crash lost it.
Since 2.92 it makes none. Here a private key follows from the executors' key, the execution and the
resource: every run has the same, and it is stored nowhere. The comment of its public half is the
mark, and says from which of the executors' keys it was made, so that these may be rotated.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wfbreak import keys
from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.handlers.named import Named
from wfbreak.actions.openstack.maker import Shown
from wfbreak.actions.provider import ProviderError

_PURPOSE: Final = b"wfbreak private key of a key pair\0"
_BEGIN, _END = "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"
_LINE: Final = 70


@dataclass(frozen=True, slots=True)
class _Source:
    """The executors' key that a private key is made from."""

    ident: str
    secret: bytes


class KeyPairMaker(Named):
    """``heat/engine/resources/openstack/nova/keypair.py``."""

    def body(self) -> dict[str, Any]:
        fields = super().body()
        if not fields.get("public_key"):
            fields["public_key"] = self._generated()
        return fields

    def known_by(self) -> Mapping[str, Any]:
        return {"name": self.properties["name"]}

    def is_same(self, found: Shown) -> bool:
        if given := self.properties.get("public_key"):
            return bool(found["public_key"].strip() == given.strip())
        return _comment(found).startswith(self.wanted.mark)

    def candidates(self) -> list[Shown]:
        try:
            found = self.show(self.fields["name"])
        except failures.NotFound:
            return []
        return [found] if self.is_same(found) else []

    def attribute(self, shown: Shown, name: str) -> Any:
        if name == "public_key":
            return self.properties.get("public_key") or shown["public_key"]
        if name == "private_key":
            return self._private_key(shown)
        return super().attribute(shown, name)

    def ask(self, method: str, path: str, data: Any = None, **options: Any) -> Any:
        user = self.properties.get("user")
        if user and method in ("GET", "DELETE"):
            # Otherwise it is the own one of that name.
            options["params"] = {"user_id": self.find_id("OS::Keystone::User", user)}
        return super().ask(method, path, data, **options)

    # --- generated keys -------------------------------------------------------------------------

    def _generated(self) -> str:
        if self.properties.get("type") == "x509":
            raise ProviderError("a certificate has to be given as 'public_key'")
        if not self.properties["save_private_key"]:
            # Nobody shall ever have it.
            return _public_text(Ed25519PrivateKey.generate(), self.wanted.mark)
        source = _sources()[-1]
        return _public_text(self._derived(source), f"{self.wanted.mark}.{source.ident}")

    def _private_key(self, shown: Shown) -> str:
        if self.properties.get("public_key") or not self.properties.get("save_private_key"):
            return ""
        ident = _comment(shown).removeprefix(f"{self.wanted.mark}.")
        for source in _sources():
            if source.ident == ident:
                return _private_text(self._derived(source))
        raise ProviderError(
            f"its private key was made from a key of the executors' ({ident}) that is there no more"
        )

    def _derived(self, source: _Source) -> Ed25519PrivateKey:
        info = _PURPOSE + self.wanted.identity.digest("private key")
        seed = HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(source.secret)
        return Ed25519PrivateKey.from_private_bytes(seed)


def _sources() -> list[_Source]:
    """The executors' keys; the last is the one to use, which every host has.

    :raises ProviderError: if this process has none.
    """
    try:
        ring = keys.load_keys()
    except keys.SealError as error:
        raise ProviderError(str(error)) from None
    if ring is None:
        raise ProviderError(
            f"a private key is made from the executors' key, and there is none: {keys.HOW_TO_NAME}"
        )
    pairs = sorted(ring.pairs, key=lambda pair: pair.public == ring.sealing)
    return [_Source(pair.public.ident, pair.private.private_bytes_raw()) for pair in pairs]


def _comment(shown: Shown) -> str:
    return str(shown["public_key"]).strip().rpartition(" ")[2]


def _public_text(key: Ed25519PrivateKey, comment: str) -> str:
    encoding, form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    return f"{key.public_key().public_bytes(encoding, form).decode()} {comment}"


def _private_text(key: Ed25519PrivateKey) -> str:
    """The key as ``ssh`` reads it, the same text each time.

    The library draws the number that stands in it twice, by which a reader sees that a passphrase
    was right. Without a passphrase it says nothing, and is zero here.
    """
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH
    text = key.private_bytes(encoding, form, serialization.NoEncryption()).decode()
    data = base64.b64decode(re.sub(r"-----.*-----|\s", "", text))
    kind = b"\x00\x00\x00\x0bssh-ed25519"
    # The public key comes first, then these eight bytes, and then both keys.
    start = data.rindex(kind) - 8
    body = base64.b64encode(data[:start] + bytes(8) + data[start + 8 :]).decode()
    lines = [body[i : i + _LINE] for i in range(0, len(body), _LINE)]
    return "\n".join([_BEGIN, *lines, _END, ""])
