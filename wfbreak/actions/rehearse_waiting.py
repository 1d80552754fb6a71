"""Wait conditions and their handles in a rehearsal, where nobody signals.

A wait condition is done at once: its signals count as having come, with no data, as the curl
command of Heat's documentation sends them. But one to which somebody has sent a signal
(``wfbreak signal``) before its turn takes what was sent, so that a failure can be rehearsed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wfbreak import signals
from wfbreak.actions.computed import Computed
from wfbreak.actions.identity import Identity
from wfbreak.actions.provider import CreateRequest, ProviderError

_MOST = 1000
"""Signals that are made up; a count may be a typing error."""


def compute(request: CreateRequest, identity: Identity) -> Computed | None:
    """What such a resource does; None for any other type.

    :raises ProviderError: if Heat refuses the properties.
    """
    try:
        if request.type == "OS::Heat::WaitCondition":
            return _condition(request)
        if request.type == "OS::Heat::WaitConditionHandle":
            return _handle(request.properties, identity)
    except (TypeError, ValueError) as error:
        raise ProviderError(f"bad properties: {error}") from None
    return None


def _handle(properties: Mapping[str, Any], identity: Identity) -> Computed:
    url = f"https://heat.rehearsal.test/v1/signals/{identity.uuid('signal')}/signal"
    if properties.get("signal_transport", "TOKEN_SIGNAL") != "TOKEN_SIGNAL":
        nothing = {"token": None, "endpoint": None, "curl_cli": None}
        return Computed({**nothing, "signal": json.dumps({"alarm_url": url})})
    token = f"rehearsal-{identity.uuid('token')}"
    command = (
        f"curl -i -X POST -H 'X-Auth-Token: {token}' -H 'Content-Type: application/json' "
        f"-H 'Accept: application/json' {url}"
    )
    return Computed({"token": token, "endpoint": url, "curl_cli": command, "signal": "null"})


def _condition(request: CreateRequest) -> Computed:
    handle = str(request.properties.get("handle"))
    sent = signals.received(request.signals, handle)
    failures = signals.reasons(sent, signals.Status.FAILURE)
    count = min(int(request.properties.get("count") or 1), _MOST)
    for number in range(len(sent) + 1, count + 1):
        sent.setdefault(str(number), signals.Signal())
    return Computed({"data": signals.data(sent)}, failure=";".join(failures) or None)
