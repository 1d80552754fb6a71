"""Sessions with Keystone: for a token that somebody else got, and for an application credential.

A token that came with a request is used as it is. To exchange it for another one
(``keystoneauth1.identity.v3.Token``) is refused for those of an application credential or a trust,
and makes one that lives no longer.
"""

from __future__ import annotations

import contextlib
from typing import Any, Final

from keystoneauth1 import access, session
from keystoneauth1 import exceptions as errors
from keystoneauth1.identity import v3

from wfbreak import __version__

TIMEOUT: Final = 60.0
"""Seconds to wait for an answer of a service."""

REFUSED: Final = (errors.Unauthorized, errors.NotFound)
"""How Keystone says that a token or an application credential is none of its own any more: 401 for
what is wrong, expired or revoked, 404 for an application credential that was deleted."""


class GivenToken(v3.base.BaseAuth):  # type: ignore[misc]  # the library is not followed
    """A token that is used as long as it lives; Keystone is asked what it stands for."""

    def __init__(self, auth_url: str, token: str) -> None:
        super().__init__(v3_url(auth_url), reauthenticate=False)
        self._token = token

    def get_auth_ref(self, session: Any, **_: Any) -> Any:
        headers = {"X-Auth-Token": self._token, "X-Subject-Token": self._token}
        response = session.get(self.token_url, headers=headers, authenticated=False, log=False)
        return access.AccessInfoV3(response.json(), auth_token=self._token)


def v3_url(auth_url: str) -> str:
    """The address of Keystone's API, whose path ends in ``/v3`` in every cloud."""
    url = auth_url.rstrip("/")
    return url if url.endswith("/v3") else f"{url}/v3"


def with_token(auth_url: str, token: str, verify: bool | str) -> Any:
    """A session of the one whose token it is."""
    return _session(GivenToken(auth_url, token), verify)


def with_application_credential(
    auth_url: str, ident: str, secret: str, verify: bool | str, timeout: float = TIMEOUT
) -> Any:
    """A session with an application credential's rights; it gets itself new tokens."""
    auth = v3.ApplicationCredential(
        v3_url(auth_url), application_credential_id=ident, application_credential_secret=secret
    )
    return _session(auth, verify, timeout)


def _session(auth: Any, verify: bool | str, timeout: float = TIMEOUT) -> Any:
    return session.Session(
        auth=auth,
        verify=verify,
        timeout=timeout,
        app_name="wfbreak",
        app_version=__version__,
    )


def application_credentials(session: Any, name: str) -> list[dict[str, Any]]:
    """Those of this name that the session's user has (their secrets are told by nobody)."""
    found = session.get(_collection(session), params={"name": name}).json()
    return list(found["application_credentials"])


def create_application_credential(session: Any, **fields: Any) -> dict[str, Any]:
    """Make one for the session's user and project, with the roles of its token."""
    # The answer holds the secret, and the request too.
    response = session.post(
        _collection(session), json={"application_credential": fields}, log=False
    )
    return dict(response.json()["application_credential"])


def delete_application_credential(session: Any, ident: str) -> None:
    """Delete one of the session's user's; it may be gone already."""
    with contextlib.suppress(errors.NotFound):
        session.delete(f"{_collection(session)}/{ident}")


def _collection(session: Any) -> str:
    return f"{session.auth.auth_url}/users/{session.get_user_id()}/application_credentials"
