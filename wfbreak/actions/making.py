"""What the actions share that make and end resources: provider, way to the cloud, failure."""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from mistral_lib import actions

from wfbreak import credentials
from wfbreak.actions.context import execution_id, project_id
from wfbreak.actions.provider import Provider, ProviderError, Rehearsal
from wfbreak.actions.rehearse import RehearseProvider
from wfbreak.again import NOT_BEGUN, Again
from wfbreak.providers import Provider as Name


class About(Protocol):
    """An action that is about one resource."""

    resource: str
    type: str
    source: str | None


@functools.cache
def provider_of(name: str) -> Provider:
    """The provider of this name.

    :raises ProviderError: if there is none.
    """
    if name == Name.REHEARSE.value:
        return RehearseProvider()
    if name == Name.OPENSTACK.value:
        from wfbreak.actions.openstack.provider import OpenStackProvider

        return OpenStackProvider()
    if name == Name.HEAT.value:
        from wfbreak.actions.openstack.heat import HeatProvider

        return HeatProvider()
    known = ", ".join(provider.value for provider in Name)
    raise ProviderError(f"there is no provider {name!r}, only {known}")


def connector(provider: str, credential: Any, context: Any) -> Callable[..., Any] | None:
    """What gives the provider a connection to the cloud, with the execution's rights; ``None`` in a
    rehearsal. ``credential`` is what ``wfbreak.credential`` gave.

    :raises CredentialError: if it cannot be opened for this execution.
    """
    if provider == Name.REHEARSE.value:
        return None
    from wfbreak.actions.openstack.connection import connect

    own = None
    # Of a request with X-Target-* headers Mistral believes the project, too (mistral/context.py).
    if credential is not None and not getattr(context.security, "is_target", False):
        own = credentials.opened(credential, execution_id(context), project_id(context))
    return functools.partial(connect, context, own)


def fetcher(connect: Callable[..., Any] | None) -> Callable[[str], str]:
    """What fetches secrets by their ids from the cloud's key manager, each of them once.

    It raises :class:`ProviderError` where they cannot be had, in a rehearsal always.
    """

    @functools.cache
    def fetch(ident: str) -> str:
        if connect is None:
            raise ProviderError(
                f"the secret {ident} lies in a cloud's key manager, and a rehearsal has no cloud"
            )
        from wfbreak.actions.openstack import key_manager

        return key_manager.fetch(connect(), ident)

    return fetch


def not_begun(action: About) -> Any:
    """The result of an action that has no turn, because something else of the stack has failed."""
    return actions.Result(
        error=f"{NOT_BEGUN}{action.resource}, {action.type}: something else has failed"
    )


def failed(action: About, why: str, again: Again | None = None) -> Any:
    """The result of an action that failed, in a line that says of which resource."""
    where = f" ({action.source})" if action.source else ""
    text = f"{action.resource}, {action.type}{where}: {why}"
    return actions.Result(error=again.tell(text) if again else text)


def rehearsal_for(resource: str, options: Any) -> Rehearsal:
    """The options for a resource: those of its name, else of the first pattern that fits.

    :raises ProviderError: if they are not of the form that :class:`Create` documents.
    """
    if not options:
        return Rehearsal()
    if not isinstance(options, Mapping):
        raise ProviderError("the rehearsal's options must be a map of resource names")
    chosen = options.get(resource)
    if chosen is None:
        fitting = (name for name in options if fnmatch.fnmatchcase(resource, str(name)))
        chosen = options.get(next(fitting, None))
    if not chosen:
        return Rehearsal()
    wrong = f"the rehearsal's options for {resource} must be a map of"
    if not isinstance(chosen, Mapping):
        raise ProviderError(f"{wrong} seconds, fail, fail_times and attributes")
    try:
        times = chosen.get("fail_times")
        return Rehearsal(
            seconds=float(chosen.get("seconds") or 0),
            fail=None if chosen.get("fail") in (None, False) else str(chosen["fail"]),
            fail_times=None if times is None else int(times),
            attributes=dict(chosen.get("attributes") or {}),
        )
    except (TypeError, ValueError) as error:
        raise ProviderError(f"{wrong} seconds, fail, fail_times and attributes: {error}") from None
