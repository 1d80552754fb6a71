"""Roles that a user or a group has in projects and domains.

A grant is no resource of Keystone's: it has no id, and granting twice is granting once. The rules
are those of heat/engine/resources/openstack/keystone/role_assignments.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from wfbreak.actions.openstack.cloud import Cloud
from wfbreak.actions.openstack.failures import NotFound
from wfbreak.actions.provider import ProviderError


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role, by its id, in one of the ``projects`` or ``domains``."""

    role: str
    scope: str
    target: str


def wanted(roles: Any, find: Callable[[str, str], str]) -> tuple[Grant, ...]:
    """The grants that the property ``roles`` asks for, each once.

    :raises ProviderError: if one names both a project and a domain, or neither; and what ``find``
        raises.
    """
    return tuple(dict.fromkeys(_wanted(entry, find) for entry in roles or ()))


def _wanted(entry: Mapping[str, Any], find: Callable[[str, str], str]) -> Grant:
    project, domain = entry.get("project"), entry.get("domain")
    if (project is None) == (domain is None):
        raise ProviderError(
            f"the role {entry['role']} is to be granted in "
            + ("no project or domain" if project is None else "a project and a domain at once")
        )
    role = find("OS::Keystone::Role", entry["role"])
    if project is not None:
        return Grant(role, "projects", find("OS::Keystone::Project", str(project)))
    return Grant(role, "domains", find("OS::Keystone::Domain", str(domain)))


def wanted_before(roles: Any, find: Callable[[str, str], str]) -> set[Grant]:
    """The grants that ``roles`` asked for, of which something may be gone."""
    found = set()
    for entry in roles or ():
        with suppress(NotFound):
            found.add(_wanted(entry, find))
    return found


def is_given(cloud: Cloud, kind: str, ident: str, grant: Grant) -> bool:
    """Whether a ``user`` or a ``group`` has been granted this. (Keystone keeps lists of grants in a
    cache, and answers this one from its database.)"""
    return is_there(cloud, _path(grant, kind, ident))


def give(cloud: Cloud, kind: str, ident: str, grants: Iterable[Grant]) -> None:
    """Grant what is not granted yet."""
    for grant in grants:
        if not is_given(cloud, kind, ident, grant):
            cloud.ask("identity", "PUT", _path(grant, kind, ident))


def take_away(cloud: Cloud, kind: str, ident: str, grants: Iterable[Grant]) -> None:
    """Take away what is granted."""
    for grant in grants:
        try:
            cloud.ask("identity", "DELETE", _path(grant, kind, ident))
        except NotFound:
            continue


def is_there(cloud: Cloud, path: str) -> bool:
    """Whether Keystone has something, that it says no more of."""
    try:
        cloud.ask("identity", "HEAD", path)
    except NotFound:
        return False
    return True


def _path(grant: Grant, kind: str, ident: str) -> str:
    return f"/{grant.scope}/{grant.target}/{kind}s/{ident}/roles/{grant.role}"
