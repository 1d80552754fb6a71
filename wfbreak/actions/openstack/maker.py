"""Make a resource in a cloud, or find it made: what all types have in common.

An action may run again after a crash at any moment, so everything here is level-triggered: the
resource is looked for by a mark that follows from the execution and the resource's name, made if
there is none, and what has to be done with it afterwards may be done twice. Where a request was on
its way when its sender died, there can be two; both runs keep the older one.

What a row of the table cannot say is a subclass (``handlers``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from urllib.parse import quote

from wfbreak.actions.identity import Identity
from wfbreak.actions.openstack import body, failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.cloud import Cloud
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again
from wfbreak.types.table import CloudType, Mark, looked_up

MARK_KEY: Final = "wfbreak"
"""The key of the mark where it is an entry of a map or a field of its own."""

Shown = Mapping[str, Any]
"""A resource as the API shows it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A resource that shall exist. ``properties`` are typed, with Heat's defaults."""

    resource: str
    identity: Identity
    properties: Mapping[str, Any]
    metadata: Mapping[str, Any]

    @property
    def mark(self) -> str:
        return f"wfbreak-{self.identity.uuid('mark')}"


class Maker:
    """One resource of one type in one cloud. ``fields`` is the request for it, without the mark."""

    mark_key: ClassVar[str] = MARK_KEY

    def __init__(self, cloud: Cloud, row: CloudType, wanted: Wanted) -> None:
        self.cloud = cloud
        self.row = row
        self.wanted = wanted
        self.properties = wanted.properties
        self.fields: Mapping[str, Any] = {}

    # --- what handlers change -----------------------------------------------------------------

    def body(self) -> dict[str, Any]:
        """The fields of the request, without the mark."""
        fields = dict(self.row.constant)
        fields |= body.build(self.row.properties, self.properties, self.find_id)
        if "name" in self.row.properties:
            fields.setdefault("name", self.own_name)
        return fields

    def known_by(self) -> Mapping[str, Any] | None:
        """The fields by which it is found, if that does not take the whole request: a request may
        have to look up much, and what it names may be gone when it is deleted."""
        return None

    def finish(self, shown: Shown) -> Shown:
        """What is to be done once it is there and ready; it may be done again. Then it is shown."""
        steps = {
            rule.step: self.properties[name]
            for name, rule in self.row.properties.items()
            if rule.step is not None and self.properties.get(name)
        }
        for step, value in steps.items():
            getattr(self, f"step_{step}")(shown, value)
        return self.show(self.physical_id(shown)) if steps else shown

    def attribute(self, shown: Shown, name: str) -> Any:
        """An attribute as Heat gives it."""
        if name == "show":
            return dict(shown)
        return body.take(shown, self.row.attributes.get(name, name))

    def physical_id(self, shown: Shown) -> str:
        return str(shown[self.row.id])

    def reference(self, shown: Shown) -> str:
        """What ``get_resource`` gives."""
        return self.physical_id(shown)

    def is_same(self, found: Shown) -> bool:
        """For ``NATURAL``: whether what was found is what the request would make."""
        said = [key for key in self.row.natural if key in self.fields]
        return all(found.get(key) == self.fields[key] for key in said)

    def query(self) -> dict[str, Any]:
        """For ``NATURAL``: how the service is asked. What is inside of something is never many."""
        if "{" in self.row.path:
            return {}
        return {k: v for k in self.row.natural if isinstance(v := self.fields.get(k), str)}

    def there(self, ident: str) -> Shown:
        """What has this id, whether or not it is as wanted.

        :raises NotFound: if there is nothing.
        """
        return self.show(ident)

    def body_for_changes(self) -> dict[str, Any]:
        """The request of which a change says a part, where what is said only of a new one shall not
        be looked up or made."""
        return self.body()

    def changed(self, changes: Changes) -> dict[str, Any]:
        """The fields of the plain request that says what differs."""
        has_room = self.row.mark in (Mark.METADATA, Mark.LABEL)
        return changes.fields(self.row, self.marked() if has_room else self.fields)

    def says(self, shown: Shown, key: str, value: Any) -> bool:  # noqa: ARG002
        """Whether a field is shown with this value, so that it need not be told. Telling it again
        is well, too, but where a service takes its time for each change."""
        return False

    # --- the way of all of them ---------------------------------------------------------------

    def make(self) -> Shown:
        """The resource, found or made, ready and complete.

        :raises ProviderError: if it cannot be; with ``again`` if not yet.
        """
        self.refuse()
        known = self.known_by()
        self.fields = self.body() if known is None else known
        shown = self.found()
        if shown is None:
            if known is not None:
                self.fields = self.body()
            shown = self.made()
        shown = self.complete(shown)
        self.check(shown)
        return self.finish(shown)

    def change(self, changes: Changes) -> Shown:
        """What has the id of the ``changes``, changed in place; some of it may have been done.

        :raises NotFound: if it is gone.
        :raises ProviderError: if something cannot be changed so, or it is not ready yet.
        """
        changes.refuse(self.row)
        self.refuse()
        shown = self.there(changes.ident)
        try:
            self.fields = self.body_for_changes()
            self.carry_out(shown, changes)
        except failures.NotFound as error:  # it is something else that is missing
            raise ProviderError(str(error), error.again) from None
        shown = self.show(changes.ident)
        self.check(shown)
        return shown

    def carry_out(self, shown: Shown, changes: Changes) -> None:
        """Ask for the ``changes`` of what is ``shown``."""
        if self.row.mark is Mark.TAGS and self._is_tagged and "tags" not in changes.names:
            shown = self._tagged(shown)
        for step in changes.steps(self.row):
            getattr(self, f"change_{step}")(shown, changes)
        fields = self.changed(changes)
        if told := {k: value for k, value in fields.items() if not self.says(shown, k, value)}:
            self.update(shown, told)

    def end(self, ident: str | None) -> None:
        """Delete the resource: what has this id, or, if that is not known, all with its mark.

        :raises ProviderError: if it cannot be, or is not gone yet.
        """
        if ident:
            self.delete(ident)
            return
        known = self.known_by()
        self.fields = self.body() if known is None else known
        for found in self.candidates():
            self.delete(self.physical_id(found))

    def keep(self, ident: str) -> None:  # noqa: ARG002
        """Take a snapshot of what has this id, before it is deleted; once, however often asked.

        :raises NotFound: if it is gone.
        :raises ProviderError: if there is no such thing for the type, or it is not complete yet.
        """
        raise ProviderError("nothing of this type can be kept as a snapshot")

    def refuse(self) -> None:
        """Refuse properties that do not go together, or cannot be had.

        :raises ProviderError: with those.
        """
        for name, rule in self.row.properties.items():
            if rule.refused and self.properties.get(name) not in (None, [], {}):
                raise ProviderError(f"'{name}' cannot be had: {rule.refused}")
        for names in self.row.excludes:
            given = [name for name in names if self.properties.get(name)]
            if len(given) > 1:
                raise ProviderError(f"of {_names(given)} only one may be given")
        for names in self.row.one_of:
            if all(self.properties.get(name) is None for name in names):
                raise ProviderError(f"one of {_names(names)} must be given")

    def made(self) -> Shown:
        """The resource, which was not found, made. It is looked for once more in any case: the
        request of an earlier run may have been on its way, and this one refused because of it."""
        refusal = ProviderError("it was made and does not show", Again.PENDING)
        try:
            self.create()
        except ProviderError as error:
            refusal = error
        shown = self.found()
        if shown is None:
            raise refusal
        return shown

    def found(self) -> Shown | None:
        """What an earlier run has made. Of several that bear our mark all but the oldest are
        deleted; of those that have none, the others may be anybody's."""
        ours = sorted(
            self.candidates(), key=lambda s: (str(s.get("created_at")), self.physical_id(s))
        )
        if self.row.mark not in (Mark.NAME, Mark.NATURAL):
            for other in ours[1:]:
                self.delete(self.physical_id(other))
        return ours[0] if ours else None

    def candidates(self) -> list[Shown]:
        """All that carry the mark."""
        mark, fields = self.wanted.mark, self.fields
        match self.row.mark:
            case Mark.TAGS:
                named = self.listed({self._name_field: self.own_name})
                tagged = self.listed({"tags": mark}) if self._is_tagged else []
                return [*named, *(s for s in tagged if s not in named)]
            case Mark.METADATA:
                key = self.row.mark_field
                listed = self.listed(self._query())
                return [s for s in listed if (s.get(key) or {}).get(self.mark_key) == mark]
            case Mark.LABEL:
                key = self.row.mark_field
                return [s for s in self.listed(self._query()) if mark in (s.get(key) or ())]
            case Mark.EXTRA:
                listed = self.listed(self._query())
                return [s for s in listed if s.get(self.mark_key) == mark]
            case Mark.NAME:
                listed = self.listed({"name": fields["name"]})
                return [s for s in listed if s.get("name") == fields["name"]]
            case Mark.NATURAL:
                return [s for s in self.listed(self.query()) if self.is_same(s)]

    def marked(self) -> dict[str, Any]:
        """The request with the mark in it."""
        inside = {rule.to for rule in self.row.properties.values() if rule.inside}
        fields = {key: value for key, value in self.fields.items() if key not in inside}
        mark = self.wanted.mark
        match self.row.mark:
            case Mark.TAGS:
                fields[self._name_field] = self.own_name
            case Mark.METADATA:
                key = self.row.mark_field
                fields[key] = {**(fields.get(key) or {}), self.mark_key: mark}
            case Mark.LABEL:
                key = self.row.mark_field
                fields[key] = [*(fields.get(key) or ()), mark]
            case Mark.EXTRA:
                fields[self.mark_key] = mark
            case Mark.NAME | Mark.NATURAL:
                pass
        return fields

    def complete(self, shown: Shown) -> Shown:
        """Where the mark could not come with the request: the tag first, then the name, so that
        at every moment it is found by one of them."""
        if self.row.mark is not Mark.TAGS or not self._is_tagged:
            return shown
        try:
            return self._named(shown)
        except failures.NotFound as error:  # somebody, or a service in trouble, took it back
            raise ProviderError(f"it is gone: {error}", Again.CONFLICT) from None

    def _tagged(self, shown: Shown) -> Shown:
        tags = [*(self.properties.get("tags") or ()), self.wanted.mark]
        if set(tags) <= set(shown.get("tags") or ()):
            return shown
        self.replace_tags(shown, tags)
        return {**shown, "tags": tags}

    def _named(self, shown: Shown) -> Shown:
        shown = self._tagged(shown)
        name = self._name_field
        if shown.get(name) != self.fields[name]:
            return self.update(shown, {name: self.fields[name]})
        return shown

    def check(self, shown: Shown) -> None:
        """Whether it is ready.

        :raises ProviderError: if it is not yet, or has failed.
        """
        status = self.row.status
        if status is None:
            return
        value = str(shown.get(status.field))
        if value in status.fail:
            reason = body.take(shown, status.reason) if status.reason else None
            raise ProviderError(f"it is {value}" + (f": {reason}" if reason else ""))
        if value in status.wait or (status.ready and value not in status.ready):
            raise ProviderError(f"it is {value}", Again.PENDING)

    def unmarked(self, shown: Shown) -> Shown:
        """What is shown without the mark, as Heat's attributes show it."""
        if self.row.mark is Mark.METADATA:
            entries = shown.get(self.row.mark_field) or {}
            rest = {key: value for key, value in entries.items() if key != self.mark_key}
            return {**shown, self.row.mark_field: rest}
        if self.row.mark is Mark.LABEL:
            labels = shown.get(self.row.mark_field) or ()
            others = [label for label in labels if label != self.wanted.mark]
            return {**shown, self.row.mark_field: others}
        return {key: value for key, value in shown.items() if key != self.mark_key}

    # --- requests -----------------------------------------------------------------------------

    def show(self, ident: str) -> Shown:
        """The resource with this id.

        :raises NotFound: if there is none.
        """
        return self.one(self.ask("GET", f"{self.path()}/{quote(ident, safe='')}"))

    def listed(self, query: Mapping[str, Any]) -> list[Shown]:
        """Those in the collection that the service finds for a query."""
        try:
            answer = self.ask("GET", self.row.listing or self.path(), params=dict(query))
        except failures.NotFound:
            return []
        return list(answer[self.row.plural] if self.row.plural else answer)

    def create(self) -> None:
        self.ask("POST", self.path(), self.wrapped(self.marked()))

    def update(self, shown: Shown, changes: Mapping[str, Any]) -> Shown:
        path = f"{self.path()}/{quote(self.physical_id(shown), safe='')}"
        return self.one(self.ask(self.row.update, path, self.wrapped(changes)))

    def delete(self, ident: str) -> None:
        """Delete what has this id; what is gone already is well."""
        try:
            self.ask("DELETE", f"{self.path()}/{quote(ident, safe='')}")
        except failures.NotFound:
            return

    def replace_tags(self, shown: Shown, tags: list[str]) -> None:
        self.ask("PUT", f"{self.path()}/{self.physical_id(shown)}/tags", {"tags": tags})

    def step_tags(self, shown: Shown, tags: Any) -> None:
        if not set(tags) <= set(shown.get("tags") or ()):
            self.replace_tags(shown, list(tags))

    def change_tags(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        is_marked = self.row.mark is Mark.TAGS and self._is_tagged
        mark = [self.wanted.mark] if is_marked else []
        tags = [*(self.properties.get("tags") or ()), *mark]
        if set(tags) != set(shown.get("tags") or ()):
            self.replace_tags(shown, tags)

    def path(self) -> str:
        """The collection's path; properties tell inside of what it lies."""
        inside = {name: rule for name, rule in self.row.properties.items() if rule.inside}
        if not inside:
            return self.row.path
        given = {name: self.properties.get(name) for name in inside}
        if missing := [name for name, value in given.items() if value is None]:
            raise ProviderError(f"it lies inside of {_names(missing)}, which an id does not tell")
        return self.row.path.format_map(body.build(inside, given, self.find_id))

    def find_id(self, kind: str, name: str) -> str:
        """The id of what has this id or name, of another type.

        :raises ProviderError: if there is none, or several.
        """
        row = looked_up(kind)
        assert row is not None, kind
        return self.cloud.find(
            row.service,
            row.path,
            row.plural,
            name,
            query=row.find_query,
            microversion=row.microversion,
        )

    def known_ids(self, kind: str, names: Iterable[str]) -> set[str]:
        """The ids of those that there still are of another type."""
        found = set()
        for name in names:
            with suppress(failures.NotFound):
                found.add(self.find_id(kind, name))
        return found

    def ask(self, method: str, path: str, data: Any = None, **options: Any) -> Any:
        """A request to the type's service; the answer."""
        options.setdefault("microversion", self.row.microversion)
        return self.cloud.ask(self.row.service, method, path, data, **options)

    def wrapped(self, fields: Mapping[str, Any]) -> Any:
        return {self.row.key: dict(fields)} if self.row.key else dict(fields)

    def one(self, answer: Any) -> Shown:
        """The resource in an answer."""
        one: Shown = answer[self.row.key] if self.row.key else answer
        return one

    def _query(self) -> dict[str, Any]:
        fields = self.fields
        return {n: fields[n] for n in self.row.query if fields.get(n) is not None}

    @property
    def own_name(self) -> str:
        """The name that a resource has to which the template gives none."""
        return self.wanted.identity.physical_name()

    @property
    def _name_field(self) -> str:
        return self.row.mark_field or "name"

    @property
    def _is_tagged(self) -> bool:
        return bool(self.fields.get(self._name_field, self.own_name) != self.own_name)


def _names(properties: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in properties)
