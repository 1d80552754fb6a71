"""How a planted text may stand in what is searched for it."""

from __future__ import annotations

import base64


def forms(text: str) -> list[bytes]:
    """A text as bytes, and as base64 has it inside of a longer one, wherever it begins."""
    raw = text.encode()
    found = [raw, raw.hex().encode()]
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + raw).rstrip(b"=")
        # The first and last characters depend on what stands around.
        found.append(coded[-(-offset * 8 // 6) : -1])
    return found
