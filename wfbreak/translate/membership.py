"""Which members a group has when it is updated: those that stay keep their names, as in Heat.

A group that is made anew numbers its members. From then on a name belongs to a member as long as it
lives, and is not given again: a ``ResourceGroup`` keeps the names that removal policies took away
(``name_blacklist`` in resource_group.py), and the scaling groups, whose members have random names
in Heat, take away the oldest (instance_group.py, ``resize``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wfbreak.existing import Existing, Stock
from wfbreak.translate.template import Definition
from wfbreak.translate.values import Unknown, known


@dataclass(frozen=True, slots=True)
class Membership:
    """What exists of one group. ``names`` are its members', what is whole last, then by number;
    ``resources`` those that are resources themselves; ``skipped`` the names that are not used."""

    names: tuple[str, ...]
    resources: Mapping[str, Existing] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()

    def may_change(self, members: Iterable[Definition]) -> bool:
        """Whether an update may change one of those that stay; only the run knows what reads
        others."""
        return any(member.own_name in self.names and self._may_differ(member) for member in members)

    def _may_differ(self, member: Definition) -> bool:
        there = self.resources.get(member.own_name)
        if there is None or there.type != member.type or there.attempted is not None:
            return True
        try:
            return bool(known(member.properties) != there.properties)
        except Unknown:
            return True


def find(stock: Stock | None, group: str) -> Membership | None:
    """What exists of the group with this whole name; nothing, if it is to be made."""
    if stock is None:
        return None
    inside = f"{group}/"
    whole = {n.removeprefix(inside) for n in stock.resources if n.startswith(inside)}
    names = {name.partition("/")[0] for name in whole}
    left = [each.resource for each in stock.leftovers if each.resource.startswith(inside)]
    names |= {name.removeprefix(inside).partition("/")[0] for name in left}
    skipped = stock.skipped.get(group, ())
    if not names and not skipped:
        return None
    kept = {name.partition("/")[0] for name in whole}
    return Membership(
        tuple(sorted(names, key=lambda name: (name in kept, _number(name), name))),
        {name: stock.resources[inside + name] for name in whole if "/" not in name},
        skipped,
    )


def scaled(past: Membership | None, size: int) -> list[str]:
    """The names of a scaling group's members: the newest stay, and others get the next numbers."""
    if past is None:
        return [str(number) for number in range(size)]
    stay = sorted(past.names[max(len(past.names) - size, 0) :], key=_number)
    following = max(map(_number, past.names), default=-1) + 1
    return [*stay, *(str(following + more) for more in range(size - len(stay)))]


def removed(past: Membership | None, asked: Iterable[object], *, keep: bool) -> tuple[str, ...]:
    """The names that a ``ResourceGroup`` passes over. Removal policies may name a member, or what
    ``get_resource`` gives of one; of a group that exists, nothing else counts. ``keep``: those that
    were passed over before still are."""
    if past is None:
        return tuple(dict.fromkeys(map(str, asked)))
    found = dict.fromkeys(past.skipped if keep else ())
    for item in asked:
        name = str(item)
        if name in past.names or name in past.skipped:
            found[name] = None
        else:
            same = (own for own, there in past.resources.items() if there.ref == item)
            found |= dict.fromkeys(list(same)[:1])
    return tuple(found)


def _number(name: str) -> int:
    return int(name) if name.isdigit() else -1
