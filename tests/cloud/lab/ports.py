"""Which port each service listens at: none is fixed, so that several clouds may run side by side.

Below the kernel's range for outgoing connections, or one of those could take a port between the
moment it is found free and the moment its service listens.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TypeVar

_FIRST = 20_000
_LAST = 32_000
_APART = 20
"""More than any kind has: places of several kinds do not overlap."""


@dataclass(frozen=True, slots=True)
class BasePorts:
    """A port of 127.0.0.1 for each listener of what all services stand on."""

    database: int
    broker: int
    broker_nodes: int
    broker_names: int


@dataclass(frozen=True, slots=True)
class Ports(BasePorts):
    """Those, and one for each service of a whole cloud."""

    keystone: int
    neutron: int
    placement: int
    glance: int
    barbican: int
    nova: int
    cinder: int
    heat: int
    mistral: int
    horizon: int


P = TypeVar("P", bound=BasePorts)


@contextmanager
def free_ports(kind: type[P]) -> Iterator[P]:
    """Ports of this kind that nothing listens at, side by side; nobody else is given them inside
    the block.

    The port before them is held meanwhile: two clouds that start at once cannot have the same.

    :raises OSError: if no such place is found.
    """
    count = len(fields(kind))
    for _ in range(200):
        first = random.randrange(_FIRST, _LAST, _APART)
        with socket.socket() as guard:
            numbers = range(first + 1, first + 1 + count)
            if _bind(guard, first) and all(map(_is_free, numbers)):
                yield kind(*numbers)
                return
    raise OSError(f"no {count} free ports between {_FIRST} and {_LAST}")


def _bind(probe: socket.socket, port: int) -> bool:
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return _bind(probe, port)
