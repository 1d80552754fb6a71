"""Seal values for an engine's executors, which alone can open them.

The public half of their key comes from an executor itself, by a workflow of one task: nobody who
starts a stack needs a file. It is asked for each time, so that a rotation is seen at once, and only
where there is something to seal.
"""

from __future__ import annotations

from typing import Any

from wfbreak import secrets
from wfbreak.engine.asking import ask
from wfbreak.engine.client import EngineClient, EngineRefused
from wfbreak.keys import PublicKey


class Sealer:
    """Seals values for one execution of the engine's."""

    def __init__(self, client: EngineClient, execution: str) -> None:
        self._client = client
        self._execution = execution
        self._found: tuple[PublicKey, secrets.Place] | None = None

    def __call__(self, value: Any) -> dict[str, str]:
        """``value`` sealed.

        :raises SealError: if the executors have no key, or the value is no plain data.
        """
        return secrets.seal(value, *self._asked())

    def refer(self, ident: str) -> dict[str, str]:
        """The secret ``ident`` of the cloud's key manager, for an action to fetch.

        :raises SealError: if the executors have no key.
        """
        return secrets.refer(ident, *self._asked())

    def _asked(self) -> tuple[PublicKey, secrets.Place]:
        if self._found is None:
            try:
                told = ask(self._client, "public_key", {})
            except EngineRefused as error:
                raise secrets.SealError(
                    f"a hidden value cannot be sent, for the engine's executors open it: {error}"
                ) from None
            place = secrets.Place(self._execution, told["project"])
            self._found = (PublicKey.of(told["key"]), place)
        return self._found
