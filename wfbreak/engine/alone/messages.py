"""Messages of an embedded engine: each arrives when it is sent.

The driver with which oslo.messaging carries messages within a process looks for them 20 times a
second (oslo_messaging/_drivers/impl_fake.py, FakeListener.poll). A task takes two, one after the
other: its start and its action's end. So a chain waits most of the time. Here who listens sleeps
until something is sent.
"""

from __future__ import annotations

import functools
import threading
import time
from typing import Any


@functools.cache
def install() -> None:
    """Have this process's messages arrive at once. To be called before there is a transport."""
    from oslo_messaging._drivers import (  # type: ignore[import-untyped]
        base,
        impl_fake,
    )

    class Exchange(impl_fake.FakeExchange):  # type: ignore[misc]  # the library has no types
        """One that wakes its listeners."""

        def __init__(self, name: str) -> None:
            super().__init__(name)
            self.arrived = threading.Condition(self._queues_lock)

        def deliver_message(self, *args: Any, **options: Any) -> None:
            with self.arrived:
                super().deliver_message(*args, **options)
                self.arrived.notify_all()

    class Listener(impl_fake.FakeListener):  # type: ignore[misc]
        """One that is woken. All its targets are of one exchange, as those of an RPC server are."""

        @property
        def _exchange(self) -> Any:
            return self._exchange_manager.get_exchange(self._targets[0].exchange)

        @base.batch_poll_helper  # type: ignore[untyped-decorator]
        def poll(self, timeout: float | None = None) -> Any:
            deadline = None if timeout is None else time.monotonic() + timeout
            exchange = self._exchange
            with exchange.arrived:
                while not self._stopped.is_set():
                    for target in self._targets:
                        context, message, reply, requeue = exchange.poll(target, self._pool)
                        if message is not None:
                            return impl_fake.FakeIncomingMessage(context, message, reply, requeue)
                    left = None if deadline is None else deadline - time.monotonic()
                    if left is not None and left <= 0:
                        break
                    exchange.arrived.wait(left)
            return None

        def stop(self) -> None:
            super().stop()
            with self._exchange.arrived:
                self._exchange.arrived.notify_all()

    impl_fake.FakeExchange = Exchange
    impl_fake.FakeListener = Listener
