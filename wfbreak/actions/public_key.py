"""``wfbreak.public_key``: what one needs to seal a value for the executors.

Whoever starts a stack with hidden parameters asks for it by a workflow of one task
(``workflows/public_key.yaml``). It tells no secret, and the project in the same words as the
action will find it that opens the value.
"""

from __future__ import annotations

from typing import Any

from mistral_lib import actions

from wfbreak import keys
from wfbreak.actions.context import project_id


class PublicKey(actions.Action):  # type: ignore[misc]  # the library has no types
    """Returns the public half of the key that seals, and the project of whoever asks."""

    def run(self, context: Any) -> Any:
        """``{"key": TEXT, "project": TEXT or null}``, or an error if the executor has no key."""
        try:
            ring = keys.load_keys()
        except keys.SealError as error:
            return actions.Result(error=str(error))
        if ring is None:
            return actions.Result(error=f"the executor has no key: {keys.HOW_TO_NAME}")
        return {"key": ring.sealing.text(), "project": project_id(context)}
