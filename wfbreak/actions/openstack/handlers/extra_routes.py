"""Extra routes of a router: one, or a set.

Neutron adds and removes single routes by a request of its own (``extraroute-atomic``, which a set
needs in Heat too), so that those of several resources do not overwrite each other, as in Heat.
Adding what is there changes nothing. Heat refuses that; here it may be an earlier run's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.handlers.router import RouterPart
from wfbreak.actions.openstack.maker import Shown
from wfbreak.actions.provider import ProviderError

Route = dict[str, str]


class ExtraRouteSet(RouterPart):
    """``OS::Neutron::ExtraRouteSet``. Its id is the router's, as in Heat; what is shown is the
    router."""

    def routes(self) -> list[Route]:
        """The routes that shall be there."""
        listed = self.properties.get("routes") or []
        return list(map(_said, listed))

    def candidates(self) -> list[Shown]:
        shown = self.router(self.fields["router"])
        return [shown] if self._has_all(shown) else []

    def there(self, ident: str) -> Shown:
        return self.router(self.router_of(ident))

    def change_routes(self, shown: Shown, changes: Changes) -> None:
        wanted, there = self.routes(), shown.get("routes") or []
        was = {_key(route): route for each in changes.was("routes") for route in each}
        stale = [_said(route) for route in was.values() if _said(route) not in wanted]
        if gone := [route for route in stale if route in there]:
            self._ask("remove_extraroutes", str(shown["id"]), gone)
        if missing := [route for route in wanted if route not in there]:
            self._ask("add_extraroutes", str(shown["id"]), missing)

    def create(self) -> None:
        self._ask("add_extraroutes", self.fields["router"], self.routes())

    def delete(self, ident: str) -> None:
        try:
            self._ask("remove_extraroutes", self.router_of(ident), self.routes())
        except failures.NotFound:
            return

    def show(self, ident: str) -> Shown:
        shown = self.router(self.router_of(ident))
        if not self._has_all(shown):
            raise failures.NotFound(f"the router has no such routes: {ident}")
        return shown

    def router_of(self, ident: str) -> str:
        return ident

    def _has_all(self, shown: Shown) -> bool:
        return all(route in (shown.get("routes") or []) for route in self.routes())

    def _ask(self, verb: str, router: str, routes: list[Route]) -> None:
        body: Any = {"router": {"routes": routes}}
        self.ask("PUT", f"/routers/{router}/{verb}", body)


class ExtraRoute(ExtraRouteSet):
    """``OS::Neutron::ExtraRoute``. Its id is ``ROUTER:DESTINATION:NEXTHOP``, as in Heat."""

    def routes(self) -> list[Route]:
        return [_said(self.properties)]

    def show(self, ident: str) -> Shown:
        if not self.properties:
            # Where addresses have colons it cannot be told from its id.
            raise ProviderError("an extra route is nothing that an external_id could name")
        return super().show(ident)

    def physical_id(self, shown: Shown) -> str:
        (route,) = self.routes()
        return f"{shown['id']}:{route['destination']}:{route['nexthop']}"

    def router_of(self, ident: str) -> str:
        return ident.partition(":")[0]


def _said(route: Mapping[str, Any]) -> Route:
    return {key: str(route[key]) for key in ("destination", "nexthop")}


def _key(route: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_said(route).values())
