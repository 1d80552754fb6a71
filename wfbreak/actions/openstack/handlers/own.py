"""The ``OS::Heat::*`` types that live in Heat's engine, made without a Heat in the cloud.

Nothing of them exists in the cloud: what they are follows from their properties and from the
execution. What is random is drawn from a secret of the executors' (:mod:`wfbreak.actions.drawn`),
so that it is the same when the action runs again. What takes its time fails as waiting until its
time is over, and so does a wait condition until its signals are there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from wfbreak import signals
from wfbreak.actions import references
from wfbreak.actions.computed import Chance, Computed, compute
from wfbreak.actions.drawn import Drawn
from wfbreak.actions.openstack.cloud import Cloud
from wfbreak.actions.openstack.handlers import curl
from wfbreak.actions.openstack.maker import Maker, Shown, Wanted
from wfbreak.actions.provider import CreateRequest, ProviderError
from wfbreak.again import Again
from wfbreak.types.table import CloudType

_KEPT_BY_HEAT: Final = frozenset(
    {
        "OS::Heat::CloudConfig",
        "OS::Heat::MultipartMime",
        "OS::Heat::SoftwareComponent",
        "OS::Heat::SoftwareConfig",
        "OS::Heat::StructuredConfig",
    }
)
"""Of these Heat keeps records of its own, which its API shows."""


class OwnMaker(Maker):
    """One such resource."""

    def __init__(self, request: CreateRequest, row: CloudType, wanted: Wanted) -> None:
        super().__init__(Cloud(None), row, wanted)
        self.request = request

    def make(self) -> Shown:
        kind = self.row.name
        if kind == "OS::Heat::WaitCondition":
            found = self._condition()
        elif kind == "OS::Heat::WaitConditionHandle":
            found = self._handle()
        else:
            chance = Chance(self.wanted.identity, self._draw)
            # A value's type is checked, and not given to it: Heat shows it as it stands.
            is_value = kind == "OS::Heat::Value"
            given = self.request.properties if is_value else self.properties
            found = compute(kind, given, chance) or Computed()
        if (left := found.seconds - self._waited(found.seconds)) > 0:
            raise ProviderError(
                f"{left:.0f} of {found.seconds:.0f} seconds are left", Again.WAITING
            )
        if found.failure is not None:
            raise ProviderError(found.failure)
        return self.show(self._id) | found.attributes

    def show(self, ident: str) -> dict[str, Any]:
        """All that there is to show of what exists nowhere."""
        return {"id": ident}

    def attribute(self, shown: Shown, name: str) -> Any:
        is_there = self.request.external_id is not None
        if self.row.name in _KEPT_BY_HEAT and (name == "show" or is_there):
            whose = " of what is there already" if is_there else ""
            raise ProviderError(
                f"the attribute '{name}'{whose} is in Heat's own records: "
                f"--provider '{self.row.name}=heat' has the cloud's Heat tell it"
            )
        return None if name == "show" else shown.get(name)

    def reference(self, shown: Shown) -> str:
        if self.row.name == "OS::Heat::UpdateWaitConditionHandle":
            return str(shown["id"])  # In Heat a URL that takes signals, of which Mistral has none.
        return references.reference(self.row.name, self.wanted.identity, shown["id"], shown)

    def end(self, ident: str | None) -> None:
        """There is nothing to delete."""

    @property
    def _id(self) -> str:
        return references.physical_id(self.row.name, self.wanted.identity, self.properties)

    def _draw(self) -> Drawn:
        derive = self.request.derive
        if derive is None:
            raise ProviderError("nothing random can be drawn: there is no secret to draw it from")
        return Drawn(derive(f"random string\0{self.request.resource}".encode()))

    def _waited(self, seconds: float) -> float:
        """The seconds since the task began; of no interest if it need not wait."""
        if seconds <= 0:
            return 0.0
        if self.request.since is None:
            raise ProviderError(
                "the task does not say when it began: translate the template again, for its input "
                "'since'"
            )
        return (datetime.now(UTC) - self.request.since).total_seconds()

    def _handle(self) -> Computed:
        transport = self.properties["signal_transport"]
        if transport == "NO_SIGNAL":
            nothing = dict.fromkeys(("token", "endpoint", "curl_cli"))
            return Computed({**nothing, "signal": "{}"})
        if transport != "TOKEN_SIGNAL":
            raise ProviderError(
                f"signals come over Mistral's API here, with a token, not by {transport}"
            )
        wanted = {str(path[0]) for path in self.request.attributes}
        if wanted.isdisjoint({"token", "endpoint", "curl_cli", "*"}):
            return Computed({"signal": "null"})
        return Computed({**curl.attributes(self.request, self._id), "signal": "null"})

    def _condition(self) -> Computed:
        """Heat looks at the time first, then at failures, then at the count (``_wait``)."""
        timeout, count = self.properties["timeout"], self.properties["count"]
        handle = self.properties["handle"]
        found = signals.received(self.request.signals, handle)
        good = signals.reasons(found, signals.Status.SUCCESS)
        so_far = f"{len(good)} of {count} received"
        if self._waited(timeout) > timeout:
            raise ProviderError(f"timed out: {so_far}" + (f" - {';'.join(good)}" if good else ""))
        if bad := signals.reasons(found, signals.Status.FAILURE):
            raise ProviderError(";".join(bad))
        if len(good) < count:
            raise ProviderError(f"for signals, {so_far}", Again.WAITING)
        return Computed({"data": signals.data(found)})
