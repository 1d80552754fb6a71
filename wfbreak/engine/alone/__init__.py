"""What an embedded engine need not do because it is alone: with its database, in its process.

Each measure is a module of its own, which names the work that it takes away. A cluster's engines
have none of them: there another engine may have the next message, the next job, the same row.
"""

from __future__ import annotations

from wfbreak.engine.alone import (
    checking,
    heartbeats,
    joining,
    journal,
    messages,
    reading,
    writing,
)


def install() -> None:
    """Have this process's engine do less. To be called before it has a transport."""
    messages.install()
    journal.install()
    heartbeats.install()
    joining.install()
    reading.install()
    checking.install()
    writing.install()
