"""With whose rights an action talks to the cloud: never with more than its caller's.

In this order:

1. the application credential made for the execution (:mod:`wfbreak.actions.credential`): a stop may
   last for days, and a token lives for hours;
2. the token that came with the request to Mistral, where there is no such credential, or Keystone
   knows it no more. After a stop that is the token of whoever resumed;
3. the executor's own rights (``clouds.yaml``, ``OS_*``), only where Mistral has no Keystone and so
   no caller: an embedded engine.

Heat is asked the other way round, by token first: it makes a trust for each stack, and Keystone
refuses that to an application credential (since its release 2026.1 to unrestricted ones, too,
unless ``[security_compliance] allow_insecure_application_credential_trust_escalation`` is set).

Connections are kept, so that not every task fetches a token: a bounded number per process, each
for one credential, which is kept as a digest only.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from wfbreak import options
from wfbreak.actions.openstack import failures
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again
from wfbreak.credentials import ApplicationCredential

SIZE: Final = 64
"""How many connections a process keeps; as many actions run at once in an executor."""

_NO_TOKEN: Final = "notused"  # noqa: S105  # what keystoneauth's NoAuth sends

_DIGEST_KEY: Final = os.urandom(32)
"""A digest tells nothing outside of this process."""

Key = tuple[str, ...]


class _Refused(Exception):
    """Keystone does not know a credential any more. The text says which, and what to do."""


@dataclass(slots=True)
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    connection: Any = None


class _Connections:
    """The connections of this process, the one that was used last at the end."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._entries: OrderedDict[Key, _Entry] = OrderedDict()

    def get(self, key: Key, make: Callable[[], Any]) -> Any:
        """The connection of a key; several that ask at once wait for the one that makes it."""
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            beyond = len(self._entries) - self._size
            dropped = [self._entries.popitem(last=False)[1] for _ in range(beyond)]
        for old in dropped:
            # Whoever still has it can use it to the end: closing gives the idle sockets back.
            if old.connection is not None:
                old.connection.session.close()
        with entry.lock:
            if entry.connection is None:
                entry.connection = make()
            return entry.connection

    def __len__(self) -> int:
        return len(self._entries)


_connections = _Connections(SIZE)


def connect(
    context: Any, credential: ApplicationCredential | None, *, makes_trusts: bool = False
) -> Any:
    """An ``openstack.connection.Connection`` with the rights that the execution has.

    :param context: the action's context, as Mistral makes it (``mistral_lib.actions.context``).
    :param credential: the execution's application credential, if it has one.
    :param makes_trusts: whether it is for a service that makes trusts: Heat, Zaqar, Aodh.
    :raises ProviderError: if nothing gives access, with what to do about it.
    """
    security = getattr(context, "security", None)
    ways: list[Callable[[], Any]] = []
    if credential is not None:
        ways.append(lambda: _by_credential(credential, security))
    if token_of(security):
        ways.append(lambda: _by_token(security))
    if makes_trusts:
        ways.reverse()
    if not ways:
        return _by_executor()
    refusals = []
    for way in ways:
        try:
            return way()
        except _Refused as refused:
            refusals.append(str(refused))
    raise ProviderError("; ".join(refusals))


def token_of(security: Any) -> str | None:
    """The caller's token.

    Where Mistral checks none, only one that says whose Keystone it is of is one: clients without
    Keystone send a word in its place (keystoneauth1/noauth.py).
    """
    token = getattr(security, "auth_token", None)
    if not token or token == _NO_TOKEN:
        return None
    return str(token) if options.has_keystone() or security.auth_uri else None


def is_by_credential(connection: Any) -> bool:
    """Whether it has the rights of an execution's application credential."""
    from keystoneauth1.identity import v3

    return isinstance(connection.session.auth, v3.ApplicationCredential)


def verify(security: Any, insecure: bool = False) -> bool | str:
    """How certificates are checked: ``keystone_authtoken``'s file, as mistral-extra does."""
    if insecure or getattr(security, "insecure", False):
        return False
    return getattr(security, "auth_cacert", None) or True


def region_of(security: Any) -> str | None:
    """The region that the request to Mistral named (X-Region-Name), or the configuration."""
    region = getattr(security, "region_name", None) or options.section().region_name
    return str(region) if region else None


def _by_credential(credential: ApplicationCredential, security: Any) -> Any:
    from wfbreak import keystone

    checked = verify(security, credential.insecure)
    key = ("credential", credential.auth_url, credential.id, credential.region or "", str(checked))

    def make() -> Any:
        session = keystone.with_application_credential(
            credential.auth_url, credential.id, credential.secret, checked
        )
        return _connection(session, credential.region)

    return _usable(
        (*key, _digest(credential.secret)),
        make,
        f"the application credential {credential.name} has expired or was deleted: resume the "
        "execution yourself, so that it goes on with your token",
    )


def _by_token(security: Any) -> Any:
    from wfbreak import keystone

    auth_url, region, checked = security.auth_uri, region_of(security), verify(security)
    if not auth_url:
        raise ProviderError(
            "the request has a token, and Mistral does not know Keystone's address: set "
            "www_authenticate_uri in its [keystone_authtoken]"
        )
    key = ("token", auth_url, region or "", str(checked), _digest(security.auth_token))
    return _usable(
        key,
        lambda: _connection(keystone.with_token(auth_url, security.auth_token, checked), region),
        "the token of the request has expired or was revoked: run the task again with a new one",
    )


def _by_executor() -> Any:
    if options.has_keystone():
        raise ProviderError(
            "the task came without a token to an engine that has Keystone, and the executor's own "
            "rights are not for that: run the task again (an engine without Keystone says so with "
            "[pecan] auth_enable = false in the executors' configuration, too)",
            Again.NOBODY,
        )
    cloud = options.section().cloud or os.environ.get("OS_CLOUD")
    try:
        return _usable(
            ("executor", cloud or ""),
            lambda: _own(cloud),
            "Keystone refuses what the executor's clouds.yaml or OS_* say",
        )
    except _Refused as refused:
        raise ProviderError(str(refused)) from None


def _own(cloud: str | None) -> Any:
    import openstack
    from keystoneauth1 import exceptions as errors
    from openstack import exceptions as sdk

    from wfbreak import __version__, keystone

    try:
        connection = openstack.connect(
            cloud=cloud, app_name="wfbreak", app_version=__version__, **_SETTINGS
        )
    except (sdk.ConfigException, errors.MissingRequiredOptions) as error:
        raise ProviderError(
            f"the executor has no cloud to use ({' '.join(str(error).split())}): set OS_CLOUD to "
            "one of its clouds.yaml, or cloud in [wfbreak] of Mistral's configuration"
        ) from None
    connection.session.timeout = connection.session.timeout or keystone.TIMEOUT
    return connection


_SETTINGS: Final = {"connect_retries": 0, "status_code_retries": 0}
"""keystoneauth would send a request again whose answer it did not see, and make a second resource.
The engine's retries run the whole action, which looks first."""


def _connection(session: Any, region: str | None) -> Any:
    from openstack import connection
    from openstack.config import cloud_region

    from wfbreak import __version__

    config = cloud_region.from_session(
        session,
        region_name=region,
        app_name="wfbreak",
        app_version=__version__,
        interface=options.section().interface,
        **_SETTINGS,
    )
    return connection.Connection(config=config)


def _usable(key: Key, make: Callable[[], Any], refusal: str) -> Any:
    """The connection of a key, once it has a token that lives.

    :raises _Refused: if Keystone gives it none, with the text ``refusal``.
    :raises ProviderError: if Keystone cannot be asked, or fails.
    """
    from wfbreak import keystone

    with failures.told():
        connection = _connections.get(key, make)
        session = connection.session
        try:
            # Without a request, unless there is no token yet or a service has refused the last.
            living = not session.auth.get_access(session).will_expire_soon(0)
        except keystone.REFUSED as error:
            raise _Refused(f"{refusal} ({' '.join(str(error).split())})") from None
    if not living:
        raise _Refused(refusal)
    return connection


def _digest(secret: str) -> str:
    return hashlib.blake2b(secret.encode(), key=_DIGEST_KEY, digest_size=32).hexdigest()
