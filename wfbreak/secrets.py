"""Hidden values travel sealed, because an engine keeps and shows whatever passes through it.

A workflow's inputs, its tasks' inputs and results are stored in the engine's database and shown by
its API. A hidden value therefore goes in as ``{"wfbreak:sealed": TOKEN}``, which takes the public
half of the executors' key (:mod:`wfbreak.keys`), and only an action can open it. A function of a
sealed value is not computed in the engine: it stays ``{"wfbreak:computed": {"call": NAME,
"arguments": [...]}}``, sealed values among its arguments, until an action opens it all. What an
action gives back of a secret is sealed again before it leaves.

A token is ``HEADER.DATA``. The header, JSON in base64, says the version, the key, and the one
place in which the value may be opened: the execution, and the project where that is known. The
data is HPKE (RFC 9180, of the ``cryptography`` library) of the value's JSON text, bound to the
header. So a token that is copied into another execution, or reaches another project, stays shut;
the executions that follow it in the life of its stack (:mod:`wfbreak.chain`) can open it.

What is sealed may also be a reference: the id of a secret in the cloud's key manager, in whose
place an action fetches what lies there. It is sealed although it is no secret, because data that
comes from elsewhere must not be able to name one. The header tells the two apart without a key.
"""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wfbreak import chain
from wfbreak.hot.plain import FunctionError
from wfbreak.keys import HOW_TO_NAME, KeyRing, PublicKey, load_keys
from wfbreak.keys import SealError as SealError

SEALED: Final = "wfbreak:sealed"
"""The only key of a sealed value."""

COMPUTED: Final = "wfbreak:computed"
"""The only key of what is computed of sealed values once they may be opened."""

MASK: Final = "******"

_VALUE = 1
_REFERENCE = 2
"""The header's version says what is sealed, so that an executor that knows no references refuses
one."""

_PURPOSE = b"wfbreak sealed value\0"
_DERIVED = b"wfbreak derived secret\0"

_SHORTEST_PART = 4
"""A secret of fewer characters is found only where it is the whole text: "a" is in everything."""


class ComputationError(SealError):
    """A function of what was opened cannot be computed. The text shows no secret."""


class NotHereError(SealError):
    """What is sealed is a reference, and this process fetches nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value may be opened: in one execution, of one project.

    ``project`` is None where it is not known: an engine without authentication has none, and what
    an engine does by itself after a crash is done in no project's name.
    """

    execution: str
    project: str | None = None


class Box:
    """Opens and seals in one place. The keys are read when they are needed, so that a stack
    without secrets needs none.

    ``fetch`` gives what lies in the key manager under an id, where that can be had.
    """

    def __init__(
        self,
        place: Place,
        keys: Callable[[], KeyRing | None] = load_keys,
        fetch: Callable[[str], str] | None = None,
    ) -> None:
        self.place = place
        self._load = keys
        self._fetch = fetch

    def _keys(self) -> KeyRing:
        keys = self._load()
        if keys is None:
            raise SealError(f"this process has no key for sealed values: {HOW_TO_NAME}")
        return keys

    def seal(self, value: Any) -> dict[str, str]:
        """``value`` sealed for this place.

        :raises SealError: without a key, or if it is no plain data.
        """
        return seal(value, self._keys().sealing, self.place)

    def open(self, token: str) -> Any:
        """What :func:`seal` was given, or what lies where :func:`refer` says.

        What was sealed for an execution is opened in its successors, too: they are one stack.

        :raises SealError: in another place than it was sealed for, without its key, if it has been
            changed, or if what it refers to is not fetched here. What ``fetch`` raises passes.
        """
        from cryptography.exceptions import InvalidTag

        header, version, place, ident = _header(token)
        if place.execution != self.place.execution and not chain.is_before(
            place.execution, self.place.execution
        ):
            raise SealError(
                f"a value that was sealed for the execution {place.execution or '(none)'} is not "
                f"opened in {self.place.execution or 'none'}"
            )
        if None not in (place.project, self.place.project) and place.project != self.place.project:
            raise SealError("a value that was sealed for another project is not opened")
        keys = self._keys()
        pair = keys.find(ident)
        if pair is None:
            raise SealError(
                f"a sealed value cannot be opened: its key {ident} is not in {keys.source}"
            )
        try:
            data = _decoded(token.partition(".")[2])
            opened = json.loads(_suite().decrypt(data, pair.private, info=_PURPOSE + header))
        except (InvalidTag, ValueError):
            raise SealError("a sealed value cannot be opened: it has been changed") from None
        if version == _VALUE:
            return opened
        if self._fetch is None:
            raise NotHereError(
                f"the secret {opened} lies in the cloud's key manager; only what makes a resource "
                "fetches it"
            )
        return self._fetch(str(opened))

    def of(self, execution: str) -> Box:
        """The box of an execution that came before this one in the stack's life, or of this one.

        :raises SealError: if it did not.
        """
        if execution != self.place.execution and not chain.is_before(
            execution, self.place.execution
        ):
            raise SealError(f"{execution} is no execution of this stack")
        return Box(Place(execution, self.place.project), self._load, self._fetch)

    def derive(self, purpose: bytes) -> bytes:
        """32 secret bytes for a purpose: in this place the same each time, as long as the key that
        seals is the same, and in no other place.

        :raises SealError: without a key.
        """
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        keys = self._keys()
        pair = keys.find(keys.sealing.ident)
        assert pair is not None
        place = json.dumps([self.place.execution, self.place.project]).encode()
        kdf = HKDF(SHA256(), 32, salt=None, info=_DERIVED + place + b"\0" + purpose)
        return kdf.derive(pair.private.private_bytes_raw())


def seal(value: Any, key: PublicKey, place: Place) -> dict[str, str]:
    """``value`` (plain data) as ``{"wfbreak:sealed": TOKEN}``.

    Two seals of one value differ: a reader cannot tell that they are equal.

    :raises SealError: if the value is no plain data.
    """
    return _sealed(value, _VALUE, key, place)


def refer(ident: str, key: PublicKey, place: Place) -> dict[str, str]:
    """The secret ``ident`` of the cloud's key manager, as a sealed value that an action fetches."""
    return _sealed(ident, _REFERENCE, key, place)


def _sealed(value: Any, version: int, key: PublicKey, place: Place) -> dict[str, str]:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    try:
        text = json.dumps(value)
    except (TypeError, ValueError) as error:
        raise SealError(f"only plain data can be sealed: {error}") from None
    said = {
        "v": version,
        "key": key.ident,
        "execution": place.execution,
        "project": place.project,
    }
    header = _encoded(json.dumps(said, separators=(",", ":")).encode())
    public = X25519PublicKey.from_public_bytes(key.raw)
    data = _suite().encrypt(text.encode(), public, info=_PURPOSE + header)
    return {SEALED: f"{header.decode()}.{_encoded(data).decode()}"}


def _suite() -> Any:
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def _header(token: str) -> tuple[bytes, int, Place, str]:
    """The header as it is bound, its version, the place it names, and the key.

    :raises SealError: if it is none.
    """
    header = token.partition(".")[0]
    try:
        said = json.loads(_decoded(header))
        version, ident = said["v"], str(said["key"])
        project = said["project"]
        place = Place(str(said["execution"]), None if project is None else str(project))
    except (ValueError, KeyError, TypeError):
        raise SealError("a sealed value cannot be opened: it has been changed") from None
    if version not in (_VALUE, _REFERENCE):
        raise SealError("a sealed value cannot be opened: it is of another version of wfbreak")
    return header.encode(), int(version), place, ident


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def later(name: str, arguments: Iterable[Any]) -> dict[str, Any]:
    """A function of sealed values, to be computed where they may be opened."""
    return {COMPUTED: {"call": name, "arguments": list(arguments)}}


def positioned(value: Any, position: str) -> Any:
    """``value``, where what will be computed says where it stands in a template."""
    if _is_token(value):
        return value
    if _is_computed(value):
        return {COMPUTED: {"at": position, **value[COMPUTED]}}
    if isinstance(value, Mapping):
        return {name: positioned(item, position) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [positioned(item, position) for item in value]
    return value


def _is_token(value: Any) -> bool:
    return isinstance(value, Mapping) and len(value) == 1 and isinstance(value.get(SEALED), str)


def _is_computed(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and len(value) == 1
        and isinstance(call := value.get(COMPUTED), Mapping)
        and isinstance(call.get("arguments"), (list, tuple))
    )


def is_sealed(value: Any) -> bool:
    """Whether ``value`` is sealed or computed of what is sealed (not: holds such a value)."""
    return _is_token(value) or _is_computed(value)


def holds_sealed(value: Any) -> bool:
    """Whether ``value`` is a sealed value or holds one at any depth."""
    if is_sealed(value):
        return True
    if isinstance(value, Mapping):
        return any(holds_sealed(item) for item in value.values())
    return isinstance(value, (list, tuple)) and any(holds_sealed(item) for item in value)


def holds_reference(value: Any) -> bool:
    """Whether ``value``, opened and computed, needs something of the key manager's."""
    if _is_token(value):
        try:
            return _header(value[SEALED])[1] == _REFERENCE
        except SealError:
            return False  # whoever opens it is told
    if isinstance(value, Mapping):
        return any(holds_reference(item) for item in value.values())
    return isinstance(value, (list, tuple)) and any(holds_reference(item) for item in value)


def unseal(value: Mapping[str, Any], box: Box) -> Any:
    """What is sealed, as a whole: :func:`unseal_deep` without the texts."""
    return unseal_deep(value, box)[0]


def unseal_deep(value: Any, box: Box) -> tuple[Any, frozenset[str]]:
    """``value`` with everything sealed in it opened and computed, and the texts that were secret.

    The texts are those by which :func:`reseal_deep` knows the secret again: each string and number
    in it, and the JSON text of a map or a list. Empty texts, booleans and null are not secrets.

    :raises SealError: if something cannot be opened (:meth:`Box.open`) or computed. The text
        shows no secret.
    """
    secrets: set[str] = set()

    def opened(item: Any) -> Any:
        if _is_token(item):
            inner = opened(box.open(item[SEALED]))
            secrets.update(texts(inner))
            return inner
        if _is_computed(item):
            result = computed(item[COMPUTED])
            secrets.update(texts(result))
            return result
        if isinstance(item, Mapping):
            return {name: opened(inner) for name, inner in item.items()}
        if isinstance(item, (list, tuple)):
            return [opened(inner) for inner in item]
        return item

    def computed(said: Mapping[str, Any]) -> Any:
        from wfbreak.hot import calls  # not until there is something to compute

        arguments = [opened(argument) for argument in said["arguments"]]
        try:
            return calls.call(str(said.get("call")), arguments)
        except FunctionError as error:
            where = f"{said['at']}: " if said.get("at") else ""
            raise ComputationError(where + mask_text(str(error), secrets)) from None

    return opened(value), frozenset(secrets)


def texts(value: Any) -> Iterator[str]:
    """The texts by which a secret is known again."""
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, (Mapping, list)):
        if value:
            yield json.dumps(value, sort_keys=True)
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from texts(item)


def _shows(text: str, secrets: Iterable[str]) -> bool:
    return any(
        secret == text or (len(secret) >= _SHORTEST_PART and secret in text) for secret in secrets
    )


def reseal_deep(value: Any, secrets: frozenset[str], box: Box) -> Any:
    """``value`` with each text that shows one of the secrets sealed whole.

    A text shows a secret if it is the secret, or holds it and the secret has four characters or
    more. A map with such a text among its keys is sealed whole.

    :raises SealError: if something must be sealed and there is no key.
    """
    if not secrets:
        return value
    shown = _written(secrets)

    def closed(item: Any) -> Any:
        if is_sealed(item):
            return item
        if isinstance(item, Mapping):
            if any(_shows(str(name), shown) for name in item):
                return box.seal(item)
            return {name: closed(inner) for name, inner in item.items()}
        if isinstance(item, (list, tuple)):
            return [closed(inner) for inner in item]
        if isinstance(item, str) or (isinstance(item, (int, float)) and not isinstance(item, bool)):
            return box.seal(item) if _shows(str(item), shown) else item
        return item

    return closed(value)


def _written(secrets: Iterable[str]) -> list[str]:
    """The secrets, and how they look in JSON, Python's text, a URL and base64; longest first."""
    found = set(secrets)
    for secret in secrets:
        if len(secret) < _SHORTEST_PART:
            continue
        found |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
        found |= {repr(secret)[1:-1], urllib.parse.quote(secret), urllib.parse.quote_plus(secret)}
        found.add(urllib.parse.quote(secret, safe=""))
        found.add(base64.b64encode(secret.encode("utf-8", "surrogatepass")).decode())
    return sorted(found, key=len, reverse=True)


def mask(value: Any) -> Any:
    """``value`` with ``******`` for everything sealed in it: what a person may see."""
    if is_sealed(value):
        return MASK
    if isinstance(value, Mapping):
        return {name: mask(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask(item) for item in value]
    return value


def without(value: Any) -> Any:
    """``value`` without the entries and items that are sealed; ``None`` if it is sealed itself."""
    if is_sealed(value):
        return None
    if isinstance(value, Mapping):
        return {name: without(item) for name, item in value.items() if not is_sealed(item)}
    if isinstance(value, (list, tuple)):
        return [without(item) for item in value if not is_sealed(item)]
    return value


def mask_text(text: str, secrets: Iterable[str]) -> str:
    """``text`` with ``******`` for each secret that it shows (for messages)."""
    for secret in _written(list(secrets)):
        if secret == text or len(secret) >= _SHORTEST_PART:
            text = text.replace(secret, MASK)
    return text
