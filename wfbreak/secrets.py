"""Hidden values travel sealed, because an engine keeps and shows whatever passes through it.

A workflow's inputs, its tasks' inputs and results are stored in the engine's database and shown by
its API. A hidden parameter's value therefore goes in as ``{"wfbreak:sealed": TOKEN}`` (a Fernet
token of the value's JSON text), is unsealed only inside an action or an expression function, and
whatever is computed of it is sealed again before it leaves. The key lives in one file that the
environment variable ``WFBREAK_SEAL_KEY_FILE`` names and that only its owner may read.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from wfbreak.diagnostics import WfbreakError

SEALED: Final = "wfbreak:sealed"
"""The only key of a sealed value."""

KEY_FILE_VARIABLE: Final = "WFBREAK_SEAL_KEY_FILE"
MASK: Final = "******"

_SHORTEST_PART = 4
"""A secret of fewer characters is found only where it is the whole text: "a" is in everything."""


class SealError(WfbreakError):
    """A value cannot be sealed or unsealed, or the key's file is not fit for its purpose."""


def load_key(create: bool = False) -> bytes | None:
    """The key in the file that ``WFBREAK_SEAL_KEY_FILE`` names; None if the variable is not set.

    ``create`` makes the file (mode 0600) if it is missing; of several processes that do so at the
    same time, all get the key of the first.

    :raises SealError: the file is missing (and not to be made), unreadable, open to others than
        its owner, or holds no key.
    """
    name = os.environ.get(KEY_FILE_VARIABLE)
    if not name:
        return None
    path = Path(name)
    try:
        if create and not path.exists():
            _create_key(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SealError(f"{path}: the key file must be readable by its owner only (chmod 600)")
        key = path.read_bytes().strip()
    except OSError as error:
        raise SealError(f"{path}: the key file cannot be used: {error.strerror}") from error
    _fernet(key)
    return key


def _create_key(path: Path) -> None:
    from cryptography.fernet import Fernet

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        # A link, not a rename: it fails where another process was first, and never shows a
        # half-written key.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)


def _fernet(key: bytes) -> Any:
    from cryptography.fernet import Fernet

    try:
        return Fernet(key)
    except ValueError as error:
        raise SealError(f"the sealing key is not a Fernet key: {error}") from None


def seal(value: Any, key: bytes) -> dict[str, str]:
    """``value`` (plain data) as ``{"wfbreak:sealed": TOKEN}``.

    Two seals of one value differ: a reader cannot tell that they are equal.

    :raises SealError: if the key is none, or the value is no plain data.
    """
    try:
        text = json.dumps(value)
    except (TypeError, ValueError) as error:
        raise SealError(f"only plain data can be sealed: {error}") from None
    return {SEALED: _fernet(key).encrypt(text.encode()).decode()}


def is_sealed(value: Any) -> bool:
    """Whether ``value`` is a sealed value itself (not: holds one)."""
    return isinstance(value, Mapping) and len(value) == 1 and isinstance(value.get(SEALED), str)


def holds_sealed(value: Any) -> bool:
    """Whether ``value`` is a sealed value or holds one at any depth."""
    if is_sealed(value):
        return True
    if isinstance(value, Mapping):
        return any(holds_sealed(item) for item in value.values())
    return isinstance(value, (list, tuple)) and any(holds_sealed(item) for item in value)


def unseal(value: Mapping[str, Any], key: bytes | None) -> Any:
    """What was sealed. It may hold sealed values itself: :func:`unseal_deep`.

    :raises SealError: without a key, or with another than the one that sealed it.
    """
    if key is None:
        raise SealError(
            f"a sealed value cannot be opened: {KEY_FILE_VARIABLE} is not set in this process"
        )
    from cryptography.fernet import InvalidToken

    try:
        return json.loads(_fernet(key).decrypt(value[SEALED].encode()))
    except InvalidToken:
        raise SealError("a sealed value cannot be opened: it was sealed with another key") from None


def unseal_deep(value: Any, key: bytes | None) -> tuple[Any, frozenset[str]]:
    """``value`` with everything sealed in it opened, and the texts that were secret.

    The texts are those by which :func:`reseal_deep` knows the secret again: each string and number
    in it, and the JSON text of a map or a list. Empty texts, booleans and null are not secrets.

    :raises SealError: as :func:`unseal`.
    """
    secrets: set[str] = set()

    def opened(item: Any) -> Any:
        if is_sealed(item):
            inner = opened(unseal(item, key))
            secrets.update(_texts(inner))
            return inner
        if isinstance(item, Mapping):
            return {name: opened(inner) for name, inner in item.items()}
        if isinstance(item, (list, tuple)):
            return [opened(inner) for inner in item]
        return item

    return opened(value), frozenset(secrets)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, (Mapping, list)):
        if value:
            yield json.dumps(value, sort_keys=True)
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


def _shows(text: str, secrets: frozenset[str]) -> bool:
    return any(
        secret == text or (len(secret) >= _SHORTEST_PART and secret in text) for secret in secrets
    )


def reseal_deep(value: Any, secrets: frozenset[str], key: bytes | None) -> Any:
    """``value`` with each text that shows one of the secrets sealed whole.

    A text shows a secret if it is the secret, or holds it and the secret has four characters or
    more. A map with such a text among its keys is sealed whole.

    :raises SealError: if something must be sealed and there is no key.
    """
    if not secrets:
        return value

    def sealed(item: Any) -> Any:
        if key is None:
            raise SealError(f"a value must be sealed: {KEY_FILE_VARIABLE} is not set")
        return seal(item, key)

    def closed(item: Any) -> Any:
        if is_sealed(item):
            return item
        if isinstance(item, Mapping):
            if any(_shows(str(name), secrets) for name in item):
                return sealed(item)
            return {name: closed(inner) for name, inner in item.items()}
        if isinstance(item, (list, tuple)):
            return [closed(inner) for inner in item]
        if isinstance(item, str) or (isinstance(item, (int, float)) and not isinstance(item, bool)):
            return sealed(item) if _shows(str(item), secrets) else item
        return item

    return closed(value)


def mask(value: Any) -> Any:
    """``value`` with ``******`` for everything sealed in it: what a person may see."""
    if is_sealed(value):
        return MASK
    if isinstance(value, Mapping):
        return {name: mask(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask(item) for item in value]
    return value


def mask_text(text: str, secrets: frozenset[str]) -> str:
    """``text`` with ``******`` for each secret that it shows (for messages)."""
    for secret in sorted(secrets, key=len, reverse=True):
        if secret == text or len(secret) >= _SHORTEST_PART:
            text = text.replace(secret, MASK)
    return text
