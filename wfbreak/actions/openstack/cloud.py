"""A cloud's services, asked in the API's own words over an openstacksdk connection.

The connection brings the session, the endpoints and the microversions; requests and answers are the
services' own JSON, so that attributes are what Heat's clients see.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from wfbreak.actions.openstack import failures
from wfbreak.actions.provider import ProviderError


class Cloud:
    """The services that a connection (``openstack.connection.Connection``) reaches."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def get(self, service: str, path: str, **options: Any) -> Any:
        """The answer's JSON.

        :raises NotFound: if there is nothing.
        :raises ProviderError: if the service refuses, or cannot be reached.
        """
        return self.ask(service, "GET", path, **options)

    def ask(
        self,
        service: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        microversion: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a request; the answer's JSON, ``None`` for an empty one. Raises as :meth:`get`.

        ``microversion`` is the newest that the caller knows: of an older service its own newest is
        asked for.
        """
        options: dict[str, Any] = {"params": params or {}, "headers": dict(headers or {})}
        if body is not None:
            options["json"] = body
        response = self._answer(service, method, path, microversion, options)
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError:
            return response.text

    def content(self, service: str, path: str, kind: str) -> bytes:
        """What GET finds, as it is; ``kind`` is the media type that is asked for. It may be a
        secret: it stands in no log and no cache. Raises as :meth:`get`."""
        options = {"headers": {"Accept": kind}, "log": False, "skip_cache": True}
        return bytes(self._answer(service, "GET", path, None, options).content)

    def headers(
        self, service: str, method: str, path: str, headers: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Send a request that says all in its headers; those of the answer, in small letters.
        Raises as :meth:`get`."""
        options = {"headers": dict(headers or {})}
        answer = self._answer(service, method, path, None, options)
        return {name.lower(): value for name, value in answer.headers.items()}

    def endpoint(self, service: str) -> str:
        """The URL below which a service's paths lie, without a slash at its end."""
        with failures.told():
            return str(self._service(service).get_endpoint()).rstrip("/")

    def _answer(
        self, service: str, method: str, path: str, microversion: str | None, options: Any
    ) -> Any:
        from openstack import exceptions, utils

        with failures.told():
            if microversion is not None:
                options["microversion"] = utils.maximum_supported_microversion(
                    self._service(service), microversion
                )
            response = self._service(service).request(path, method, **options)
            exceptions.raise_from_response(response)
        return response

    def find(
        self,
        service: str,
        path: str,
        plural: str,
        name: str,
        *,
        query: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> str:
        """The id of what has this id or name in a collection; ``query`` narrows that down.

        :raises NotFound: if there is none.
        :raises ProviderError: if there are several of that name.
        """
        try:
            one = self.get(service, f"{path}/{quote(name, safe='')}", **options)
            return str((one if "id" in one else next(iter(one.values())))["id"])
        except (failures.NotFound, AttributeError, TypeError, KeyError, StopIteration):
            pass
        return self.find_named(service, path, plural, name, query=query, **options)

    def find_named(
        self,
        service: str,
        path: str,
        plural: str,
        name: str,
        *,
        query: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> str:
        """The id of what has this name in a collection; raises as :meth:`find`."""
        found = self.get(service, path, params={"name": name, **(query or {})}, **options)[plural]
        ids = {str(item["id"]) for item in found if item.get("name") == name}
        what = plural.replace("_", " ")
        if not ids:
            raise failures.NotFound(f"there is no '{name}' among the {what}")
        if len(ids) > 1:
            raise ProviderError(
                f"there are {len(ids)} {what} called '{name}': {', '.join(sorted(ids))}"
            )
        return ids.pop()

    def _service(self, name: str) -> Any:
        with failures.told():
            service = getattr(self.connection, name, None)
        if service is None:
            raise ProviderError(f"openstacksdk knows no service {name!r}")
        return service
