"""``mistral-server`` whose executor makes resources that take their time, as a cloud's do.

Each try looks whether the resource is ready, and fails with what the openstack provider says until
it is: no thread waits, the engine tries again (``wfbreak.again``). When a resource is ready is told
by the execution's env, as seconds since the epoch (``ready_at`` among the rehearsal's attributes);
without that it is at once. Run as ``python -m benchmarks.patient``, with the server's arguments.
"""

from __future__ import annotations

import sys
import time

from wfbreak.actions import making
from wfbreak.actions.provider import Created, CreateRequest, ProviderError
from wfbreak.actions.rehearse import RehearseProvider
from wfbreak.again import Again

READY_AT = "ready_at"


class PatientProvider(RehearseProvider):
    """The rehearsal's, but what is not ready is tried again."""

    def create(self, request: CreateRequest) -> Created:
        """:raises ProviderError: if it is not ready yet."""
        if time.time() < float(request.rehearsal.attributes.get(READY_AT, 0.0)):
            raise ProviderError("it is being built", Again.PENDING)
        return super().create(request)


def main() -> None:
    making.RehearseProvider = PatientProvider  # type: ignore[attr-defined]
    from mistral.cmd.launch import main as launch

    sys.exit(launch())


if __name__ == "__main__":
    main()
