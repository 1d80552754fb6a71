"""The engine that the pages ask: the same for as long as it answers.

The embedded engine may be that of another command and end with it. Then whoever asks next looks
for another, as a new command would, or brings one up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import TypeVar

from wfbreak.engine.client import EngineClient, EngineUnreachable
from wfbreak.engine.connect import EngineOptions, connect

T = TypeVar("T")


class Engine:
    """What ``options`` name. Use it as a context manager, in which an engine of its own ends."""

    def __init__(self, options: EngineOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._held = ExitStack()
        self._client: EngineClient | None = None
        self._ended = False

    def client(self) -> EngineClient:
        """A client of it.

        :raises EngineUnreachable: if the cloud's configuration leads to no Mistral, or all ends.
        :raises EngineUnavailable: if the embedded engine cannot be started.
        """
        with self._lock:
            if self._ended:
                raise EngineUnreachable("wfbreak ui is ending")
            if self._client is None:
                self._client = self._held.enter_context(connect(self._options))
            return self._client

    def ask(self, question: Callable[[EngineClient], T]) -> T:
        """The answer, of another engine if the one before has ended. For what changes nothing.

        :raises WfbreakError: whatever the question raises.
        """
        client = self.client()
        try:
            return question(client)
        except EngineUnreachable:
            if not self._options.is_embedded:
                raise
            self._forget(client)
            return question(self.client())

    def _forget(self, client: EngineClient) -> None:
        with self._lock:
            if self._client is client:
                self._client = None

    def __enter__(self) -> Engine:
        self.client()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._ended = True
            self._held.close()
