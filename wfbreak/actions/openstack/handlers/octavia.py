"""Octavia's things: all of one load balancer change one after the other.

Octavia locks a load balancer while it changes anything of it, and refuses what else is asked
meanwhile. That passes once the change is done, which may take as long as a machine to boot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wfbreak.actions.openstack.handlers.lasting import Lasting
from wfbreak.actions.openstack.maker import Shown
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again

_LOCKED = re.compile(r"is immutable|Invalid state")
"""``ImmutableObject`` and ``LBPendingStateError`` in octavia/common/exceptions.py."""

_TAKEN = re.compile(r"already (using|has)")
"""A port, an address, a pool's only monitor: ``Duplicate...`` there."""


class OctaviaMaker(Lasting):
    """``heat/engine/resources/openstack/octavia/octavia_base.py``."""

    def listed(self, query: Mapping[str, Any]) -> list[Shown]:
        # By its tag, so that it is not looked for among all that a project has.
        return super().listed({**query, "tags": self.wanted.mark})

    def ask(self, method: str, path: str, data: Any = None, **options: Any) -> Any:
        try:
            return super().ask(method, path, data, **options)
        except ProviderError as error:
            if error.again is Again.CONFLICT and _LOCKED.search(str(error)):
                raise ProviderError(str(error), Again.PENDING) from None
            if error.again is Again.CONFLICT and _TAKEN.search(str(error)):
                raise ProviderError(str(error)) from None
            raise


class L7PolicyMaker(OctaviaMaker):
    """``l7policy.py``: Octavia would drop in silence what an action does not need."""

    def refuse(self) -> None:
        super().refuse()
        action = self.properties["action"]
        needed = {"REDIRECT_TO_POOL": "redirect_pool", "REDIRECT_TO_URL": "redirect_url"}
        for name in needed.values():
            if (self.properties.get(name) is not None) != (needed.get(action) == name):
                is_needed = needed.get(action) == name
                raise ProviderError(f"{action} {'needs' if is_needed else 'takes no'} '{name}'")
