"""What a cloud's refusal means: for good, or for now.

Services say what went wrong in words of their own, which are kept. Whether it is worth trying again
follows from the kind of the answer: nobody there, too many requests, a conflict that passes, a
service that failed. A quota is none of these, though Neutron answers it with 409 as it does a
conflict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again

_QUOTA = re.compile(r"quota|OverLimit", re.IGNORECASE)
"""Neutron's OverQuota (409), Nova's and Cinder's "Quota exceeded" (403, 413)."""

_EXISTS = re.compile(r"already (exists|in use)|duplicate|not permitted to have two", re.IGNORECASE)
"""A conflict with what is there and stays there: another try would meet it again."""

_BY_STATUS = {
    401: Again.STALE,
    408: Again.UNREACHABLE,
    413: Again.RATE_LIMIT,
    429: Again.RATE_LIMIT,
    500: Again.SERVICE,
    502: Again.UNREACHABLE,
    503: Again.UNREACHABLE,
    504: Again.UNREACHABLE,
}


class NotFound(ProviderError):
    """The service knows no such thing."""


class NotAllowed(ProviderError):
    """The service refuses it to whoever asks."""


@contextmanager
def told() -> Iterator[None]:
    """Turn what openstacksdk and keystoneauth raise into :class:`ProviderError`."""
    from keystoneauth1 import exceptions as keystone
    from openstack import exceptions as sdk

    try:
        yield
    except sdk.HttpException as error:
        raise _answered(error) from None
    except (keystone.ConnectFailure, keystone.RetriableConnectionFailure) as error:
        raise ProviderError(_line(error), Again.UNREACHABLE) from None
    except keystone.HttpError as error:
        # Keystone's own answers, to a request for a token: 404 for an application credential that
        # was deleted.
        is_stale = error.http_status in (401, 404)
        again = Again.STALE if is_stale else _BY_STATUS.get(error.http_status)
        raise ProviderError(f"Keystone refuses: {_line(error)}", again) from None
    except keystone.EndpointNotFound as error:
        raise ProviderError(f"the cloud has no such service: {_line(error)}") from None
    except (sdk.SDKException, keystone.ClientException) as error:
        raise ProviderError(_line(error)) from None


def _answered(error: Any) -> ProviderError:
    text = " ".join(_told(error).split())
    status = error.status_code
    if status == 404:
        return NotFound(text)
    if _QUOTA.search(text) and status in (400, 403, 409, 413):
        return ProviderError(f"a quota is used up: {text}")
    if status == 409:
        return ProviderError(text, None if _EXISTS.search(text) else Again.CONFLICT)
    if status == 403:
        return NotAllowed(f"not allowed: {text}")
    return ProviderError(text or f"HTTP {status}", _BY_STATUS.get(status))


def _told(error: Any) -> str:
    """The service's own words. openstacksdk passes over those of Barbican, which has a title and a
    description where others have a message."""
    with suppress(AttributeError, ValueError):
        told = error.response.json()
        if isinstance(told, Mapping) and {"title", "description"} <= {*told}:
            return f"{told['title']}: {told['description']}"
    return str(error.details or error.message)


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
