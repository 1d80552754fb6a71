"""Names and ids that follow from an execution and a resource, and from nothing else.

An action that runs again after a crash must find what its first run made. So nothing here is
random: everything is a hash of the execution's id, the resource's name and a purpose.
"""

from __future__ import annotations

import base64
import hashlib
import random
import uuid

_NAMESPACE = uuid.UUID("5b0c7c3a-3f5e-5d0e-9a3c-7d9b1c0f4a11")
_NAME_LIMITS = {"OS::Nova::Server": 53, "OS::Zaqar::Queue": 64}
"""Heat's ``max_server_name_length``, and what queue.py says; the other types have a limit of 255
characters."""


class Identity:
    """One resource of one execution."""

    def __init__(self, execution_id: str, stack: str, resource: str, kind: str) -> None:
        self._seed = f"{execution_id}/{resource}"
        self._stack = stack
        self._resource = resource
        self._kind = kind

    def part(self, name: str, kind: str) -> Identity:
        """Of what the resource makes for itself, like a server's ports."""
        part = Identity("", self._stack, f"{self._resource}-{name.replace(' ', '-')}", kind)
        part._seed = f"{self._seed}/{name}"
        return part

    def uuid(self, purpose: str = "") -> str:
        """A UUID, its own for each purpose; without one, the resource's physical id."""
        return str(uuid.uuid5(_NAMESPACE, f"{self._seed}/{purpose}"))

    def digest(self, purpose: str) -> bytes:
        """32 bytes for a purpose."""
        return hashlib.sha256(f"{self._seed}/{purpose}".encode()).digest()

    def number(self, purpose: str, count: int) -> int:
        """A number from 0 to ``count - 1``, as good as evenly spread."""
        return int.from_bytes(self.digest(purpose)[:8], "big") % count

    def random(self, purpose: str) -> random.Random:
        """A generator that gives the same numbers in every run."""
        return random.Random(self.digest(purpose))  # noqa: S311  # a rehearsal's, not a cipher's

    @property
    def own_name(self) -> str:
        """The resource's name within its stack."""
        return self._resource.rpartition("/")[2]

    def physical_name(self) -> str:
        """``STACK-RESOURCE-xxxxxxxxxxxx``, the name that Heat gives what has none of its own.

        Twelve letters and digits of base 32; a name beyond the type's limit keeps its first two
        characters and its end (``physical_resource_name`` in ``heat/engine/resource.py``).
        """
        suffix = base64.b32encode(self.digest("name"))[:12].decode().lower()
        name = f"{self._stack}-{self._resource.replace('/', '-')}-{suffix}"
        limit = _NAME_LIMITS.get(self._kind, 255)
        return name if len(name) <= limit else f"{name[:2]}-{name[3 - limit :]}"


def nested_stack_id(execution_id: str, resource: str) -> str:
    """The id of the stack that the resource of this whole name is."""
    return Identity(execution_id, "", resource, "").uuid("nested stack")


def nested_stack_name(execution_id: str, stack: str, resource: str) -> str:
    """The name of the stack that the resource of this whole name is."""
    return Identity(execution_id, stack, resource, "").physical_name()
