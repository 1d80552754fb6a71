"""A project's quotas in Nova, Cinder and Octavia: set, and set back to the defaults.

A quota is no resource of the service's: it is there if the values are, whoever set them. So setting
it again is all that another run has to do.
"""

from __future__ import annotations

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError

_UNLIMITED = -1


class QuotaMaker(Maker):
    """``quota.py`` of ``heat/engine/resources/openstack/nova``, of ``cinder`` and ``octavia``."""

    def refuse(self) -> None:
        super().refuse()
        named = sorted(name for name, rule in self.row.properties.items() if rule.to)
        if all(self.properties.get(name) is None for name in named):
            raise ProviderError(f"one of {', '.join(named)} must be given")

    def candidates(self) -> list[Shown]:
        try:
            return [self.show(self.own_name)]
        except failures.NotFound:
            return []

    def made(self) -> Shown:
        # A service that has no quotas at all takes them, too, and goes on to show none.
        self._check_usage()
        self.ask("PUT", self._place(), self.wrapped(self.fields))
        return self._quotas()

    def show(self, ident: str) -> Shown:  # noqa: ARG002
        """The project's quotas.

        :raises NotFound: if they are not what the properties say.
        """
        shown = self._quotas()
        wanted = self.fields or self.body()
        if any(shown.get(name) != value for name, value in wanted.items()):
            raise failures.NotFound("the quotas are others")
        return shown

    def there(self, ident: str) -> Shown:  # noqa: ARG002
        return self._quotas()

    def change_whole(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        """A quota that is not said any more stays as it is, as in Heat."""
        self.made()

    def delete(self, ident: str) -> None:  # noqa: ARG002
        try:
            self.ask("DELETE", self._place())
        except failures.NotFound:
            return

    def physical_id(self, shown: Shown) -> str:  # noqa: ARG002
        return self.own_name

    def _quotas(self) -> Shown:
        return self.one(self.ask("GET", self._place()))

    def _place(self) -> str:
        project = self.find_id("OS::Keystone::Project", self.properties["project"])
        return f"{self.path()}/{project}"

    def _check_usage(self) -> None:
        """Cinder sets a quota below what is in use; Heat does not let it."""
        if self.row.service != "block_storage":
            return
        used = self.one(self.ask("GET", self._place(), params={"usage": "True"}))
        for name, limit in self.fields.items():
            in_use = used[name]["in_use"]
            if limit != _UNLIMITED and limit < in_use:
                raise ProviderError(f"{name} must not be less than what is in use: {in_use}")
