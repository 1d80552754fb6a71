"""``wfbreak.credential``: rights of its own for an execution that touches a cloud.

A workflow's first such task. With the caller's token it makes an application credential for the
same user, project and roles, and returns it sealed; later tasks use it instead of the token, which
may have expired by then. It is unrestricted, which in Keystone means that it may manage
application credentials, because it deletes itself when the execution ends: no token is sure to be
there then (``wfbreak.delete_credential``, sent by :mod:`wfbreak.engine.credentials`).

It is not made from what was itself delegated. Whoever comes with an application credential or a
trust has chosen what it may do and for how long, and one made from it would outlive it (Keystone
refuses most of that, too). The result then says so, and the execution goes on with the token.

Run again it finds what it made. One with another secret than the execution's (the key was changed,
or somebody took the name) is deleted and made anew.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any, Final

from mistral_lib import actions

from wfbreak import credentials, options
from wfbreak.actions.context import execution_id, project_id
from wfbreak.actions.openstack import connection, failures
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again
from wfbreak.credentials import ApplicationCredential, CredentialError

_TOKEN_INSTEAD: Final = (
    "the execution uses the token of whoever starts or resumes it, as long as that lives"  # noqa: S105
)


class Credential(actions.Action):  # type: ignore[misc]  # the library has no types
    """Makes the execution's application credential.

    :param stack: the stack's name, for the description that the user will read.
    """

    def __init__(self, stack: str | None = None) -> None:
        super().__init__()
        self.stack = stack

    def run(self, context: Any) -> Any:
        """``{"credential": SEALED, "name": TEXT, "expires_at": TIME}``; where none can be made
        ``{"credential": null, "note": TEXT}``; or an error."""
        security, execution = context.security, execution_id(context)
        if not connection.token_of(security):
            text = "the request came without a token: there is nobody to make one for"
            if options.has_keystone():
                return actions.Result(error=Again.NOBODY.tell(text))
            return _none(text)
        if security.is_target:
            return _none(f"none is made for a request with X-Target-* headers; {_TOKEN_INSTEAD}")
        try:
            if not credentials.has_key():
                return _none(f"the executor has no key to seal one with; {_TOKEN_INSTEAD}")
            made = self._make(connection.connect(context, None).session, security, execution)
            if isinstance(made, str):
                return _none(f"{made}; {_TOKEN_INSTEAD}")
            sealed = credentials.sealed(made)
        except (ProviderError, CredentialError) as error:
            text = f"no application credential for the execution: {error}"
            again = error.again if isinstance(error, ProviderError) else None
            return actions.Result(error=again.tell(text) if again else text)
        return {"credential": sealed, "name": made.name, "expires_at": made.expires_at}

    def _make(self, session: Any, security: Any, execution: str) -> ApplicationCredential | str:
        """The application credential, or why there is none.

        :raises ProviderError: if Keystone cannot be asked.
        """
        from keystoneauth1 import exceptions as errors

        with failures.told():
            access = session.auth.get_access(session)
            if delegation := _delegation(access):
                return f"the caller came with {delegation}, and none is made from that"
            if not access.project_id:
                return "the caller's token is for no project"
            wanted = ApplicationCredential(
                id="",
                secret=credentials.secret_for(execution, access.user_id, access.project_id),
                name=credentials.name_for(execution),
                auth_url=session.auth.auth_url,
                user_id=access.user_id,
                project_id=access.project_id,
                execution_id=execution,
                region=connection.region_of(security),
                insecure=bool(security.insecure),
            )
            try:
                return _find(session, wanted, security) or self._create(session, wanted)
            except errors.Conflict:
                # The same action runs twice, and the other run was first.
                return _find(session, wanted, security) or self._create(session, wanted)
            except errors.Forbidden as error:
                return f"Keystone makes none: {' '.join(str(error).split())}"

    def _create(self, session: Any, wanted: ApplicationCredential) -> ApplicationCredential:
        from wfbreak import keystone

        days = datetime.timedelta(days=options.section().credential_days)
        expires = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + days
        stack = f" '{self.stack}'" if self.stack else ""
        made = keystone.create_application_credential(
            session,
            name=wanted.name,
            secret=wanted.secret,
            description=f"wfbreak makes the resources of the stack{stack} with it, and deletes it "
            f"when the workflow execution {wanted.execution_id} has ended.",
            expires_at=expires.isoformat(timespec="microseconds"),
            unrestricted=True,
        )
        return dataclasses.replace(wanted, id=made["id"], expires_at=made["expires_at"])


class DeleteCredential(actions.Action):  # type: ignore[misc]  # the library has no types
    """Has an execution's application credential delete itself.

    :param execution: the execution's id.
    :param credential: it, sealed.
    """

    def __init__(self, execution: str, credential: Any) -> None:
        super().__init__()
        self.execution = execution
        self.credential = credential

    def run(self, context: Any) -> Any:
        """``{"deleted": NAME}``, whether it was there still or not; or an error."""
        from wfbreak import keystone

        try:
            found = credentials.opened(self.credential, self.execution, project_id(context))
            with failures.told():
                session = _own_session(found, context.security)
                try:
                    keystone.delete_application_credential(session, found.id)
                except keystone.REFUSED:
                    pass  # It has expired, or somebody has deleted it.
                finally:
                    session.close()
        except (ProviderError, CredentialError) as error:
            return actions.Result(error=f"the application credential stays for now: {error}")
        return {"deleted": found.name}


def _none(note: str) -> dict[str, Any]:
    return {"credential": None, "note": note}


def _delegation(access: Any) -> str | None:
    """What a token is made of, if that was given to its user by somebody, or for something."""
    if access.application_credential_id:
        return "an application credential"
    if access.trust_scoped:
        return "a trust"
    return "an OAuth token" if access.oauth_access_token_id else None


def _find(
    session: Any, wanted: ApplicationCredential, security: Any
) -> ApplicationCredential | None:
    """What an earlier run made; another of the name is deleted."""
    from wfbreak import keystone

    for found in keystone.application_credentials(session, wanted.name):
        made = dataclasses.replace(wanted, id=found["id"], expires_at=found["expires_at"])
        own = _own_session(made, security)
        try:
            own.get_token()
        except keystone.REFUSED:
            keystone.delete_application_credential(session, made.id)
        else:
            return made
        finally:
            own.close()
    return None


def _own_session(credential: ApplicationCredential, security: Any) -> Any:
    from wfbreak import keystone

    return keystone.with_application_credential(
        credential.auth_url,
        credential.id,
        credential.secret,
        connection.verify(security, credential.insecure),
    )
