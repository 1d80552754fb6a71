"""How a person names a secret in a cloud's key manager (Barbican): by its id, or by its address.

Of an address only the id counts. Where the key manager is, the cloud's catalogue says: whoever can
have someone use an address could otherwise have a token sent there.
"""

from __future__ import annotations

import re
from typing import Final

_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_REFERENCE: Final = re.compile(rf"(?:https?://\S+/secrets/)?({_UUID})/?", re.IGNORECASE)


def secret_id(text: str) -> str:
    """The id of the secret that ``text`` names.

    :raises ValueError: if it names none. The error does not show it: it could be a secret itself.
    """
    found = _REFERENCE.fullmatch(text.strip())
    if found is None:
        raise ValueError("a secret's id (a UUID) or its address (https://…/v1/secrets/UUID)")
    return found[1].lower()
