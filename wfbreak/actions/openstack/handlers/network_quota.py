"""A project's quota of what Neutron has."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.handlers.router import RouterPart
from wfbreak.actions.openstack.maker import Shown
from wfbreak.actions.provider import ProviderError


class NetworkQuota(RouterPart):
    """``OS::Neutron::Quota``. Its id is a name, as in Heat. Deleted, the project has the default
    quota again: that is what Heat means, too, though it asks for the quota of that name."""

    def refuse(self) -> None:
        super().refuse()
        if all(self.properties.get(n) is None for n in self.row.properties if n != "project"):
            raise ProviderError("no quota is given")

    def body(self) -> dict[str, Any]:
        fields = super().body()
        fields["project"] = self._project()
        return fields

    def candidates(self) -> list[Shown]:
        try:
            return [self.show("")]
        except failures.NotFound:
            return []

    def create(self) -> None:
        self.ask("PUT", self._path(), {"quota": self._limits()})

    def show(self, ident: str) -> Shown:
        shown = self.there(ident)
        if any(shown.get(key) != value for key, value in self._limits().items()):
            raise failures.NotFound("the project has another quota")
        return shown

    def there(self, ident: str) -> Shown:  # noqa: ARG002
        shown: Shown = self.ask("GET", self._path())["quota"]
        return shown

    def change_whole(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        """A quota that is not said any more stays as it is, as in Heat."""
        self.create()

    def delete(self, ident: str) -> None:  # noqa: ARG002
        try:
            self.ask("DELETE", self._path())
        except failures.NotFound:
            return

    def physical_id(self, shown: Shown) -> str:  # noqa: ARG002
        return self.own_name

    def _limits(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in self.properties.items()
            if name != "project" and value is not None
        }

    def _path(self) -> str:
        return f"/quotas/{quote(self._project(), safe='')}"

    def _project(self) -> str:
        name = self.properties.get("project")
        if name is None:
            raise ProviderError("a quota is nothing that an external_id could name")
        return self.cloud.find("identity", "/projects", "projects", name)
