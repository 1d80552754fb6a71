"""Aodh's alarms. What each is about lies in a rule of its kind, most of which the rows say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError

_ACTIONS: Final = ("alarm", "ok", "insufficient_data")

_NOVA_METERS: Final = frozenset(
    {
        *("instance", "cpu", "cpu_util", "vcpus"),
        *("memory", "memory.usage", "memory.resident"),
        *("disk.root.size", "disk.ephemeral.size"),
        *(
            f"{disk}.{way}.{what}{rate}"
            for disk in ("disk", "disk.device")
            for way in ("read", "write")
            for what in ("requests", "bytes")
            for rate in ("", ".rate")
        ),
        *(
            f"network.{way}.{what}{rate}"
            for way in ("incoming", "outgoing")
            for what in ("bytes", "packets")
            for rate in ("", ".rate")
        ),
    }
)
"""``NOVA_METERS`` in heat/engine/resources/alarm_base.py."""


class AlarmMaker(Maker):
    """``heat/engine/resources/alarm_base.py``, and ``aodh/alarm.py`` and ``aodh/gnocchi/alarm.py``
    in heat/engine/resources/openstack."""

    def body(self) -> dict[str, Any]:
        fields = super().body()
        fields["name"] = self.own_name
        for kind in _ACTIONS:
            fields[f"{kind}_actions"] = self._urls(kind)
        return fields

    def known_by(self) -> Mapping[str, Any]:
        return {"name": self.own_name}

    def change_whole(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        """Aodh is told the whole alarm. Where Heat leaves what is gone from a rule in it, it goes
        here."""
        known = {str(rule.to).split(".")[0] for rule in self.row.properties.values() if rule.to}
        self.update(shown, {**shown, **dict.fromkeys(known), **self.fields})

    def path(self) -> str:
        """Aodh's catalog entry has no version in it, as Heat's client expects it; openstacksdk adds
        one where Aodh tells it."""
        is_versioned = self.cloud.endpoint(self.row.service).endswith("/v2")
        return self.row.path if is_versioned else f"/v2{self.row.path}"

    def listed(self, query: Mapping[str, Any]) -> list[Shown]:
        (asked,) = query.items()
        return super().listed({"q.field": asked[0], "q.op": "eq", "q.value": asked[1]})

    def _urls(self, kind: str) -> list[str]:
        """Heat looks an action up among the names of the stack's resources, too; here no other
        resource is known.

        :raises ProviderError: if one is no URL.
        """
        urls = [str(url) for url in self.properties.get(f"{kind}_actions") or () if url]
        for url in urls:
            if not urlsplit(url).scheme:
                raise ProviderError(
                    f"'{url}' in '{kind}_actions' is no URL: of a resource, its attribute is to be "
                    "given (get_attr: [NAME, alarm_url])"
                )
        queues = self.properties.get(f"{kind}_queues") or ()
        return [*urls, *(f"trust+zaqar://?{urlencode({'queue_name': name})}" for name in queues)]


class EventAlarmMaker(AlarmMaker):
    """``EventAlarm``: a query of nothing is none, and the rule is there in any case."""

    def body(self) -> dict[str, Any]:
        fields = super().body()
        rule = fields.get("event_rule") or {}
        return {**fields, "event_rule": {key: value for key, value in rule.items() if value}}


class CompositeAlarmMaker(AlarmMaker):
    """``heat/engine/resources/openstack/aodh/composite_alarm.py``."""

    def body(self) -> dict[str, Any]:
        rule = self.properties["composite_rule"]
        return {**super().body(), "composite_rule": {rule["operator"]: rule["rules"]}}


class ThresholdAlarmMaker(AlarmMaker):
    """``AodhAlarm``: what metadata shall match becomes part of the query."""

    def body(self) -> dict[str, Any]:
        fields = super().body()
        rule = dict(fields["threshold_rule"])
        query = [*(rule.pop("query", None) or ()), *self._matching(rule["meter_name"])]
        return {**fields, "threshold_rule": rule | ({"query": query} if query else {})}

    def _matching(self, meter: str) -> list[dict[str, str]]:
        prefix = "user_metadata" if meter in _NOVA_METERS else "metering"
        found = []
        for name, value in (self.properties.get("matching_metadata") or {}).items():
            key = name.removeprefix("metadata.")
            if key.startswith(("metering.", "user_metadata.")):
                key = key.split(".", 1)[1]
            field = f"metadata.{prefix}.{key}"
            found.append({"field": field, "op": "eq", "value": str(value)})
        return found
