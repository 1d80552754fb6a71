"""Which of Neutron's agents a network or a router is given to. Administrators only."""

from __future__ import annotations

from typing import Any, Final

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again

_FIELDS: Final = {"dhcp-networks": "network_id", "l3-routers": "router_id"}


def assign(maker: Maker, path: str, kind: str, shown: Shown, wanted: list[str]) -> None:
    """Have the ``wanted`` agents, by their ids, and no others serve what is ``shown``.

    ``path`` lists those that do, ``kind`` is what an agent calls those that it serves.
    """
    serving = {str(agent["id"]) for agent in maker.ask("GET", path)["agents"]}
    for agent in serving - set(wanted):
        try:
            maker.ask("DELETE", f"/agents/{agent}/{kind}/{shown['id']}")
        except failures.NotFound:
            continue
    for agent in wanted:
        if agent not in serving:
            _add(maker, f"/agents/{agent}/{kind}", {_FIELDS[kind]: shown["id"]})


def _add(maker: Maker, path: str, body: dict[str, Any]) -> None:
    try:
        maker.ask("POST", path, body)
    except ProviderError as error:
        # Neutron's own scheduler was faster: then the next run finds it there.
        if error.again is not Again.CONFLICT:
            raise
