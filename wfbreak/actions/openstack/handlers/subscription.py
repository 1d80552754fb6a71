"""Who is told of what comes into a queue of Zaqar's: an address, or a workflow of Mistral's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.handlers.zaqar import ZaqarMaker
from wfbreak.actions.openstack.maker import Shown
from wfbreak.actions.provider import ProviderError

_KINDS: Final = ("http", "https", "mailto", "trust+http", "trust+https")
_TOLD: Final = ("subscriber", "ttl", "options")
_SHOWN: Final = ("id", "subscriber", "ttl", "options", "age", "confirmed")


class SubscriptionMaker(ZaqarMaker):
    """``ZaqarSubscription`` in heat/engine/resources/openstack/zaqar/subscription.py."""

    def refuse(self) -> None:
        super().refuse()
        subscriber = self.properties.get("subscriber")
        if subscriber is not None and subscriber.split(":", 1)[0] not in _KINDS:
            raise ProviderError(f"'subscriber' must begin with one of {', '.join(_KINDS)}")

    def listed(self, query: Mapping[str, Any]) -> list[Shown]:
        """Zaqar shows twenty at most, and a link to more even if there are none."""
        found: list[Shown] = []
        asked = {**query, "limit": 20}
        while True:
            answer = self.ask("GET", self.path(), params=asked) or {}
            page = answer.get("subscriptions") or []
            found += page
            links = {link["rel"]: link["href"] for link in answer.get("links") or ()}
            marker = parse_qs(urlsplit(links.get("next", "")).query).get("marker")
            if not page or not marker or marker[0] == asked.get("marker"):
                return found
            asked["marker"] = marker[0]

    def change_whole(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        told = {key: value for key, value in self.marked().items() if key in _TOLD}
        path = f"{self.path()}/{quote(self.physical_id(shown), safe='')}"
        self.ask(self.row.update, path, told)

    def attribute(self, shown: Shown, name: str) -> Any:
        if name == "show":
            told = {key: shown.get(key) for key in _SHOWN}
            return {**told, "queue_name": self.properties.get("queue_name")}
        return super().attribute(shown, name)


class MistralTriggerMaker(SubscriptionMaker):
    """``MistralTrigger``, of the same file."""

    def body(self) -> dict[str, Any]:
        fields = super().body()
        fields["subscriber"] = f"trust+{self.cloud.endpoint('workflow')}/executions"
        params = dict(self.properties["params"])
        params["env"] = {**(params.get("env") or {}), "notification": "$zaqar_message$"}
        posted = {
            "workflow_id": self.properties["workflow_id"],
            "params": params,
            "input": self.properties["input"],
        }
        fields["options"] = {"post_data": json.dumps(posted)}
        return fields

    def known_by(self) -> Mapping[str, Any]:
        return {}
