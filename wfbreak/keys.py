"""The executors' key pairs: what is sealed with the public half only they can open.

A key file is PEM, as ``openssl genpkey -algorithm X25519`` writes it, with one key after another,
the newest last. All of them open. The last but one seals, and the last is the next to do so, as
Keystone's Fernet keys are rotated: when a rotation makes a key the sealing one, every host has had
it since the rotation before, so that files may be copied one after the other. A single key seals.

The file is named by the environment variable ``WFBREAK_SEAL_KEY_FILE``, or in Mistral's
configuration by ``[wfbreak] seal_key_file``. It is read each time that it is needed: a rotation
needs no restart.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import hashlib
import os
import re
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from wfbreak.diagnostics import ExitStatus, WfbreakError

KEY_FILE_VARIABLE: Final = "WFBREAK_SEAL_KEY_FILE"
OPTION_GROUP: Final = "wfbreak"
OPTION: Final = "seal_key_file"

HOW_TO_NAME: Final = (
    f"set [{OPTION_GROUP}] {OPTION} in Mistral's configuration, or {KEY_FILE_VARIABLE}"
)

_BLOCK = re.compile(
    r"(?:^# made (?P<made>\S+)\n)?"
    r"(?P<pem>^-----BEGIN PRIVATE KEY-----$.*?^-----END PRIVATE KEY-----$)",
    re.DOTALL | re.MULTILINE,
)


class SealError(WfbreakError):
    """A value cannot be sealed or opened, or the keys' file is not fit for its purpose."""

    exit_status = ExitStatus.BAD_INPUT


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half that seals: 32 bytes of X25519."""

    raw: bytes

    @property
    def ident(self) -> str:
        """By what a sealed value names it: the beginning of its SHA-256, in hex."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    def text(self) -> str:
        """As it travels: base64."""
        return base64.b64encode(self.raw).decode()

    @classmethod
    def of(cls, text: str) -> PublicKey:
        """The key that :meth:`text` wrote.

        :raises SealError: if it is none.
        """
        try:
            raw = base64.b64decode(text, validate=True)
        except ValueError:
            raw = b""
        if len(raw) != 32:
            raise SealError("what should be a public key is none")
        return cls(raw)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A key that opens, with its public half. ``made`` is when, if the file says so."""

    private: Any = field(repr=False, compare=False)
    public: PublicKey
    made: str | None = None


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of a file, oldest first; there is one at least."""

    source: Path
    pairs: tuple[KeyPair, ...]

    @property
    def sealing(self) -> PublicKey:
        return self.pairs[-2 if len(self.pairs) > 1 else -1].public

    def role(self, pair: KeyPair) -> str:
        """What a key does, in words."""
        if pair.public == self.sealing:
            return "seals"
        return "next" if pair == self.pairs[-1] else "opens"

    def find(self, ident: str) -> KeyPair | None:
        return next((pair for pair in self.pairs if pair.public.ident == ident), None)


def options() -> list[tuple[str, list[Any]]]:
    """wfbreak's options in Mistral's configuration (the entry point ``oslo.config.opts``)."""
    from oslo_config import cfg

    told = (
        "The file with the keys that open hidden values, for executors only: PEM, mode 0600 "
        "(wfbreak key create)."
    )
    return [(OPTION_GROUP, [cfg.StrOpt(OPTION, help=told)])]


def key_file() -> Path | None:
    """The file that is named; None if none is."""
    named = os.environ.get(KEY_FILE_VARIABLE) or _configured()
    return Path(named) if named else None


def _configured() -> str | None:
    try:
        from oslo_config import cfg
    except ImportError:  # this is no process of Mistral's
        return None
    for group, found in options():
        cfg.CONF.register_opts(found, group)
    named = cfg.CONF[OPTION_GROUP][OPTION]
    return str(named) if named else None


def load_keys(path: Path | None = None, *, create: bool = False) -> KeyRing | None:
    """The keys in a file, that of :func:`key_file` unless told; None if none is named.

    ``create`` makes the file (mode 0600) if it is missing; of several processes that do so at the
    same time, all get the keys of the first.

    :raises SealError: the file is missing (and not to be made), unreadable, open to others than
        its owner, or holds no key.
    """
    path = path or key_file()
    if path is None:
        return None
    try:
        if create and not path.exists():
            with contextlib.suppress(FileExistsError):
                create_keys(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SealError(f"{path}: the key file must be readable by its owner only (chmod 600)")
        return _parse(path, path.read_text("utf-8"))
    except UnicodeDecodeError:
        raise SealError(f"{path}: this is no key file") from None
    except OSError as error:
        raise SealError(f"{path}: the key file cannot be used: {error.strerror}") from None


def create_keys(path: Path) -> KeyRing:
    """A new file with two keys: one that seals and the next.

    :raises FileExistsError: if there is one.
    :raises SealError: if it cannot be written.
    """
    text = _generate() + _generate()
    _write(path, text, replace=False)
    return _parse(path, text)


def rotate_keys(path: Path, keep: int | None = None) -> KeyRing:
    """Add a key to a file, the next; the one that was the next seals from now on.

    ``keep`` is how many keys stay (2 at least, all unless told). What was sealed with others is
    lost.

    :raises SealError: if the file is not fit, or cannot be written.
    """
    load_keys(path)
    blocks = [found[0] + "\n" for found in _BLOCK.finditer(path.read_text("utf-8"))]
    blocks.append(_generate())
    text = "".join(blocks[-max(keep or len(blocks), 2) :])
    _write(path, text, replace=True)
    return _parse(path, text)


def _generate() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    pem = X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return f"# made {now.replace('+00:00', 'Z')}\n{pem.decode()}"


def _parse(path: Path, text: str) -> KeyRing:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    pairs = []
    for found in _BLOCK.finditer(text):
        try:
            private = load_pem_private_key(found["pem"].encode(), None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise SealError(f"{path}: a key in it cannot be read") from None
        if not isinstance(private, X25519PrivateKey):
            raise SealError(f"{path}: a key in it is not of the kind X25519")
        public = PublicKey(private.public_key().public_bytes_raw())
        pairs.append(KeyPair(private, public, found["made"]))
    if not pairs:
        raise SealError(f"{path}: there is no key in it: make one with wfbreak key create")
    return KeyRing(path, tuple(pairs))


def _write(path: Path, text: str, *, replace: bool) -> None:
    """Write the file whole or not at all, for its owner only.

    :raises FileExistsError: if it is there and not to be replaced.
    """
    try:
        with contextlib.suppress(FileExistsError):  # where that is no folder, mkstemp says so
            path.parent.mkdir(mode=0o700, parents=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # 0600
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
                if replace:  # by root, say: the executors' user keeps it
                    before = path.stat()
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
            if replace:
                os.replace(draft, path)
            else:
                # A link, not a rename: it fails where another process was first, and never shows
                # a half-written file.
                os.link(draft, path)
        finally:
            Path(draft).unlink(missing_ok=True)
    except FileExistsError:
        raise
    except OSError as error:
        raise SealError(f"{path}: the key file cannot be written: {error.strerror}") from None
