"""The application credential of one execution, as it lies sealed in the engine's database.

A stop may last for days and a token lives for hours, so an execution that touches a cloud has a
credential of its own. Whoever may look at the execution sees it sealed, and whoever sees it could
paste it into a workflow of theirs: so it holds the id of its execution, and is opened for that one
alone. It is sealed with a key of its own, derived from the executors' (:mod:`wfbreak.keys`), and
not as hidden values are: an action that opens what is sealed in a resource's properties cannot
open it, whoever put it there, and so sends it nowhere.

Its secret is derived likewise. An action that runs twice (the engine repeats what it did not see
end) finds what its first run made, and knows its secret.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any, Final

from wfbreak import keys, secrets
from wfbreak.diagnostics import WfbreakError

_SEAL: Final = "seal application credentials"
_SECRET: Final = "the secret of an application credential"  # noqa: S105  # a purpose, not a secret


class CredentialError(WfbreakError):
    """A sealed application credential cannot be made or opened. The text is for a person."""


@dataclass(frozen=True, slots=True)
class ApplicationCredential:
    """``auth_url`` is Keystone's address, ``region`` where the execution makes its resources.

    ``insecure``: whether the caller said that certificates are not to be checked.
    """

    id: str
    secret: str = field(repr=False)
    name: str
    auth_url: str
    user_id: str
    project_id: str
    execution_id: str
    region: str | None = None
    insecure: bool = False
    expires_at: str | None = None


def name_for(execution_id: str) -> str:
    """What Keystone calls the application credential of an execution."""
    return f"wfbreak-{execution_id}"


def has_key() -> bool:
    """Whether this process can seal one.

    :raises CredentialError: if the key file is not fit for its purpose.
    """
    return bool(_materials())


def secret_for(execution_id: str, user_id: str, project_id: str) -> str:
    """The secret of the execution's application credential: 256 bits that nobody without the key
    can tell, the same until the key is changed.

    :raises CredentialError: if there is no key.
    """
    purpose = json.dumps([_SECRET, execution_id, user_id, project_id])
    return _derived(_needed()[0], purpose).decode().rstrip("=")


def sealed(credential: ApplicationCredential) -> dict[str, str]:
    """As data that only who has the key opens.

    :raises CredentialError: if there is no key.
    """
    text = json.dumps(dataclasses.asdict(credential))
    return {secrets.SEALED: _fernet().encrypt(text.encode()).decode()}


def opened(value: Any, execution_id: str, project_id: str | None) -> ApplicationCredential:
    """What :func:`sealed` made, for the execution that it was made for.

    The project is compared where it is known: what an engine does by itself is done in none.

    :raises CredentialError: if it is another's or something else, or the key is missing.
    """
    from cryptography.fernet import InvalidToken

    if not secrets.is_sealed(value) or secrets.SEALED not in value:
        raise CredentialError("the task's credential is not a sealed one")
    try:
        data = json.loads(_fernet().decrypt(value[secrets.SEALED].encode()))
        credential = ApplicationCredential(**data)
    except (InvalidToken, TypeError, ValueError):
        raise CredentialError(
            "the task's credential cannot be opened: it was sealed with another key, or is none"
        ) from None
    if not execution_id or credential.execution_id != execution_id:
        raise CredentialError(
            f"the task's credential is that of another execution, {credential.execution_id}, and "
            "good for that one alone"
        )
    if project_id is not None and credential.project_id != project_id:
        raise CredentialError("the task's credential is that of another project")
    return credential


def _fernet() -> Any:
    from cryptography.fernet import Fernet, MultiFernet

    return MultiFernet([Fernet(_derived(material, _SEAL)) for material in _needed()])


def _needed() -> list[bytes]:
    materials = _materials()
    if not materials:
        raise CredentialError(
            f"the task's credential cannot be opened: this process has no key ({keys.HOW_TO_NAME})"
        )
    return materials


def _materials() -> list[bytes]:
    """The private keys of this process, first the one that seals."""
    try:
        ring = keys.load_keys()
    except keys.SealError as error:
        raise CredentialError(str(error)) from None
    if ring is None:
        return []
    pairs = sorted(ring.pairs, key=lambda pair: pair.public != ring.sealing)
    return [pair.private.private_bytes_raw() for pair in pairs]


def _derived(material: bytes, purpose: str) -> bytes:
    """A key of its own for a purpose, in the form that Fernet wants."""
    digest = hmac.new(material, f"wfbreak: {purpose}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest)
