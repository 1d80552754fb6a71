"""Random values that are the same when they are drawn again, and fit for passwords all the same.

What a resource draws at random must not change when its action runs again, and nobody who knows the
execution's id may find it out. So it is drawn from bytes that the executors derive from their key
(:meth:`wfbreak.secrets.Box.derive`). Python's own generators give their state away to whoever sees
enough of what they draw; this one does not.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from typing import Any


class Drawn(random.Random):
    """Draws as ``random.SystemRandom`` does, but the same for the same 32 secret bytes:
    HMAC-SHA256 of a counter."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._count = 0
        self._rest = b""
        super().__init__()

    def getrandbits(self, k: int) -> int:
        """A number of ``k`` bits."""
        length = (k + 7) // 8
        while len(self._rest) < length:
            counted = self._count.to_bytes(8, "big")
            self._rest += hmac.new(self._secret, counted, hashlib.sha256).digest()
            self._count += 1
        taken, self._rest = self._rest[:length], self._rest[length:]
        return int.from_bytes(taken, "big") >> (length * 8 - k)

    def random(self) -> float:
        """A number from 0 up to 1, without 1."""
        return self.getrandbits(53) / (1 << 53)

    def seed(self, *_: Any, **__: Any) -> None:
        """Does nothing: the secret is the seed."""

    def getstate(self) -> Any:
        raise NotImplementedError("it is never shown")

    def setstate(self, state: Any) -> None:
        raise NotImplementedError("it is never taken back")
