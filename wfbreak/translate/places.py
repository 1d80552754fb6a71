"""Where a stack can be stopped: before and after each thing that is done to a resource.

What is done follows from what exists: a resource is created, or updated, and what exists may be
taken away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wfbreak.existing import Existing, Stock
from wfbreak.translate.dependencies import Entry, Removal, batch_ends
from wfbreak.translate.environment import Hook
from wfbreak.translate.template import Template

_CREATE = (Hook.PRE_CREATE, Hook.POST_CREATE)
_UPDATE = (Hook.PRE_UPDATE, Hook.POST_UPDATE)
_DELETE = (Hook.PRE_DELETE, Hook.POST_DELETE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the stack can be stopped: before and after one thing that is done to a resource.

    ``types`` are the resource's, as written too. ``removes`` is the step that takes something away,
    if this is one; it is ``certain`` unless the run has yet to tell whether it is done at all.
    What ``is_there`` before the stack is only taken: a step may stop there, a breakpoint may not.
    ``batch`` is the end of one of a group's batches, if this is one.
    """

    resource: str
    hooks: tuple[Hook, ...]
    types: tuple[str, ...] = ()
    removes: Removal | None = None
    certain: bool = True
    is_there: bool = False
    batch: Entry | None = None

    @property
    def key(self) -> str:
        """What tells it from others with the same hook, as if it were a resource."""
        return f"{self.resource}/{self.batch.batch}" if self.batch else self.resource


def find(template: Template, stock: Stock | None, going: Mapping[Removal, Existing]) -> list[Place]:
    """All places, in the template's order, and then what is taken away. ``stock`` is what exists
    before an update, ``going`` what may go in it."""
    found = []
    there = stock.resources if stock is not None else {}
    around = {
        "/".join(name.split("/")[:n]) for name in there for n in range(1, name.count("/") + 2)
    }
    made = set()
    for resource in template.walk():
        made.add(resource.name)
        hooks = _UPDATE if resource.name in around else _CREATE
        types = (resource.type, resource.written_type)
        is_there = resource.external_id is not None
        found.append(Place(resource.name, hooks, types, is_there=is_there))
        if resource.nested is not None:
            for entry in batch_ends(resource.name, resource.nested):
                found.append(Place(resource.name, (Hook.POST_BATCH,), types, batch=entry))
    told = set()
    for removal, existing in going.items():
        if removal.resource in told:
            continue  # what is left over under the same name goes without a stop of its own
        told.add(removal.resource)
        certain = removal.resource not in made or not removal.is_of_present
        found.append(Place(removal.resource, _DELETE, (existing.type,), removal, certain))
    return found
