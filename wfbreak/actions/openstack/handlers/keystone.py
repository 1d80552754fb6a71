"""Keystone's things: names that say their domain, users in their groups, regions named by people.

Names are looked up as Heat does (heat/engine/clients/os/keystone): ``NAME{DOMAIN}`` is the thing of
that name in that domain. Where Heat takes the first of several that have a name, this refuses.
"""

from __future__ import annotations

import dataclasses
import re
from contextlib import suppress
from typing import Any, ClassVar
from urllib.parse import quote

from wfbreak import secrets
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.failures import NotFound
from wfbreak.actions.openstack.handlers import grants
from wfbreak.actions.openstack.handlers.grants import Grant
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError
from wfbreak.types.table import cloud_type

_IN_DOMAIN = re.compile(r"\{(.*?)\}$")

_DOMAIN = "OS::Keystone::Domain"


class KeystoneMaker(Maker):
    """What is named by its domain, too; an empty name is none."""

    def body(self) -> dict[str, Any]:
        fields = super().body()
        if "name" in self.row.properties and not fields["name"]:
            fields["name"] = self.own_name
        return fields

    def find_id(self, kind: str, name: str) -> str:
        found = _IN_DOMAIN.search(name)
        row = cloud_type(kind)
        if found is None or row is None or row.service != self.row.service:
            return super().find_id(kind, name)
        query = {"domain_id": super().find_id(_DOMAIN, found[1])}
        return self.cloud.find(
            row.service, row.path, row.plural, name[: found.start()], query=query
        )


class ProjectMaker(KeystoneMaker):
    """With a project goes the security group that Neutron has made for it."""

    def delete(self, ident: str) -> None:
        path, query = "/security-groups", {"project_id": ident, "name": "default"}
        for group in self.cloud.get("network", path, params=query)["security_groups"]:
            try:
                self.cloud.ask("network", "DELETE", f"{path}/{group['id']}")
            except NotFound:
                continue
        super().delete(ident)


class RegionMaker(KeystoneMaker):
    """A region's id may be given: as it is in a URL."""

    def body(self) -> dict[str, Any]:
        fields = super().body()
        if "id" in fields:
            fields["id"] = quote(fields["id"])
        if not fields.get("id"):
            fields.pop("id", None)
        return fields


class GranteeMaker(KeystoneMaker):
    """Who gets roles once it is there. What a grant names is looked up before anything is made."""

    kind: ClassVar[str] = "group"

    _grants: tuple[Grant, ...] = ()

    def body(self) -> dict[str, Any]:
        self._grants = grants.wanted(self.properties.get("roles"), self.find_id)
        return super().body()

    def step_roles(self, shown: Shown, _roles: Any) -> None:
        grants.give(self.cloud, self.kind, self.physical_id(shown), self._grants)

    def change_roles(self, shown: Shown, changes: Changes) -> None:
        who, was = self.physical_id(shown), changes.was("roles")
        before = {g for each in was for g in grants.wanted_before(each, self.find_id)}
        grants.take_away(self.cloud, self.kind, who, sorted(before - {*self._grants}))
        self.step_roles(shown, None)


class UserMaker(GranteeMaker):
    """A user joins groups. No refusal of Keystone's shows the password, whatever it quotes."""

    kind = "user"

    _groups: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        names = self.properties.get("groups") or ()
        self._groups = tuple(self.find_id("OS::Keystone::Group", name) for name in names)
        return super().body()

    def change_groups(self, shown: Shown, changes: Changes) -> None:
        names = [name for was in changes.was("groups") for name in was]
        for group in sorted(self.known_ids("OS::Keystone::Group", names) - {*self._groups}):
            with suppress(NotFound):
                self.ask("DELETE", f"/groups/{group}/users/{self.physical_id(shown)}")
        self.step_groups(shown, None)

    def step_groups(self, shown: Shown, _groups: Any) -> None:
        ident = self.physical_id(shown)
        for group in self._groups:
            path = f"/groups/{group}/users/{ident}"
            if not grants.is_there(self.cloud, path):
                self.ask("PUT", path)

    def ask(self, method: str, path: str, data: Any = None, **options: Any) -> Any:
        try:
            return super().ask(method, path, data, **options)
        except ProviderError as error:
            secret = frozenset(filter(None, [self.properties.get("password")]))
            raise type(error)(secrets.mask_text(str(error), secret), error.again) from None


class GrantsMaker(GranteeMaker):
    """Roles for who is there already. It has no id: its name stands for it, as in Heat, and what is
    taken away is what its properties say."""

    def make(self) -> Shown:
        self.fields = self.body()
        grants.give(self.cloud, self.kind, self.fields["id"], self._grants)
        return self.show("")

    def there(self, ident: str) -> Shown:  # noqa: ARG002
        """It is what the roles of who has them say: there is nothing to be gone."""
        return {}

    def change_roles(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        """Who had them before may be another, whom Heat forgets."""
        now = {(str(self.fields["id"]), grant) for grant in self._grants}
        for before in changes.before:
            for who in self.known_ids(f"OS::Keystone::{self.kind.title()}", [before[self.kind]]):
                had = grants.wanted_before(before.get("roles"), self.find_id)
                stale = [grant for grant in sorted(had) if (who, grant) not in now]
                grants.take_away(self.cloud, self.kind, who, stale)
        grants.give(self.cloud, self.kind, self.fields["id"], self._grants)

    def end(self, ident: str | None) -> None:  # noqa: ARG002  # it is what the properties say
        self.delete("")

    def physical_id(self, shown: Shown) -> str:  # noqa: ARG002
        return self.wanted.identity.own_name

    def show(self, ident: str) -> Shown:  # noqa: ARG002
        """Of the grants that its properties say those that there are.

        :raises NotFound: if there are none of them, or nobody who could have them.
        """
        who = str((self.fields or self.body())["id"])
        found = [
            dataclasses.asdict(grant)
            for grant in self._grants
            if grants.is_given(self.cloud, self.kind, who, grant)
        ]
        if self._grants and not found:
            raise NotFound(f"{self.wanted.resource}: nothing of it is granted")
        return {self.kind: who, "grants": found}

    def attribute(self, shown: Shown, name: str) -> Any:  # noqa: ARG002  # Heat knows none of it
        return None

    def delete(self, ident: str) -> None:  # noqa: ARG002
        try:
            who = str((self.fields or self.body())["id"])
        except NotFound:
            return
        grants.take_away(self.cloud, self.kind, who, self._grants)


class UserGrantsMaker(GrantsMaker):
    kind = "user"
