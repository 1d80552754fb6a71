"""A secret of the cloud's key manager, Barbican, fetched for whoever may have it.

The address is always the catalogue's: whatever else a reference says, only its id has come here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.cloud import Cloud
from wfbreak.actions.openstack.failures import NotAllowed, NotFound
from wfbreak.actions.provider import ProviderError

_SERVICE: Final = "key_manager"


def fetch(connection: Any, ident: str) -> str:
    """The text that the secret ``ident`` holds.

    :raises ProviderError: if there is none, it may not be had, or is no text. The message shows
        nothing of it.
    """
    cloud, path = Cloud(connection), f"/secrets/{ident}"
    with failures.told():
        is_there = connection.endpoint_for("key-manager") is not None
    if not is_there:
        raise ProviderError(
            f"the secret {ident} cannot be fetched: the cloud's catalogue has no key manager"
        )
    try:
        kind = _content_type(cloud.get(_SERVICE, path))
        payload = cloud.content(_SERVICE, f"{path}/payload", kind) if kind else None
    except NotFound:
        raise ProviderError(
            f"the cloud's key manager has no secret {ident}: it was deleted, has expired, or never "
            "was there"
        ) from None
    except NotAllowed as error:
        raise ProviderError(
            f"the cloud's key manager does not give the secret {ident} to this stack's project and "
            f"user ({error})"
        ) from None
    except ProviderError as error:
        raise ProviderError(f"the secret {ident} cannot be fetched: {error}", error.again) from None
    if payload is None:
        raise ProviderError(f"the secret {ident} is empty: nothing has been stored in it")
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise ProviderError(f"the secret {ident} is no text, but {kind}") from None


def _content_type(about: Any) -> str | None:
    """What it is to be asked for as: Barbican gives text as text only, and bytes as bytes.

    ``None``: nothing is stored in it.
    """
    kinds = about.get("content_types") if isinstance(about, Mapping) else None
    return str(kinds["default"]) if kinds and kinds.get("default") else None
